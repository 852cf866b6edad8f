package eval

import (
	"fmt"
	"math"
	"strconv"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Limit restricts a task to its first documents: a count, or a fraction of the task below 1. The zero value is no
// restriction.
type Limit struct {
	value float64
	set   bool
}

// ParseLimit reads the value of --limit. As in the harnesses, 1 and above is a count, and anything below 1 is a fraction; "" is no
// limit. A count that is no whole number, which they cut, is nobody's meaning.
func ParseLimit(s string) (Limit, error) {
	if s == "" {
		return Limit{}, nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 || v > 1 && v != math.Trunc(v) {
		return Limit{}, fmt.Errorf("--limit %q is neither a whole number of documents from 1 on nor a fraction below 1", s)
	}
	return Limit{v, true}, nil
}

// String is the limit as a user would write it, "" for none.
func (l Limit) String() string {
	if !l.set {
		return ""
	}
	return strconv.FormatFloat(l.value, 'g', -1, 64)
}

// Count is the number of documents evaluated of a task that has total, when the limit is the task's own.
func (l Limit) Count(total int) int {
	switch {
	case !l.set:
		return total
	case l.value >= 1:
		return int(min(l.value, float64(total)))
	default:
		return int(l.value * float64(total))
	}
}

// Counter returns the function that gives the number of documents evaluated of a task of p that has total; ts are the
// tasks asked for.
func (l Limit) Counter(p tasks.Profile, ts []tasks.Task, source func() Source, b tasks.Budget) (func(t tasks.Task, total int) int, error) {
	shared := map[tasks.Protocol]int{}
	for _, protocol := range p.SharedFraction {
		n, ok, err := l.sharedCount(protocol, ts, source, b)
		if err != nil {
			return nil, err
		}
		if ok {
			shared[protocol] = n
		}
	}
	return func(t tasks.Task, total int) int {
		if n, ok := shared[t.Spec().Protocol]; ok {
			return min(n, total)
		}
		return l.Count(total)
	}, nil
}

// sharedCount is the number of documents that every task of a harness that shares its fraction gets; ok is false where
// each task's own number counts.
//
// The English harness (lm_eval/evaluator.py at 3ccea2b) overwrites the fraction with the count it gave for the first
// task in the order of names, so every later task gets that same count. The quirk is kept: the fraction is taken of
// the task that would come first among those asked for.
func (l Limit) sharedCount(protocol tasks.Protocol, ts []tasks.Task, source func() Source, b tasks.Budget) (n int, ok bool, err error) {
	if !l.set || l.value >= 1 {
		return 0, false, nil
	}
	var first tasks.Task
	for _, t := range ts {
		s := t.Spec()
		if s.Protocol == protocol && (first == nil || s.Reference < first.Spec().Reference) {
			first = t
		}
	}
	if first == nil {
		return 0, false, nil
	}
	_, total, err := tasks.Some(first, source(), 0, b, tasks.First(0))
	if err != nil {
		return 0, false, fmt.Errorf("--limit %v is a fraction of %s: %w", l, first.Spec().Name, err)
	}
	return l.Count(total), true, nil
}
