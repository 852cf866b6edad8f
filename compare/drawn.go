package compare

import (
	"math"
	"slices"
)

// drawnLaw is the law of differences that are tested by random signs or swaps. Of draw r it keeps the difference at which
// the draw is as far from the hypothesis as the runs are: with contributions x of sum T, weights w of sum 1 and signs s
// that is (T - sum s x)/(1 - sum s w), where x - d w are what flips under the hypothesis d. At zero it is the named test,
// and nowhere does it say more than the score test of rare changes, which counts what was not seen.
type drawnLaw struct {
	thresholds []float64 // ascending
	zero       float64   // the named test's two-sided p at no difference
	total      float64
	rare       rareLaw
	alone      bool // one unit: nothing can be said but at zero
}

// newFlipLaw is the law of sign flips of units, whose two-sided p at zero is given. units are contributions to the
// difference, weights their shares of the documents, n the number of documents.
func newFlipLaw(units, weights []float64, n int, zero float64, seed uint64, task string) drawnLaw {
	values, total := quantised(units)
	scale := quantum(units)
	l := drawnLaw{zero: zero, total: float64(total) * scale, rare: newRareLaw(units, n), alone: len(units) < 2}
	squares, shared, sizes := 0.0, 0.0, 0.0
	for u, x := range units {
		squares += float64(x * x)
		shared += float64(x * weights[u])
		sizes += float64(weights[u] * weights[u])
	}
	// Of the flipped weights only what goes with the flipped contributions matters, and their spread.
	slope := 0.0
	if squares > 0 {
		slope = shared / squares
	}
	rest := math.Sqrt(max(0, sizes-slope*shared))
	normals := newCounter(seed, task, "shift")
	sums := sampleSums(values, newCounter(seed, task, "sign-flip"))
	l.thresholds = make([]float64, len(sums))
	for r, s := range sums {
		flipped := float64(s) * scale
		weight := slope*flipped + rest*normals.normal(r)
		l.thresholds[r] = (l.total - flipped) / (1 - min(weight, 0.999))
	}
	slices.Sort(l.thresholds)
	return l
}

// newSwapLaw is the law of a corpus score: the differences of shuffled runs around the difference seen.
func newSwapLaw(difference, zero float64, shuffled, contributions []float64, n int, alone bool) drawnLaw {
	l := drawnLaw{zero: zero, total: difference, rare: newRareLaw(contributions, n), alone: alone}
	for _, s := range shuffled {
		l.thresholds = append(l.thresholds, difference-s)
	}
	slices.Sort(l.thresholds)
	return l
}

func (l drawnLaw) below(d float64) float64 {
	reached := func() int {
		at, _ := slices.BinarySearch(l.thresholds, d)
		return len(l.thresholds) - at
	}
	return l.tail(d, l.total, l.rare.below, reached, d)
}

func (l drawnLaw) above(d float64) float64 {
	reached := func() int {
		at, _ := slices.BinarySearch(l.thresholds, math.Nextafter(d, math.Inf(1)))
		return at
	}
	return l.tail(d, -l.total, l.rare.above, reached, -d)
}

// tail is the p-value in one direction: toward is the difference seen and outward the hypothesis, both as seen from it.
func (l drawnLaw) tail(d, toward float64, rare func(float64) float64, reached func() int, outward float64) float64 {
	zero := 0.5
	switch {
	case toward < 0:
		zero = l.zero / 2
	case toward > 0:
		zero = 1 - l.zero/2
	}
	switch {
	case d == 0:
		return zero
	case l.alone:
		return nested(outward, 1, zero)
	}
	raw := 0.0 // where nothing changed, only what was not seen speaks
	if len(l.thresholds) > 0 {
		raw = float64(reached()+1) / float64(len(l.thresholds)+1)
	}
	return nested(outward, max(raw, rare(d)), zero)
}
