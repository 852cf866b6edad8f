package compare

import (
	"fmt"
	"math"
)

// family are the tests of one or more comparisons that are adjusted together.
type family struct {
	comparisons []*Comparison
	tests       [][]taskTest
}

// conclude adjusts the p-values, which fixes each test's level, and with it intervals, detectable losses and verdicts.
func (f family) conclude(o Options) {
	for i, c := range f.comparisons {
		c.Averages = averages(f.tests[i], c.Tier, o)
		groups, untested := c.groupAverages(f.tests[i], o)
		c.Averages, c.Untested = append(c.Averages, groups...), untested
	}
	hypotheses := f.hypotheses(o)
	adjust, name := holm, "holm"
	if o.FDR {
		adjust, name = benjaminiHochberg, "benjamini-hochberg"
	}
	adjusted, levels := adjust(hypotheses, o.Alpha)
	next := 0
	take := func(p, level *float64) {
		*p, *level = adjusted[next], levels[next]
		next++
	}
	f.each(func(c *Comparison, t *taskTest) {
		take(&t.row.PAdjusted, &t.row.Alpha)
		if c.Tier == TierDifferent {
			t.judge(o.Alpha)
		}
	}, func(a *Average) {
		take(&a.PAdjusted, &a.Alpha)
		a.judge(o.Alpha)
	})
	for i, c := range f.comparisons {
		c.Adjustment, c.Family = name, len(hypotheses)
		c.close(f.tests[i], o.Alpha)
	}
}

// each visits the family's hypotheses in order: of every comparison its comparable tasks, then its gated averages.
func (f family) each(task func(c *Comparison, t *taskTest), average func(a *Average)) {
	for i, c := range f.comparisons {
		for k := range f.tests[i] {
			if t := &f.tests[i][k]; t.row.Verdict != Incomparable {
				task(c, t)
			}
		}
		for k := range c.Averages {
			if c.Averages[k].Gated {
				average(&c.Averages[k])
			}
		}
	}
}

// hypotheses sets every task's margin and its p-value beyond it, and returns what is adjusted together, in each's order.
func (f family) hypotheses(o Options) []hypothesis {
	var all []hypothesis
	f.each(func(c *Comparison, t *taskTest) {
		r := &t.row
		r.Margin = margin(o.Margin, c.Tier, r.N, o.Alpha)
		r.PBeyond = r.P
		if c.Tier == TierDifferent && r.Margin > 0 {
			r.PBeyond = max(r.P, beyond(t.law, r.Margin))
		}
		all = append(all, hypothesis{r.PBeyond, r.LeastP})
	}, func(a *Average) { all = append(all, hypothesis{a.PBeyond, a.LeastP}) })
	return all
}

// close gives the verdicts that a tier has of its own, and takes over the tasks' rows.
func (c *Comparison) close(tests []taskTest, alpha float64) {
	switch c.Tier {
	case TierIdentical:
		for k := range tests {
			tests[k].sameArithmetic()
		}
	case TierEquivalent:
		equivalence(tests, alpha)
	}
	for k := range tests {
		tests[k].finish()
		c.Tasks = append(c.Tasks, tests[k].row)
	}
}

// sameArithmetic is the verdict where nothing may change.
func (t *taskTest) sameArithmetic() {
	switch r := &t.row; {
	case r.Verdict == Incomparable:
	case r.Unchanged:
		r.Verdict = Identical
	default:
		r.Verdict = Changed
		r.Interval = t.interval(r.Alpha/2, r.Alpha/2)
	}
}

// interval are the differences that one-sided tests at the two levels leave.
func (t *taskTest) interval(low, high float64) Interval {
	return Interval{lower(t.law, low, t.row.Margin), upper(t.law, high, t.row.Margin), 1 - low - high}
}

// judge decides whether B is worse than A: its p-value against the margin, adjusted, says whether a difference beyond it
// is shown, its sign which. That a loss beyond the margin is ruled out is a statement of its own at the plain level: a
// gate that asks it of every task needs no adjustment (Berger, "Multiparameter hypothesis testing and acceptance
// sampling", Technometrics 24, 1982).
func (t *taskTest) judge(alpha float64) {
	r := &t.row
	m, side := r.Margin, r.Alpha/2
	if r.Unchanged {
		r.Verdict = Identical
		return
	}
	worse := t.law.below(-m) <= t.law.above(m)
	switch significant := r.PAdjusted <= alpha; {
	case significant && worse:
		r.Verdict = Regressed
	case significant:
		r.Verdict = Improved
	case m > 0 && t.law.above(-m) <= alpha:
		r.Verdict = OK
		r.Interval = t.interval(alpha, alpha)
	}
	if r.Verdict != OK {
		r.Interval = t.interval(side, side)
	}
	r.DetectableDrop = t.found(side, m)
	r.Underpowered = r.Verdict == NoEvidence && (m == 0 || t.shown(alpha, m) < power)
	if r.Verdict == NoEvidence {
		t.needed(side, alpha)
	}
}

// needed says what it would take to see more than this comparison sees.
func (t *taskTest) needed(side, alpha float64) {
	r := &t.row
	spread := max(r.StdErr, 1/float64(r.N))
	switch loss := -r.Difference; {
	case loss > r.Margin:
		z := (normalQuantile(1-side) + normalQuantile(power)) * spread / (loss - r.Margin)
		r.DocumentsNeeded = max(r.N+1, int(math.Ceil(float64(r.N)*z*z)))
		r.Reason = fmt.Sprintf("a loss of %s on %d documents is not more than chance explains", pointsOf(loss), r.N)
		if r.DetectableDrop > 0 {
			r.Reason += fmt.Sprintf("; found would be one of %s here", pointsOf(r.DetectableDrop))
		} else {
			r.Reason += "; no loss at all would be found here"
		}
		r.Reason += fmt.Sprintf(", and one of %s from about %d documents on", pointsOf(loss), r.DocumentsNeeded)
	case r.Margin > 0:
		z := (normalQuantile(1-alpha) + normalQuantile(power)) * spread / r.Margin
		r.DocumentsNeeded = max(r.N+1, int(math.Ceil(float64(r.N)*z*z)))
		r.Reason = fmt.Sprintf("a loss beyond %s is not ruled out; that would take about %d documents", pointsOf(r.Margin), r.DocumentsNeeded)
	}
}

// finish turns gains into B minus A: of an error rate a rise is a loss.
func (t *taskTest) finish() {
	if r := &t.row; r.LowerIsBetter && r.Verdict != Incomparable {
		r.Difference = 0 - r.Difference
		if r.Interval != (Interval{}) {
			r.Interval = Interval{-r.Interval.High, -r.Interval.Low, r.Interval.Level}
		}
	}
}

func pointsOf(share float64) string { return fmt.Sprintf("%.1f points", 100*share) }
