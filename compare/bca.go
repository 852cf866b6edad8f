package compare

import (
	"math"
	"slices"
)

// The bias-corrected and accelerated bootstrap: resamples, and the most units it is computed for. Beyond, the mean of so
// many is normal and Student's interval is the same.
const (
	bcaResamples = 2000
	bcaUnits     = 5000
)

// bca is the bias-corrected and accelerated bootstrap of a mean of units: documents, or clusters of several.
type bca struct {
	sorted       []float64 // resampled means
	bias         float64   // z0
	acceleration float64
}

// newBCa resamples units (sums of differences, sizes in documents) with replacement. It is nil where the units do not
// differ, or are too few or many. Efron, "Better bootstrap confidence intervals", JASA 82, 1987; the acceleration is the
// jackknife's. Draws are keyed by seed and task.
func newBCa(sums, sizes []float64, seed uint64, task string) *bca {
	n := len(sums)
	if n < 2 || n > bcaUnits {
		return nil
	}
	total, documents := 0.0, 0.0
	for u := range sums {
		total += sums[u]
		documents += sizes[u]
	}
	mean := total / documents
	cubes, squares, center := 0.0, 0.0, 0.0
	without := make([]float64, n)
	for u := range sums {
		without[u] = (total - sums[u]) / (documents - sizes[u])
		center += without[u] / float64(n)
	}
	for _, v := range without {
		d := center - v
		squares += float64(d * d)
		cubes += float64(d * d * d)
	}
	if squares < 1e-24 {
		return nil
	}
	b := &bca{sorted: make([]float64, bcaResamples), acceleration: cubes / (6 * math.Pow(squares, 1.5))}
	random := newCounter(seed, task, "bca")
	below := 0.0
	for r := range b.sorted {
		sum, size := 0.0, 0.0
		for i := range n {
			u := int(random.uniform(r, i) * float64(n))
			sum += sums[u]
			size += sizes[u]
		}
		b.sorted[r] = sum / size
		switch v := b.sorted[r]; {
		case math.Abs(v-mean) < 1e-12:
			below += 0.5
		case v < mean:
			below++
		}
	}
	slices.Sort(b.sorted)
	share := min(max(below, 1), bcaResamples-1) / bcaResamples
	b.bias = normalQuantile(share)
	return b
}

// interval is the interval at a level.
func (b *bca) interval(level float64) Interval {
	at := func(tail float64) float64 {
		z := b.bias + normalQuantile(tail)
		moved := b.bias + z/(1-b.acceleration*z)
		return quantile(b.sorted, math.Erfc(-moved/math.Sqrt2)/2)
	}
	tail := (1 - level) / 2
	low, high := at(tail), at(1-tail)
	return Interval{max(-1, min(low, high)), min(1, max(low, high)), level}
}
