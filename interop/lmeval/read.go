// Package lmeval reads, scores again and writes the files of lm-eval 0.4: samples_<task>_<date>.jsonl and
// results_<date>.json.
package lmeval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Sample is one document of lm-eval 0.4 under one filter.
type Sample struct {
	DocID json.RawMessage
	// Filter names how answers were reduced; files up to 0.4.2 do not name it, and "series 1", "series 2" stand for them.
	Filter string
	// Doc is the data set's row, which a task may have extended.
	Doc    json.RawMessage
	Target string
	// Answers are the model's, one per request; Filtered what the filter made of them.
	Answers, Filtered []tasks.Answer
	// FilteredProblem says why Filtered could not be read.
	FilteredProblem error
	// Prompts are the requests' first arguments, Continuations the second where it is a text; nil where the file does not
	// hold them in a known form.
	Prompts, Continuations []string
	// Metrics are the document's recorded values.
	Metrics map[string]json.RawMessage
	// Origin is there in files that this program exported.
	Origin *Origin
}

// Origin is what an exported sample was made of.
type Origin struct {
	// Position is the place in evaluation order, which metrics that draw from the documents depend on.
	Position int `json:"position"`
	// DocID is the document's own identifier, Cluster that of its material.
	DocID   json.RawMessage `json:"doc_id"`
	Cluster string          `json:"cluster"`
	Fault   string          `json:"fault"`
	// Seen is what the model saw and how it ended, by request.
	Seen []Seen `json:"seen"`
}

// Seen is what of an Exchange lm-eval has no place for.
type Seen struct {
	Finish       string `json:"finish"`
	PromptTokens int    `json:"prompt_tokens"`
	OutputTokens int    `json:"output_tokens"`
	Dropped      int    `json:"dropped_tokens"`
	Lost         int    `json:"lost_tokens"`
	// Verdict is on the answer as a program.
	Verdict string `json:"verdict"`
}

// Read reads samples of lm-eval 0.4: JSON Lines (samples_<task>_<date>.jsonl of 0.4.3 and later,
// lm_eval/loggers/evaluation_tracker.py) or one JSON array (0.4.0 to 0.4.2). The file does not say of which task it is.
//
// Several filters give several series over the same documents; the same document twice under one filter is an error
// that names both places. Documents that merely equal each other are none. each is given the sample, or what is wrong
// with it. The error is that of a file which cannot be read to its end.
func Read(name string, r io.Reader, each func(at series.Place, s Sample, problem error) error) error {
	br := bufio.NewReaderSize(r, 1<<20)
	all := filters{seen: map[string]series.Place{}}
	take := func(at series.Place, raw []byte) error {
		s, problem := parse(raw)
		if problem == nil {
			if err := all.add(at, &s); err != nil {
				return err
			}
		}
		return each(at, s, problem)
	}
	if first, err := firstByte(br); err == nil && first == '[' {
		w := python.NewWalker(name, br)
		err := w.Document(python.Visitor{Element: func(i int) error {
			raw, err := w.Raw()
			if err != nil {
				return err
			}
			return take(series.Place{Record: i}, raw)
		}})
		if err == nil {
			err = all.even(name)
		}
		return err
	}
	at := series.Place{}
	for {
		at.Line++
		line, err := br.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if !json.Valid(line) { // Python may have written NaN
				if quoted, qerr := io.ReadAll(python.NewReader(bytes.NewReader(line))); qerr == nil {
					line = quoted
				}
			}
			if terr := take(at, line); terr != nil {
				return fmt.Errorf("%s: %w", name, terr)
			}
			at.Record++
		}
		if err == io.EOF {
			return all.even(name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// firstByte peeks at the first byte that is not white space.
func firstByte(br *bufio.Reader) (byte, error) {
	for {
		b, err := br.ReadByte()
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n"), rune(b)) {
			return b, br.UnreadByte()
		}
	}
}

// filters tells series from duplicates.
type filters struct {
	seen map[string]series.Place
	// Where the file names no filter, the documents come filter by filter: a new series begins where the first document
	// comes again. sizes are the documents of each, again the first repetitions.
	first []byte
	sizes []int
	again error
}

// add names the sample's series and refuses a duplicate.
func (l *filters) add(at series.Place, s *Sample) error {
	named := s.Filter != ""
	if !named {
		if l.first == nil || bytes.Equal(l.first, s.DocID) {
			l.first = s.DocID
			l.sizes = append(l.sizes, 0)
		}
		l.sizes[len(l.sizes)-1]++
		s.Filter = "series " + strconv.Itoa(len(l.sizes))
	}
	key := s.Filter + "\x00" + string(s.DocID)
	if before, twice := l.seen[key]; twice {
		return fmt.Errorf("%s: document %s under filter %s occurs twice, first on %s", at, s.DocID, s.Filter, before)
	}
	l.seen[key] = at
	if !named && len(l.sizes) > 1 && l.again == nil {
		before := l.seen["series 1\x00"+string(s.DocID)]
		l.again = fmt.Errorf("%s: document %s occurs twice, first on %s", at, s.DocID, before)
	}
	return nil
}

// even checks that unnamed series hold equally many documents: else they are duplicates.
func (l *filters) even(name string) error {
	for _, n := range l.sizes {
		if n != l.sizes[0] {
			return fmt.Errorf("%s: %w", name, l.again)
		}
	}
	return nil
}

// known are a sample's members that are no metrics.
var known = []string{
	"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "doc_hash", "prompt_hash", "target_hash",
}

func parse(raw []byte) (Sample, error) {
	var s Sample
	fields, err := python.Members(raw)
	if err != nil {
		return s, err
	}
	for _, name := range []string{"doc_id", "doc", "resps", "filtered_resps"} {
		if fields[name] == nil {
			return s, fmt.Errorf("%s is missing", name)
		}
	}
	s.DocID, s.Doc = fields["doc_id"], fields["doc"]
	if v := fields["filter"]; v != nil {
		if err := json.Unmarshal(v, &s.Filter); err != nil || s.Filter == "" {
			return s, errors.New("filter is not a name")
		}
	}
	if v := fields["target"]; v != nil && json.Unmarshal(v, &s.Target) != nil {
		s.Target = string(v) // 0.4.2 leaves numbers and lists as they are
	}
	var resps [][]json.RawMessage
	if err := json.Unmarshal(fields["resps"], &resps); err != nil {
		return s, errors.New("resps is not a list of requests' lists of answers")
	}
	for i, repeats := range resps {
		if len(repeats) != 1 {
			return s, fmt.Errorf("resps holds %d answers to request %d, want 1", len(repeats), i)
		}
		a, err := series.ParseAnswer(repeats[0])
		if err != nil {
			return s, fmt.Errorf("resps of request %d: %w", i, err)
		}
		s.Answers = append(s.Answers, a)
	}
	s.Filtered, s.FilteredProblem = parseFiltered(fields["filtered_resps"])
	if v := fields[jpharness.OriginKey]; v != nil {
		if err := json.Unmarshal(v, &s.Origin); err != nil || len(s.Origin.DocID) == 0 || len(s.Origin.Seen) != len(s.Answers) {
			return s, fmt.Errorf("%s does not tell where the sample comes from", jpharness.OriginKey)
		}
		delete(fields, jpharness.OriginKey)
	}
	s.Metrics = readMetrics(fields)
	s.Prompts, s.Continuations = readArguments(fields["arguments"], len(s.Answers))
	return s, nil
}

// readArguments reads "arguments": a list of the requests' argument lists, or since 0.4.3 an object of objects,
// {"gen_args_0": {"arg_0": prompt, "arg_1": {...}}}.
func readArguments(raw json.RawMessage, n int) (prompts, continuations []string) {
	var lists [][]json.RawMessage
	var objects map[string]map[string]json.RawMessage
	if json.Unmarshal(raw, &objects) == nil && objects != nil {
		for i := range len(objects) {
			request := objects["gen_args_"+strconv.Itoa(i)]
			lists = append(lists, []json.RawMessage{request["arg_0"], request["arg_1"]})
		}
	} else if json.Unmarshal(raw, &lists) != nil {
		return nil, nil
	}
	if len(lists) != n {
		return nil, nil
	}
	for _, arguments := range lists {
		var prompt, continuation string
		if len(arguments) == 0 || json.Unmarshal(arguments[0], &prompt) != nil {
			return nil, nil
		}
		if len(arguments) > 1 && json.Unmarshal(arguments[1], &continuation) != nil {
			continuation = "" // the options of a generation
		}
		prompts, continuations = append(prompts, prompt), append(continuations, continuation)
	}
	return prompts, continuations
}

// parseFiltered reads filtered_resps: an answer a request, or a list of one.
func parseFiltered(raw json.RawMessage) ([]tasks.Answer, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, errors.New("filtered_resps is not a list")
	}
	answers := make([]tasks.Answer, len(list))
	for i, v := range list {
		var inner []json.RawMessage
		if json.Unmarshal(v, &inner) == nil && len(inner) == 1 {
			v = inner[0]
		}
		var err error
		if answers[i], err = series.ParseAnswer(v); err != nil {
			return nil, fmt.Errorf("filtered_resps of request %d: %w", i, err)
		}
	}
	return answers, nil
}

// readMetrics are the members that "metrics" names, or, where it is absent, all that are not known otherwise.
func readMetrics(fields map[string]json.RawMessage) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	var names []string
	if json.Unmarshal(fields["metrics"], &names) == nil {
		for _, name := range names {
			if v := fields[name]; v != nil {
				values[name] = v
			}
		}
		return values
	}
	for name, v := range fields {
		if !slices.Contains(known, name) {
			values[name] = v
		}
	}
	return values
}
