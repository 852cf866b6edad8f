package compare

import "math"

// law is what a comparison says of a true difference, B minus A in gains: the test that decides, at every value of the
// difference and not at zero alone. Verdict, p-value and interval all come from it, so they cannot disagree.
type law interface {
	// below is the one-sided p-value of "the difference is at least d": small where the runs show that it is less. It
	// falls with d.
	below(d float64) float64
	// above is that of "the difference is at most d". It rises with d.
	above(d float64) float64
}

// beyond is the two-sided p-value of "the difference is at most margin in size".
func beyond(l law, margin float64) float64 {
	return positive(min(1, 2*min(l.below(-margin), l.above(margin))))
}

// upper is the largest difference that a one-sided test at alpha does not reject, lower the smallest. The margins are
// tried themselves, so that an end lies on the side of a margin on which the test at the margin says it lies.
func upper(l law, alpha, margin float64) float64 {
	return edge(func(d float64) bool { return l.below(d) > alpha }, margin)
}

func lower(l law, alpha, margin float64) float64 {
	return -edge(func(d float64) bool { return l.above(-d) > alpha }, margin)
}

// edge is the largest value in [-1, 1] that is kept, where all smaller ones are.
func edge(kept func(d float64) bool, margin float64) float64 {
	if kept(1) {
		return 1
	}
	low, high := -1.0, 1.0
	for _, d := range []float64{0, -margin, margin} {
		if d <= low || d >= high {
			continue
		}
		if kept(d) {
			low = d
		} else {
			high = d
		}
	}
	for high-low > 1e-9 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if kept(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// nested makes the p-values of one direction fall with d whatever two tests give: that at zero is the named test's, and
// what is rejected at zero is rejected of every smaller hypothesis. Only this side of zero is made larger or smaller.
func nested(d, raw, zero float64) float64 {
	switch {
	case d > 0:
		return min(raw, zero)
	case d < 0:
		return max(raw, zero)
	}
	return zero
}

// pairedLaw is the law of answers that are right or wrong. At zero it is McNemar's test. At another difference it is the
// chance of so large a lead of lost over won documents when each document is lost and won with the most likely chances
// that have that difference (Tango, "Equivalence test and confidence interval for the difference in proportions for the
// paired-sample design", Statistics in Medicine 17, 1998, gives them), summed exactly. Lloyd, "Exact p-values for discrete
// models obtained by estimation and maximization", Australian & New Zealand Journal of Statistics 50, 2008, has such
// estimated p-values.
type pairedLaw struct {
	lost, won, n int
	exact        bool
	logs         factorials
}

func (p pairedLaw) below(d float64) float64 {
	zero := p.zero()
	if d == 0 {
		return zero
	}
	return nested(d, p.shifted(-d), zero)
}

func (p pairedLaw) above(d float64) float64 {
	p.lost, p.won = p.won, p.lost
	return p.below(-d)
}

// zero is the one-sided p-value at no difference.
func (p pairedLaw) zero() float64 {
	two := MidP(p.lost, p.won)
	if p.exact {
		two = ExactP(p.lost, p.won)
	}
	switch {
	case p.lost > p.won:
		return two / 2
	case p.lost < p.won:
		return 1 - MidP(p.lost, p.won)/2
	}
	return 0.5
}

// shifted is the p-value of "the loss is at most loss", any share but 0.
func (p pairedLaw) shifted(loss float64) float64 {
	lost, won := likely(float64(p.lost), float64(p.won), float64(p.n), loss)
	return p.logs.lead(p.n, lost, won, p.lost-p.won)
}

// likely are the most likely chances of a lost and of a won document whose difference is loss, of lost and won documents
// among n. The counts may be fractions.
func likely(lost, won, n, loss float64) (float64, float64) {
	if loss < 0 {
		w, l := likely(won, lost, n, -loss)
		return l, w
	}
	a := 2 * n
	b := 2*n*loss - lost - won - loss*(lost-won)
	c := -won * loss * (1 - loss)
	w := (math.Sqrt(max(0, b*b-4*a*c)) - b) / (2 * a)
	w = min(max(0, w), (1-loss)/2)
	return w + loss, w
}

// rareLaw is the score test of the same chances for counts that are fractions: it says how far a difference that was
// seldom or never seen can be from zero. Lost and won are the sums of what was lost and won, size what one change is.
type rareLaw struct{ lost, won, size float64 }

// newRareLaw takes contributions to the difference of n documents. The size is the mean size of a change seen by what
// changed, to which one change of a whole document is added: what was not seen may be larger than what was.
func newRareLaw(contributions []float64, n int) rareLaw {
	whole := 1 / float64(n)
	squares, sizes := whole*whole, whole
	r := rareLaw{}
	for _, x := range contributions {
		if x < 0 {
			r.lost -= x
		} else {
			r.won += x
		}
		squares += float64(x * x)
		sizes += math.Abs(x)
	}
	r.size = squares / sizes
	return r
}

func (r rareLaw) below(d float64) float64 {
	n := 1 / r.size
	loss := -d
	l, w := likely(r.lost*n, r.won*n, n, loss)
	variance := l + w - loss*loss
	if variance <= 0 {
		return indicator(r.won-r.lost >= d)
	}
	z := (r.won - r.lost - d) * n / math.Sqrt(n*variance)
	return normalBelow(z)
}

func (r rareLaw) above(d float64) float64 {
	r.lost, r.won = r.won, r.lost
	return r.below(-d)
}

// normalBelow is the chance that a standard normal is at most z.
func normalBelow(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
