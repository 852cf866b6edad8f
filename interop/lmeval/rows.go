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

// rowIndex is the evaluated split with its documents and the rows that they come from.
type rowIndex struct {
	file string
	raw  []json.RawMessage
	byID map[string]evaluatedRow
}

// evaluatedRow is a row's number and its document, without examples.
type evaluatedRow struct {
	row int
	doc tasks.Doc
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

// evaluatedRows reads a task's evaluated split and finds each document's row by the document's identifier: that is the
// row's number, or, as in llm-jp-eval, the record's own, which is then found by reading the rows one by one.
func evaluatedRows(t tasks.Task, src tasks.Source) (*rowIndex, error) {
	seen := &seenSource{Source: src}
	docs, err := t.Docs(seen, t.Spec().MinShots, tasks.Unlimited{})
	if err != nil {
		return nil, err
	}
	if t.Spec().Parted {
		return partedRows(seen, docs)
	}
	index := &rowIndex{file: seen.file, raw: seen.raw, byID: make(map[string]evaluatedRow, len(docs))}
	numbered := t.Spec().Protocol != tasks.LLMJPEval // whose identifiers are numbers too, of the record's own
	for _, d := range docs {
		key, err := json.Marshal(d.ID)
		if err != nil {
			return nil, err
		}
		row, err := strconv.Atoi(d.ID.String())
		numbered = numbered && err == nil && row >= 0 && row < len(seen.raw)
		index.byID[string(key)] = evaluatedRow{row, d}
	}
	if numbered {
		return index, nil
	}
	return index, index.findRows(t)
}

// partedRows finds the rows of a benchmark that has parts. A document's identifier is the part and the row of the part, which a row
// says or is counted by.
func partedRows(seen *seenSource, docs []tasks.Doc) (*rowIndex, error) {
	index := &rowIndex{file: seen.file, raw: seen.raw, byID: make(map[string]evaluatedRow, len(docs))}
	places, counts := map[string]int{}, map[string]int{}
	for i, raw := range seen.raw {
		var row struct {
			Subject string
			Row     *int
		}
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", seen.file, i+1, err)
		}
		n := counts[row.Subject]
		counts[row.Subject]++
		if row.Row != nil {
			n = *row.Row
		}
		places[row.Subject+"-"+strconv.Itoa(n)] = i
	}
	for _, d := range docs {
		key, err := json.Marshal(d.ID)
		if err != nil {
			return nil, err
		}
		at, ok := places[d.ID.String()]
		if !ok {
			return nil, fmt.Errorf("document %s is no row of %s (--no-samples exports the results alone)", key, seen.file)
		}
		index.byID[string(key)] = evaluatedRow{at, d}
	}
	return index, nil
}

// findRows finds the row of every document by the identifiers that the rows have on their own.
func (x *rowIndex) findRows(t tasks.Task) error {
	found := map[string]bool{}
	for row, raw := range x.raw {
		one, err := t.Docs(rowSource{raw}, 0, tasks.Unlimited{})
		if err != nil {
			return err
		}
		for _, d := range one { // none of a record that the reference leaves out
			key, err := json.Marshal(d.ID)
			if err != nil {
				return err
			}
			if e, ok := x.byID[string(key)]; ok {
				x.byID[string(key)] = evaluatedRow{row, e.doc}
				found[string(key)] = true
			}
		}
	}
	for key := range x.byID {
		if !found[key] {
			return fmt.Errorf("document %s is no row of %s, so lm-eval's samples cannot hold it (--no-samples exports the results alone; csv, latex, markdown and swallow need no rows)", key, x.file)
		}
	}
	return nil
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
