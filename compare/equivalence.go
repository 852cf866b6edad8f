package compare

import (
	"fmt"
	"math"
	"slices"
)

// The limits of equivalence: the difference and the share of documents that may flip.
const (
	equivalentMargin = 0.005
	flippedShare     = 0.01
)

// equivalentMarginOf is the default margin of n documents: half a point or, of a small task, the most that not one flipped
// document leaves open, below which nothing could be shown.
func equivalentMarginOf(n int, alpha float64) float64 {
	return max(equivalentMargin, shareBound(0, float64(n), alpha))
}

// flipRule is one way in which a task can be shown not to be equivalent.
type flipRule struct {
	task  int
	p     float64
	share float64
	count int
	what  string
}

// equivalence judges the same model in other arithmetic. A task is not equivalent where more of its documents flipped
// than the tolerated share explains, or more were lost, or won, than its margin explains: one-sided binomial tests, with
// Holm over all of them. It is equivalent where what was lost and what was won are each shown to lie within the margin, at
// the plain level, as every task must. Both only ever become worse with another flip of a document, so fewer flips are
// never a worse verdict: gains do not make up for losses.
func equivalence(tests []taskTest, alpha float64) {
	var rules []flipRule
	for i := range tests {
		if r := &tests[i].row; r.Verdict != Incomparable && !r.Unchanged {
			rules = append(rules, tests[i].flipRules(i)...)
		}
	}
	hypotheses := make([]hypothesis, len(rules))
	for k, r := range rules {
		hypotheses[k] = hypothesis{p: r.p}
	}
	adjusted, _ := holm(hypotheses, alpha)
	for i := range tests {
		tests[i].equivalent(alpha)
	}
	for k, rule := range rules {
		r := &tests[rule.task].row
		if adjusted[k] <= alpha && r.Verdict != NotEquivalent {
			r.Verdict, r.Underpowered = NotEquivalent, false
			r.Reason = fmt.Sprintf("%d of %d %s: more than %s %% at %s %%", rule.count, r.N, rule.what, short(100*rule.share), short(100*(1-alpha)))
		}
	}
}

// flipRules are the tests of a task that are adjusted with all others. Lost and won documents need their own only where
// the margin is less than the share that may flip.
func (t *taskTest) flipRules(task int) []flipRule {
	r := &t.row
	flips := make([]float64, len(t.flips))
	for u, n := range t.flips {
		flips[u] = float64(n)
	}
	rules := []flipRule{{task, t.tooMany(flips, flippedShare), flippedShare, r.Flipped, "flipped"}}
	if r.Margin < flippedShare {
		rules = append(rules,
			flipRule{task, min(1, 2*t.tooMany(t.lost, r.Margin)), r.Margin, r.Lost, "lost"},
			flipRule{task, min(1, 2*t.tooMany(t.won, r.Margin)), r.Margin, r.Won, "won"})
	}
	return rules
}

// tooMany is the p-value of "at most this share": the chance of a sum as large where the share is true. Units of several
// documents count with no more than 1, 2, 4, ... documents each, as one trial of that many, which has the widest
// distribution that such units can have (Hoeffding, "Probability inequalities for sums of bounded random variables",
// JASA 58, 1963); the least p of these counts is taken. Each falls with every further flip, and so does the least.
func (t *taskTest) tooMany(amounts []float64, share float64) float64 {
	p, n := 1.0, float64(t.row.N)
	largest := max(1, slices.Max(amounts))
	for limit := 1.0; ; limit *= 2 {
		sum := 0.0
		for _, a := range amounts {
			sum += min(a, limit)
		}
		p = min(p, upperTail(sum/limit, n/limit, share))
		if limit >= largest {
			return p
		}
	}
}

// equivalent sets the interval of what was lost and won, and the verdict as far as it shows equivalence.
func (t *taskTest) equivalent(alpha float64) {
	r := &t.row
	switch {
	case r.Verdict == Incomparable:
		return
	case r.Unchanged:
		r.Verdict = Identical
		return
	}
	r.Interval = Interval{-bounded(t.lost, r.N, alpha), bounded(t.won, r.N, alpha), 1 - 2*alpha}
	if -r.Interval.Low <= r.Margin && r.Interval.High <= r.Margin {
		r.Verdict = Equivalent
		return
	}
	r.Underpowered = true
	r.Reason = fmt.Sprintf("what was lost or won could be more than %s", pointsOf(r.Margin))
}

// bounded is the upper bound of Clopper and Pearson for a share of the documents, from what the units lost. Where units
// lost more than a document each, they count as so many fewer pieces of evidence: the design effect is estimated from what
// was lost alone, so that nothing lost is a bound on documents, which covers at its level where documents flip one by one.
// Where they would flip b together it misses as often as none does, in (1-share)^(n/b) of runs. To count units there
// instead would leave a task of few clusters open when not a document flipped.
func bounded(amounts []float64, n int, alpha float64) float64 {
	sum, squares := 0.0, 0.0
	for _, a := range amounts {
		sum += a
		squares += float64(a * a)
	}
	effect := 1.0
	if sum > 0 {
		effect = max(1, squares/sum)
	}
	return shareBound(sum/effect, float64(n)/effect, alpha)
}

// short writes a number without needless zeros.
func short(v float64) string { return fmt.Sprint(math.Round(v*1e6) / 1e6) }
