// Package jpharness reads the result files of the LM evaluation harnesses: of Stability AI's JP fork with the details of
// its documents, which it scores again, and what those of EleutherAI's harness of 2023 and lm-eval 0.4 record, whose
// outputs are in files of their own.
package jpharness

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Read reads a result file of a harness: {"results": {task: {metric: value}}, "versions": {}}, of which the
// JP harness's carries "details", a list of documents, beside a task's metrics (models/*/result.mgsm.json of
// Stability-AI/lm-evaluation-harness). each is given the task's name, the document's number and its detail, or what is
// wrong with it; it may be nil. Tasks come in the file's order. The error is that of a file which cannot be read to its
// end.
func Read(name string, r io.Reader, each func(task string, i int, d tasks.JPDetail, problem error) error) ([]series.Result, error) {
	w := python.NewWalker(name, r)
	var list []series.Result
	seen := false
	members := map[string][]string{}
	err := w.Document(python.Visitor{Member: func(key string) error {
		if key == "group_subtasks" {
			return readMembers(w, members)
		}
		if key != "results" {
			return w.Skip()
		}
		seen = true
		return w.Value(python.Visitor{Member: func(task string) error {
			if slices.ContainsFunc(list, func(r series.Result) bool { return r.Name == task }) {
				return fmt.Errorf("%s: the task occurs twice", task)
			}
			result := series.Result{Name: task, Metrics: map[string]series.Recorded{}}
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
	for i := range list {
		list[i].Group = len(members[list[i].Name]) > 0
	}
	return list, err
}

// readMembers reads which tasks lm-eval 0.4 averaged over under which name.
func readMembers(w *python.Walker, members map[string][]string) error {
	raw, err := w.Raw()
	if err != nil {
		return err
	}
	var found map[string][]string
	if json.Unmarshal(raw, &found) == nil { // another shape names no groups
		maps.Copy(members, found)
	}
	return nil
}

// readMetric reads one member of a task's results.
func readMetric(w *python.Walker, result *series.Result, metric string, each func(string, int, tasks.JPDetail, error) error) error {
	if metric != "details" {
		raw, err := w.Raw()
		result.Metrics[metric] = series.ParseRecorded(raw)
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
		d, problem := parseDetail(raw)
		return each(result.Name, i, d, problem)
	}})
}

func parseDetail(raw json.RawMessage) (tasks.JPDetail, error) {
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
		return tasks.JPDetail{}, python.FieldError(err)
	}
	detail := tasks.JPDetail{Completion: d.Completion, Correct: d.Acc}
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
			return tasks.JPDetail{}, fmt.Errorf("%s %w", field.name, err)
		}
		*field.into = text
	}
	return detail, nil
}
