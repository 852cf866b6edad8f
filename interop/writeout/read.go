// Package writeout reads the files that EleutherAI's harness of 2023 writes with --write_out, and scores them again.
package writeout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Read reads a <task>_write_out_info.json of EleutherAI's harness (lm_eval/evaluator.py at 3ccea2b). The file
// does not say of which task it is. each is given the record's number and the record, or what is wrong with it. A
// position that occurs twice is an error naming both records, as is a file that cannot be read to its end.
func Read(name string, r io.Reader, each func(i int, record tasks.WriteOutDoc, problem error) error) error {
	w := python.NewWalker(name, r)
	seen := map[int]int{}
	notList := errors.New("not a list of documents")
	return w.Document(python.Visitor{
		Element: func(i int) error {
			raw, err := w.Raw()
			if err != nil {
				return err
			}
			record, problem := parse(raw)
			if problem == nil {
				if first, twice := seen[record.DocID]; twice {
					return fmt.Errorf("record %d: document %d occurs twice, first as record %d", i, record.DocID, first)
				}
				seen[record.DocID] = i
			}
			return each(i, record, problem)
		},
		Member: func(string) error { return notList },
		Scalar: func(json.Token) error { return notList },
	})
}

func parse(raw json.RawMessage) (tasks.WriteOutDoc, error) {
	var r tasks.WriteOutDoc
	fields, err := python.Members(raw)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(fields["doc_id"], &r.DocID); err != nil || r.DocID < 0 {
		return r, fmt.Errorf("doc_id is missing or no position")
	}
	delete(fields, "doc_id")
	r.Truth = fields["truth"]
	delete(fields, "truth")
	for i := 0; ; i++ {
		prompt, answer := "prompt_"+strconv.Itoa(i), "logit_"+strconv.Itoa(i)
		if fields[prompt] == nil && fields[answer] == nil {
			break
		}
		var text string
		if err := json.Unmarshal(fields[prompt], &text); err != nil {
			return r, fmt.Errorf("%s is missing or no text", prompt)
		}
		a, err := series.ParseAnswer(fields[answer])
		if err != nil {
			return r, fmt.Errorf("%s: %w", answer, err)
		}
		r.Prompts, r.Answers = append(r.Prompts, text), append(r.Answers, a)
		delete(fields, prompt)
		delete(fields, answer)
	}
	if len(r.Answers) == 0 {
		return r, errors.New("prompt_0 and logit_0 are missing")
	}
	r.Metrics = map[string]string{}
	for metric, value := range fields {
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			text = string(value)
		}
		r.Metrics[metric] = text
	}
	return r, nil
}
