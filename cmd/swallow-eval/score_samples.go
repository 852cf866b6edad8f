package main

import (
	"errors"
	"os"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// holeError is why the samples of a task cannot be scored although they can be read.
type holeError struct{ task, title, reason string }

func (e *holeError) Error() string { return e.task + ": " + e.reason }

// samples scores our own samples of one task.
func (s *scorer) samples(path string) ([]scored, error) {
	out := scored{File: path, Format: results.KindSamples, Protocol: s.profile.Name, Values: []scoredValue{}}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := eval.Rescore(path, f, s.scorable)
	err = errors.Join(err, f.Close())
	var missing *holeError
	if errors.As(err, &missing) {
		out.Task, out.Source, out.Title, out.Hole = missing.task, missing.task, missing.title, missing.reason
		out.Total, err = countSamples(path)
		return []scored{out}, err
	}
	if err != nil {
		return nil, err
	}
	out.Task, out.Source, out.Title, out.N, out.Total, out.Changed = r.Task, r.Task, r.Title, r.N, r.N, r.Changed
	for _, v := range r.Values {
		out.Values = append(out.Values, scoredValue{Value: v, Verdict: out.eachVerdict(v.Metric)})
	}
	return []scored{out}, nil
}

// scorable returns a task that has metrics.
func (s *scorer) scorable(name string) (tasks.Task, error) {
	for _, t := range s.profile.Tasks {
		spec := t.Spec()
		if spec.Name != name {
			continue
		}
		if why := holeOf(spec); why != "" {
			return nil, &holeError{spec.Name, spec.Title, why}
		}
		return t, nil
	}
	return nil, &holeError{name, "", "no task of profile " + s.profile.Name}
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
