package results

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// HarnessResult is one task of a harness's result file: what it records, without the documents' details.
type HarnessResult struct {
	// Name is the harness's key, for example "mgsm-1.0-0.4": task, task version, prompt version.
	Name string
	// Metrics are the recorded values by key; lm-eval 0.4 appends a comma and the filter's name to a key.
	Metrics map[string]Recorded
	// Details counts the documents whose details the file carries.
	Details int
}

// versions end a name of the JP harness.
var versions = regexp.MustCompile(`-[0-9][0-9.]*-[0-9][0-9.]*$`)

// Task is the name without versions.
func (r HarnessResult) Task() string { return versions.ReplaceAllString(r.Name, "") }

// JPDetail is what the JP LM Evaluation Harness at 9b42d41 keeps of one document with --verbose, in evaluation order. Which
// fields there are depends on the task; a nil field is not there.
type JPDetail struct {
	// Completion is the model's text for MGSM, Response that for other tasks. A response that is a number is the index
	// of a choice.
	Completion, Response *string
	// Question is the document's own text, Context the whole prompt.
	Question, Context string
	// Extracted is the answer the harness found, "[invalid]" where it found none. Numbers keep all their digits.
	Extracted, Answer *string
	// Gold is the text to summarise to, or an object of answers, or the index of a choice.
	Gold json.RawMessage
	// Correct is the recorded verdict.
	Correct *bool
}

// ReadHarnessResult reads a result file of a harness: {"results": {task: {metric: value}}, "versions": {}}, of which the
// JP harness's carries "details", a list of documents, beside a task's metrics (models/*/result.mgsm.json of
// Stability-AI/lm-evaluation-harness). each is given the task's name, the document's number and its detail, or what is
// wrong with it; it may be nil. Tasks come in the file's order. The error is that of a file which cannot be read to its
// end.
func ReadHarnessResult(name string, r io.Reader, each func(task string, i int, d JPDetail, problem error) error) ([]HarnessResult, error) {
	w := python.NewWalker(name, r)
	var list []HarnessResult
	seen := false
	err := w.Document(python.Visitor{Member: func(key string) error {
		if key != "results" {
			return w.Skip()
		}
		seen = true
		return w.Value(python.Visitor{Member: func(task string) error {
			if slices.ContainsFunc(list, func(r HarnessResult) bool { return r.Name == task }) {
				return fmt.Errorf("%s: the task occurs twice", task)
			}
			result := HarnessResult{Name: task, Metrics: map[string]Recorded{}}
			err := w.Value(python.Visitor{Member: func(metric string) error {
				return readMetric(w, &result, metric, each)
			}})
			list = append(list, result)
			return err
		}})
	}})
	if err == nil && !seen {
		err = fmt.Errorf(`%s: no "results"`, name)
	}
	return list, err
}

// readMetric reads one member of a task's results.
func readMetric(w *python.Walker, result *HarnessResult, metric string, each func(string, int, JPDetail, error) error) error {
	if metric != "details" {
		raw, err := w.Raw()
		result.Metrics[metric] = ParseRecorded(raw)
		return err
	}
	return w.Value(python.Visitor{Element: func(i int) error {
		result.Details++
		if each == nil {
			return w.Skip()
		}
		raw, err := w.Raw()
		if err != nil {
			return err
		}
		d, problem := parseJPDetail(raw)
		return each(result.Name, i, d, problem)
	}})
}

func parseJPDetail(raw json.RawMessage) (JPDetail, error) {
	var d struct {
		Completion *string         `json:"completion"`
		Question   any             `json:"question"`
		Context    any             `json:"context"`
		Response   json.RawMessage `json:"response"`
		Extracted  json.RawMessage `json:"extracted_answer"`
		Answer     json.RawMessage `json:"answer"`
		Gold       json.RawMessage `json:"gold"`
		Acc        *bool           `json:"acc"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return JPDetail{}, python.FieldError(err)
	}
	detail := JPDetail{Completion: d.Completion, Correct: d.Acc}
	detail.Question, _ = d.Question.(string)
	detail.Context, _ = d.Context.(string)
	if string(d.Gold) != "null" {
		detail.Gold = d.Gold
	}
	for _, field := range []struct {
		name string
		raw  json.RawMessage
		into **string
	}{{"response", d.Response, &detail.Response}, {"extracted_answer", d.Extracted, &detail.Extracted}, {"answer", d.Answer, &detail.Answer}} {
		text, err := python.Scalar(field.raw)
		if err != nil {
			return JPDetail{}, fmt.Errorf("%s %w", field.name, err)
		}
		*field.into = text
	}
	return detail, nil
}
