package compare

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outcomes visits every outcome of n documents that are lost and won with the given chances, and its chance.
func outcomes(n int, lost, won float64, visit func(lost, won int, chance float64)) {
	logs := newFactorials(n)
	theta := lost / (lost + won)
	for k := range n + 1 {
		p := logs.share(n, k, lost+won)
		if p < 1e-8 {
			continue
		}
		for l := range k + 1 {
			if q := p * logs.share(k, l, theta); q > 1e-10 {
				visit(l, k-l, q)
			}
		}
	}
}

// The sum over all outcomes is the plain one.
func TestLead(t *testing.T) {
	for _, c := range []struct {
		n         int
		lost, won float64
	}{{5, 0.3, 0.2}, {40, 0.05, 0.02}, {120, 0.03, 0}, {120, 0, 0.03}, {30, 0.6, 0.4}, {400, 0.05, 0.04}, {7, 0, 0}} {
		f := newFactorials(c.n)
		for d := -c.n; d <= c.n; d += max(1, c.n/9) {
			atLeast := 0.0
			for l := range c.n + 1 {
				for w := range c.n - l + 1 {
					p := f.share(c.n, l+w, min(1, c.lost+c.won))
					if l+w > 0 {
						p *= f.share(l+w, l, c.lost/max(1e-300, c.lost+c.won))
					}
					if l-w >= d {
						atLeast += p
					}
				}
			}
			assert.InDelta(t, atLeast, f.lead(c.n, c.lost, c.won, d), 1e-10, "%+v at least %d", c, d)
		}
	}
}

// The closed form of the most likely chances is the top of the likelihood.
func TestLikely(t *testing.T) {
	likelihood := func(lost, won, n, l, w float64) float64 {
		term := func(k, p float64) float64 {
			if k == 0 {
				return 0
			}
			return k * math.Log(p)
		}
		return term(lost, l) + term(won, w) + term(n-lost-won, 1-l-w)
	}
	for _, c := range [][4]float64{{3, 0, 120, 0.04}, {3, 9, 120, 0.04}, {0, 0, 50, 0.02}, {12, 5, 200, -0.03}, {0.7, 2.2, 30, 0.1}, {60, 0, 60, 0.9}} {
		l, w := likely(c[0], c[1], c[2], c[3])
		assert.InDelta(t, c[3], l-w, 1e-12)
		best := likelihood(c[0], c[1], c[2], l, w)
		for _, step := range []float64{-1e-4, 1e-4} {
			if l+step >= 0 && w+step >= 0 && l+w+2*step <= 1 {
				assert.GreaterOrEqual(t, best+1e-12, likelihood(c[0], c[1], c[2], l+step, w+step), "%v", c)
			}
		}
	}
}

func TestShareBound(t *testing.T) {
	assert.InDelta(t, 1-math.Pow(0.05, 1.0/120), shareBound(0, 120, 0.05), 1e-14)
	assert.Equal(t, 1.0, shareBound(5, 5, 0.05))
	for _, x := range []float64{0, 1, 2.5, 40} {
		assert.InDelta(t, 0.05, lowerTail(x, 300, shareBound(x, 300, 0.05)), 1e-9)
	}
	// Clopper and Pearson's bounds of 1 in 10 and 3 in 20 at 0.025 a side, as printed in tables.
	assert.InDelta(t, 0.4450, shareBound(1, 10, 0.025), 5e-5)
	assert.InDelta(t, 0.3789, shareBound(3, 20, 0.025), 5e-5)
	assert.InDelta(t, 0.03, upperTail(4, 120, 0.01), 0.005)
}

// What rounding or another test gives, the p-values of one direction never rise with the difference, and an interval
// never lies on the other side of a margin than the test at the margin.
func TestLawsAreMonotone(t *testing.T) {
	laws := map[string]law{}
	for _, c := range [][3]int{{0, 0, 120}, {1, 0, 120}, {5, 0, 250}, {4, 0, 250}, {9, 3, 250}, {10, 10, 100}, {60, 0, 60}, {30, 55, 400}, {1, 0, 1}, {3, 1, 4}} {
		logs := newFactorials(c[2])
		laws[fmt.Sprint(c)] = pairedLaw{lost: c[0], won: c[1], n: c[2], logs: logs}
		laws[fmt.Sprint("exact ", c)] = pairedLaw{lost: c[0], won: c[1], n: c[2], exact: true, logs: logs}
		units, weights := make([]float64, c[2]), make([]float64, c[2])
		random := newCounter(7, fmt.Sprint(c), "sizes")
		for i := range units {
			weights[i] = 1 / float64(c[2])
			switch {
			case i < c[0]:
				units[i] = -weights[i] * (0.2 + 0.8*random.uniform(0, i))
			case i < c[0]+c[1]:
				units[i] = weights[i] * (0.2 + 0.8*random.uniform(0, i))
			}
		}
		p, _ := SignFlip(units, 1, "units")
		laws[fmt.Sprint("units ", c)] = newFlipLaw(units, weights, c[2], min(1, p), 1, "units")
	}
	for name, l := range laws {
		below, above := math.Inf(1), math.Inf(-1)
		for step := -100; step <= 100; step++ {
			d := float64(step) / 400
			x, y := l.below(d), l.above(d)
			require.LessOrEqual(t, x, below+1e-9, "%s at %v", name, d)
			require.GreaterOrEqual(t, y, above-1e-9, "%s at %v", name, d)
			below, above = x, y
		}
		for _, margin := range []float64{0, 0.01, 0.02, 0.05} {
			for _, alpha := range []float64{0.05, 0.025, 0.05 / 28, 0.0312, 0.0313} {
				low, high := lower(l, alpha, margin), upper(l, alpha, margin)
				require.Equal(t, l.below(-margin) <= alpha, high < -margin, "%s: %v, %v", name, margin, alpha)
				require.Equal(t, l.above(margin) <= alpha, low > margin, "%s: %v, %v", name, margin, alpha)
				require.LessOrEqual(t, low, high, name)
			}
		}
	}
}

// False alarms beyond a margin, and coverage, of answers that are right or wrong, summed over every outcome at the level
// of one task and at that of one of fourteen.
func TestPairedLawKeepsItsLevel(t *testing.T) {
	for _, n := range []int{120, 400} {
		logs := newFactorials(n)
		for _, margin := range []float64{0, 0.01, 0.02} {
			for _, discordance := range []float64{0.02, 0.05, 0.1, 0.3} {
				if discordance < margin {
					continue
				}
				for _, alpha := range []float64{0.025, 0.025 / 14} {
					harm, safe := 0.0, 0.0
					outcomes(n, (discordance+margin)/2, (discordance-margin)/2, func(lost, won int, chance float64) {
						l := pairedLaw{lost: lost, won: won, n: n, logs: logs}
						if l.below(-margin) <= alpha {
							harm += chance
						}
						if l.above(-margin) <= alpha {
							safe += chance
						}
					})
					t.Logf("n %d, margin %v, discordance %v, level %.4f: harm %.4f, safe %.4f", n, margin, discordance, alpha, harm, safe)
					assert.LessOrEqual(t, harm, 1.02*alpha, "n %d, margin %v, discordance %v", n, margin, discordance)
					assert.LessOrEqual(t, safe, 1.02*alpha, "n %d, margin %v, discordance %v", n, margin, discordance)
				}
			}
		}
	}
}
