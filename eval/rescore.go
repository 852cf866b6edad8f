package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Rescored is one task's samples scored again, without a model.
type Rescored struct {
	Task   string          `json:"task"`
	Title  string          `json:"title"`
	N      int             `json:"n"`
	Values []results.Value `json:"values"`
	// Hole says why the column has no number; there are no values then.
	Hole string `json:"hole,omitempty"`
	// Unmeasured are the metrics without a number beside those that have one.
	Unmeasured []results.Unmeasured `json:"unmeasured,omitempty"`
	// Subjects are the first metric's values by the parts of a benchmark that has parts.
	Subjects []results.Subject `json:"subjects,omitempty"`
	// Changed lists the documents whose output or statistics differ from what the samples recorded.
	Changed []Changed `json:"changed"`
	// Unjudged counts documents with programs that nothing ran. Where there are any there are no values.
	Unjudged int `json:"unjudged,omitempty"`

	parts []string // each document's Subject
}

// Changed is one metric of one document that no longer scores as recorded.
type Changed struct {
	DocID    json.RawMessage `json:"doc_id"`
	Position int             `json:"position"`
	Metric   string          `json:"metric"`
	Recorded string          `json:"recorded_output"`
	Now      string          `json:"output"`
}

// Rescore scores the samples of one task again from the answers they hold.
func Rescore(file string, r io.Reader, find func(task string) (tasks.Task, error)) (Rescored, error) {
	var out Rescored
	var task tasks.Task
	var stats [][]metrics.Stat
	last := -1
	err := results.ReadSamples(file, r, func(s results.Sample) error {
		if task == nil {
			t, err := find(s.Task)
			if err != nil {
				return err
			}
			spec := t.Spec()
			if len(spec.Metrics) == 0 {
				return fmt.Errorf("%s cannot be scored: %s", spec.Name, spec.Hole)
			}
			task, out.Task, out.Title = t, spec.Name, spec.Title
			stats = make([][]metrics.Stat, len(spec.Metrics))
		}
		if s.Task != out.Task {
			return fmt.Errorf("a sample of %s among those of %s", s.Task, out.Task)
		}
		if s.Position <= last {
			return fmt.Errorf("position %d after %d: samples are not in document order", s.Position, last)
		}
		last = s.Position
		return out.add(task, s, stats)
	})
	if err != nil {
		return out, err
	}
	if task == nil {
		return out, fmt.Errorf("%s: no samples", file)
	}
	if out.Unjudged > 0 {
		return out, nil
	}
	var score results.Score
	give(&score, task.Spec().Metrics, stats)
	out.Values, out.Unmeasured, out.Hole = score.Values, score.Unmeasured, score.Hole
	out.Subjects = bySubject(task.Spec().Metrics[0], out.parts, stats[0])
	return out, nil
}

// add scores one sample.
func (o *Rescored) add(task tasks.Task, s results.Sample, stats [][]metrics.Stat) error {
	if len(s.Targets) == 0 || len(s.Exchanges) == 0 {
		return fmt.Errorf("document %s has no targets or no exchanges", s.DocID)
	}
	doc := tasks.Doc{Choices: s.Choices, Target: s.Target, Targets: s.Targets, Fault: s.Fault}
	if err := json.Unmarshal(s.DocID, &doc.ID); err != nil {
		return err
	}
	doc.Subject = task.Spec().SubjectOf(doc.ID)
	for i, x := range s.Exchanges {
		if x.Kind == string(tasks.Generate) && x.Text == nil || x.Kind == string(tasks.LogLikelihood) && x.Log == nil {
			return fmt.Errorf("document %s: exchange %d has no answer", s.DocID, i)
		}
	}
	o.N++
	if _, ok := tasks.AsJudged(task); ok && tasks.Unjudged(Responses(s)) > 0 {
		o.Unjudged++
		return nil
	}
	o.parts = append(o.parts, doc.Subject)
	for k, output := range task.Outputs(doc, Responses(s)) {
		m := task.Spec().Metrics[k]
		stat := m.Each(output, s.Targets)
		stats[k] = append(stats[k], stat)
		for _, mark := range s.Marks {
			if mark.Metric == m.Name && (mark.Output != output || !slices.Equal(mark.Stat, stat)) {
				o.Changed = append(o.Changed, Changed{s.DocID, s.Position, m.Name, mark.Output, output})
			}
		}
	}
	return nil
}
