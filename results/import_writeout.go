package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// WriteOutRecord is one document of the file that EleutherAI's harness writes with --write_out.
type WriteOutRecord struct {
	// DocID is the position in evaluation order, which the file also gives by its order.
	DocID int
	// Prompts are the requests' arguments run together, context and continuation; a generation's end in the word
	// "until", the key of its second argument.
	Prompts []string
	// Answers are one per request: a text, a log-probability, or one with its flag.
	Answers []Answer
	// Truth is the gold answer: the index of a choice, or the answer as it would stand in a prompt.
	Truth json.RawMessage
	// Metrics are str() of the document's value of each metric: a number, or what is aggregated later.
	Metrics map[string]string
}

// ReadWriteOut reads a <task>_write_out_info.json of EleutherAI's harness (lm_eval/evaluator.py at 3ccea2b). The file
// does not say of which task it is. each is given the record's number and the record, or what is wrong with it. A
// position that occurs twice is an error naming both records, as is a file that cannot be read to its end.
func ReadWriteOut(name string, r io.Reader, each func(i int, record WriteOutRecord, problem error) error) error {
	w := python.NewWalker(name, r)
	seen := map[int]int{}
	notList := errors.New("not a list of documents")
	return w.Document(python.Visitor{
		Element: func(i int) error {
			raw, err := w.Raw()
			if err != nil {
				return err
			}
			record, problem := parseWriteOut(raw)
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

func parseWriteOut(raw json.RawMessage) (WriteOutRecord, error) {
	var r WriteOutRecord
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
		a, err := parseAnswer(fields[answer])
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

// SQuADPair is what the harness aggregates SQuAD 2.0 from: a prediction and the gold answers to it.
type SQuADPair struct {
	ID          string
	Prediction  string
	Probability float64 // that there is no answer
	Answers     []string
}

// ParseSQuADPair reads the pair from str() of its tuple, ({'id', 'prediction_text', 'no_answer_probability'}, {'id',
// 'answers': {'text', 'answer_start'}}).
func ParseSQuADPair(text string) (SQuADPair, error) {
	v, err := python.Literal(text)
	if err != nil {
		return SQuADPair{}, err
	}
	return squadPair(v)
}

// squadPair takes the pair from decoded values, JSON's or Python's.
func squadPair(v any) (SQuADPair, error) {
	var p SQuADPair
	wrong := errors.New("not a pair of a prediction and its answers")
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return p, wrong
	}
	prediction, ok1 := pair[0].(map[string]any)
	reference, ok2 := pair[1].(map[string]any)
	if !ok1 || !ok2 {
		return p, wrong
	}
	answers, ok3 := reference["answers"].(map[string]any)
	texts, ok4 := answers["text"].([]any)
	p.Prediction, ok1 = prediction["prediction_text"].(string)
	p.Probability, ok2 = python.Float64(prediction["no_answer_probability"])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return p, wrong
	}
	p.ID, _ = prediction["id"].(string)
	for _, t := range texts {
		text, ok := t.(string)
		if !ok {
			return p, wrong
		}
		p.Answers = append(p.Answers, text)
	}
	return p, nil
}
