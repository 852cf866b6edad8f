package lmeval

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// rowIndex is the evaluated split with the rows of its documents.
type rowIndex struct {
	file string
	raw  []json.RawMessage
	byID map[string]int
}

// seenSource remembers the one split that is read without examples.
type seenSource struct {
	tasks.Source
	file string
	raw  []json.RawMessage
}

func (s *seenSource) Rows(dataset, split string) (string, []json.RawMessage, error) {
	file, rows, err := s.Source.Rows(dataset, split)
	s.file, s.raw = file, rows
	return file, rows, err
}

// evaluatedRows reads a task's evaluated split and finds each document's row by the document's identifier: a harness's
// is the row's number, llm-jp-eval's the record's own.
func evaluatedRows(t tasks.Task, src tasks.Source) (*rowIndex, error) {
	seen := &seenSource{Source: src}
	docs, err := t.Docs(seen, 0, tasks.Unlimited{})
	if err != nil {
		return nil, err
	}
	index := &rowIndex{file: seen.file, raw: seen.raw, byID: make(map[string]int, len(docs))}
	add := func(id tasks.DocID, row int) error {
		key, err := json.Marshal(id)
		index.byID[string(key)] = row
		return err
	}
	if t.Spec().Protocol != tasks.LLMJPEval {
		for _, d := range docs {
			row, err := strconv.Atoi(d.ID.String())
			if err != nil || row < 0 || row >= len(seen.raw) {
				return nil, fmt.Errorf("document %s has no row", d.ID)
			}
			if err := add(d.ID, row); err != nil {
				return nil, err
			}
		}
		return index, nil
	}
	for row, raw := range seen.raw {
		one, err := t.Docs(rowSource{raw}, 0, tasks.Unlimited{})
		if err != nil {
			return nil, err
		}
		for _, d := range one { // none of a record that the reference leaves out
			if err := add(d.ID, row); err != nil {
				return nil, err
			}
		}
	}
	return index, nil
}

// rowOf is a data set's row as lm-eval has it.
func rowOf(spec tasks.Spec, raw json.RawMessage, d tasks.Doc) (tasks.LMEvalRow, error) {
	v, err := python.Parse(raw)
	if err != nil {
		return tasks.LMEvalRow{}, fmt.Errorf("row: %w", err)
	}
	row, ok := v.(python.Object)
	if !ok {
		return tasks.LMEvalRow{}, errors.New("row: not an object")
	}
	if of := spec.Known().LMEvalRow; of != nil {
		return of(row, d)
	}
	return tasks.LMEvalRow{Doc: row, Target: d.Target, Whole: true}, nil
}

// aggregated are the metrics of which lm-eval keeps the pair of gold and output, to compute them over all documents.
var aggregated = []string{"bleu", "chrf", "ter"}

// metrics are a sample's values as lm-eval keeps them: a number, or what a corpus metric is aggregated from later.
func (j *Job) metrics(d Document) (python.Object, error) {
	known, pair := j.export.Metrics(d.Sample.Task), j.task.Spec().Known().Pair
	outputs := map[string]string{}
	for _, mark := range d.Sample.Marks {
		outputs[mark.Metric] = mark.Output
	}
	var values python.Object
	for _, mark := range d.Sample.Marks {
		var value any
		switch {
		case pair != nil:
			var err error
			if value, err = pair.Write(d.Doc, outputs); err != nil {
				return nil, err
			}
		case slices.Contains(aggregated, mark.Metric):
			value = []string{d.Sample.Targets[0], mark.Output}
		default:
			m, err := metricNamed(known, mark)
			if err != nil {
				return nil, err
			}
			value = m.Corpus(mark.Stat, 1)
		}
		values = append(values, python.Member{Name: mark.Metric, Value: value})
	}
	return values, nil
}

func metricNamed(known []metrics.Metric, mark results.Mark) (metrics.Metric, error) {
	for _, m := range known {
		if m.Name == mark.Metric {
			if len(mark.Stat) != m.Width {
				return m, fmt.Errorf("metric %s has %d statistics, want %d", m.Name, len(mark.Stat), m.Width)
			}
			return m, nil
		}
	}
	return metrics.Metric{}, fmt.Errorf("metric %q is unknown", mark.Metric)
}
