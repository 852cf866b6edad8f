package runs

import (
	"errors"

	"github.com/swallow-eval/swallow-eval/compare"
)

// How says how the documents of two runs are paired.
type How struct {
	// Common pairs the documents that both runs have, Across those of runs of two profiles.
	Common, Across bool
	// Metrics are put before the published columns' own: NAME, or TASK=NAME.
	Metrics []string
}

// Paired is runs beside the first of them.
type Paired struct {
	All []Side
	// Pairings are those of the runs after the first, Refused why one of them cannot be compared, nil where it can.
	Pairings []compare.Pairing
	Refused  []error
}

// Beside reads runs and puts them beside the first. Where all are ours they are read condensed, and whole only if digests tell that
// requests differ: then it is said in what.
func (l Loader) Beside(first string, others []string, how How) (p Paired, err error) {
	condense := true
	for _, path := range append([]string{first}, others...) { // another program's file has requests of its own form
		ours, err := IsOurs(path)
		if err != nil {
			return p, err
		}
		condense = condense && ours
	}
	err = CondensedFirst(func(condensed bool) (differ bool, err error) {
		l.Condensed = condensed && condense
		p, differ, err = l.beside(first, others, how)
		return differ, err
	})
	return p, err
}

// beside reads runs as the loader says; differ tells that condensed ones must be read whole.
func (l *Loader) beside(first string, others []string, how How) (p Paired, differ bool, err error) {
	a, err := l.Load(first)
	if err != nil {
		return p, false, err
	}
	p.All = []Side{a}
	for _, path := range others {
		b, err := l.Load(path)
		if err != nil {
			return p, false, err
		}
		p.All = append(p.All, b)
		left := a.RunData
		if err := ByMetrics(&left, &b.RunData, how.Metrics); err != nil {
			return p, false, err
		}
		pairing, err := Pair(left, b.RunData, how.Common, how.Across, l.Profiles.Metric(a, b))
		if err != nil && !errors.Is(err, compare.ErrIncomparable) {
			return p, false, err
		}
		if l.Condensed && RequestsDiffer(pairing) {
			return p, true, nil
		}
		p.Pairings, p.Refused = append(p.Pairings, pairing), append(p.Refused, err)
	}
	return p, false, nil
}
