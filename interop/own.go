package interop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// holeError is why the samples of a task cannot be scored although they can be read.
type holeError struct{ task, title, reason string }

func (e *holeError) Error() string { return e.task + ": " + e.reason }

// samples scores our own samples of one task.
func (s *Scorer) samples(path string) ([]series.Series, error) {
	run, rerr := results.ReadRun(filepath.Dir(path))
	profile, err := s.recordedProfile(path, run, rerr)
	if err != nil {
		return nil, err
	}
	out := series.Series{File: path, Format: series.KindSamples, Protocol: profile.Profile, Values: []series.Value{}}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := eval.Rescore(path, f, profile.scorable)
	err = errors.Join(err, f.Close())
	named, verr := vouch(path, run, rerr)
	if verr != nil {
		return nil, verr
	}
	var missing *holeError
	if errors.As(err, &missing) {
		out.Task, out.Source, out.Title, out.Hole = missing.task, missing.task, missing.title, missing.reason
		out.Total, err = countSamples(path)
		named.judge(&out)
		return []series.Series{out}, err
	}
	if err != nil {
		return nil, err
	}
	out.Task, out.Source, out.Title, out.N, out.Total, out.Changed = r.Task, r.Task, r.Title, r.N, r.N, r.Changed
	out.Hole = r.Hole
	if r.Unjudged > 0 {
		out.Hole = fmt.Sprintf("its answers are programs, and nothing ran those of %d of %d documents: judge does", r.Unjudged, r.N)
	}
	out.Subjects = r.Subjects
	for _, v := range r.Values {
		out.Values = append(out.Values, series.Value{Value: v, Verdict: out.EachVerdict(v.Metric)})
	}
	for _, u := range r.Unmeasured {
		out.Values = append(out.Values, series.Unmeasured(u.Metric, series.NothingRecorded(u.Metric), u.Hole))
	}
	named.judge(&out)
	return []series.Series{out}, nil
}

// recordedProfile is the scorer under the profile that the run beside a samples file recorded. A file without a run, or
// with one that could not be read, is scored under the scorer's own: vouch tells of it.
func (s *Scorer) recordedProfile(samples string, run results.Run, unread error) (*Scorer, error) {
	if unread != nil || run.Profile == "" || run.Profile == s.Profile || s.Other == nil {
		return s, nil
	}
	other, fresh := *s, s.Fresh()
	fresh.Profile = run.Profile
	var err error
	if fresh.Tasks, err = s.Other(run); err != nil {
		return nil, fmt.Errorf("%s: %w", samples, err)
	}
	other.Scorer = fresh
	return &other, nil
}

// title is that of the profile's task of the name, "" for none.
func (s *Scorer) title(name string) string {
	t, ok := s.Find(func(spec tasks.Spec) bool { return spec.Name == name })
	if !ok {
		return ""
	}
	return t.Spec().Title
}

// scorable returns a task that has metrics.
func (s *Scorer) scorable(name string) (tasks.Task, error) {
	for _, t := range s.Tasks {
		spec := t.Spec()
		if spec.Name != name {
			continue
		}
		if why := s.Missing(spec); why != "" {
			return nil, &holeError{spec.Name, spec.Title, why}
		}
		return t, nil
	}
	return nil, &holeError{name, "", "no task of profile " + s.Profile}
}

func countSamples(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	n := 0
	err = results.ReadSamples(path, f, func(results.Sample) error { n++; return nil })
	return n, errors.Join(err, f.Close())
}
