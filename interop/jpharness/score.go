package jpharness

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// details is a task of the JP harness with details.
type details struct {
	*series.Tally
	score func(d tasks.JPDetail) (outputs, targets []string, recorded map[string]string, err error)
}

// Score scores the details of a result file and keeps what it records of other tasks. Details are scored as they are
// read, before the values that the file records of them.
func Score(s *series.Scorer, path string) ([]series.Series, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	byName := map[string]details{}
	var order []string
	list, err := Read(path, f, func(name string, i int, d tasks.JPDetail, problem error) error {
		t, ok := byName[name]
		if !ok {
			t = begin(s, path, name)
			byName[name] = t
			order = append(order, name)
		}
		t.take(i, d, problem)
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	var out []series.Series
	var rest []series.Result
	for _, r := range list {
		if r.Details == 0 {
			rest = append(rest, r)
		}
	}
	s.Remember(path, rest)
	for _, name := range order {
		i := slices.IndexFunc(list, func(r series.Result) bool { return r.Name == name })
		out = append(out, byName[name].Finish(func(key string) series.Recorded {
			if r, ok := list[i].Metrics[key]; ok {
				return r
			}
			return series.ParseRecorded(nil)
		}))
	}
	return out, nil
}

// begin begins a task's series.
func begin(s *series.Scorer, path, name string) details {
	t := details{Tally: series.NewTally(s.Begin(path, series.KindHarness, name, tasks.HarnessJP, ""), nil)}
	task := series.Result{Name: name}.Task()
	ours, ok := s.Find(func(spec tasks.Spec) bool { return spec.Known().JPHarness.Name == task })
	if !ok {
		t.Hole = holes[task]
		if t.Hole == "" {
			t.Hole = "it is not known what its details hold; those of " + strings.Join(scorable(s), " and ") + " can be scored"
		}
		return t
	}
	spec := ours.Spec()
	t.score = spec.Known().JPHarness.Score
	if t.Hole = spec.Known().JPHarness.Hole; t.score != nil {
		t.ScoreBy(spec.Metrics)
		t.Hole = s.Missing(spec)
	}
	return t
}

// holes are tasks of the JP harness that are none of ours and whose details are known not to hold what a score needs.
var holes = map[string]string{
	"jaqket_v2": "its exact_match and f1 are of the harness's own jasquad metric, which is none of this program's",
}

// scorable are the harness's names of the tasks whose details hold all.
func scorable(s *series.Scorer) []string {
	var names []string
	for _, t := range s.Tasks {
		if known := t.Spec().Known().JPHarness; known.Score != nil {
			names = append(names, known.Name)
		}
	}
	slices.Sort(names)
	return names
}

// take scores one document.
func (t details) take(i int, d tasks.JPDetail, problem error) {
	at := series.Place{Record: i}
	if t.Hole != "" {
		t.Total++
		return
	}
	if problem != nil {
		t.Refuse(at, nil, problem)
		return
	}
	outputs, targets, recorded, err := t.score(d)
	if err != nil {
		t.Refuse(at, nil, err)
		return
	}
	if text, ok := recorded["extracted_answer"]; ok && text != outputs[0] {
		t.Change(at, nil, "extracted_answer", text, outputs[0])
	}
	answer := d.Completion
	if answer == nil {
		answer = d.Response
	}
	t.Add(at, nil, outputs, targets, recorded, results.Sample{
		DocHash: series.ContentHash(append([]string{"jp-harness", d.Question}, targets...)...), Exchanges: series.AskedOnce(d.Context, answer),
	})
}
