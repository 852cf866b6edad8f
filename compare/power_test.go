package compare

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The detectable loss is the one at which the gate fails with the power, summed over every outcome, whatever the margin,
// the level and however few documents changed.
func TestDetectableLossOfAnswers(t *testing.T) {
	for _, c := range []struct {
		n, changed int
		margins    []float64
	}{
		{120, 1, []float64{0, 0.01, 0.02}}, {120, 5, []float64{0, 0.02}}, {120, 12, []float64{0, 0.01}}, {250, 3, []float64{0, 0.01}},
		{250, 25, []float64{0, 0.02}}, {1319, 60, []float64{0, 0.01}},
	} {
		logs := newFactorials(c.n)
		for _, margin := range c.margins {
			for _, alpha := range []float64{0.025, 0.025 / 14} {
				discordance := float64(c.changed) / float64(c.n)
				loss := newPairedPower(c.n, alpha, margin, false, logs).detectable(discordance)
				all := max(discordance, loss)
				failed := 0.0
				outcomes(c.n, (all+loss)/2, (all-loss)/2, func(lost, won int, chance float64) {
					l := pairedLaw{lost: lost, won: won, n: c.n, logs: logs}
					if l.below(-margin) <= alpha {
						failed += chance
					}
				})
				t.Logf("n %d, %d changed, margin %v, level %.4f: %.4f found with %.3f", c.n, c.changed, margin, alpha, loss, failed)
				assert.InDelta(t, power, failed, 0.002, "%+v, margin %v", c, margin)
				assert.Greater(t, loss, margin)
			}
		}
	}
	assert.Zero(t, newPairedPower(4, 0.025, 0, false, newFactorials(4)).detectable(0.5), "no loss of four documents is significant")
}

// Connor's formula ("Sample size for testing differences in proportions for the paired-sample design", Biometrics 43,
// 1987), of which section 4.5 of the design is a table, is near where many documents change: points at 0.05.
func TestDetectableLossesAreNearConnors(t *testing.T) {
	for _, c := range []struct {
		n           int
		discordance float64
		points      float64
	}{{1119, 0.1, 2.65}, {4442, 0.05, 0.94}, {17944, 0.02, 0.30}, {250, 0.2, 7.89}, {1319, 0.2, 3.45}} {
		got := 100 * newPairedPower(c.n, 0.025, 0, false, newFactorials(c.n)).detectable(c.discordance)
		assert.InEpsilon(t, c.points, got, 0.04, "n %d", c.n)
	}
}

// Tails of random signs: every sum of few sizes, and of more against an enumeration.
func TestFlipTail(t *testing.T) {
	random := newCounter(3, "flip", "tail")
	for _, n := range []int{1, 3, 8, 12, 16} {
		for kind := range 3 {
			sizes, sum := make([]float64, n), 0.0
			for i := range sizes {
				sizes[i] = []float64{1, 0.1 + random.uniform(n, i), float64(1 + random.word(n, i)%3)}[kind]
				if random.word(n, 100+i)%4 > 0 {
					sum += sizes[i]
				} else {
					sum -= sizes[i]
				}
			}
			count := 0
			for signs := range 1 << n {
				total := 0.0
				for i, s := range sizes {
					total += s * float64(signs>>i&1*2-1)
				}
				if total >= sum-1e-9 {
					count++
				}
			}
			want := float64(count) / float64(int(1)<<n)
			if sum > 0 {
				assert.InDelta(t, want, flipTail(sizes, sum), 0.012, "%v of %v", sum, sizes)
			}
		}
	}
	assert.Equal(t, math.Ldexp(1, -40), flipTail(filled(40, 0.3), 12), "all of one sign")
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestBinomialQuantile(t *testing.T) {
	assert.Equal(t, 0, binomialQuantile(0.3, 10, 0.1)) // P(X = 0) is 0.349
	assert.Equal(t, 1, binomialQuantile(0.5, 10, 0.1)) // P(X <= 1) is 0.736
	assert.Equal(t, 10, binomialQuantile(0.5, 10, 1))
}

// The same of differences of unequal size and of clusters: outcomes drawn as the detectable loss assumes, tested as the
// gate tests them.
func TestDetectableLossOfUnits(t *testing.T) {
	const sets = 300
	for _, c := range []struct {
		units, changed int
		size           func(u float64) float64
		margin, alpha  float64
	}{
		{120, 3, func(u float64) float64 { return 0.3 + 0.7*u }, 0, 0.025},
		{120, 15, func(u float64) float64 { return u }, 0, 0.025},
		{120, 15, func(u float64) float64 { return u }, 0.02, 0.025},
		{300, 100, func(u float64) float64 { return u }, 0.01, 0.025 / 14},
		{59, 30, func(u float64) float64 { return math.Ceil(3 * u) }, 0, 0.025},
	} {
		random := newCounter(11, "units", "power")
		contributions, weights := make([]float64, c.units), filled(c.units, 1/float64(c.units))
		for i := range c.changed {
			contributions[i] = c.size(random.uniform(0, i)) / float64(c.units) * float64(1-2*(i%2))
		}
		f := newFlipPower(contributions, c.units, c.alpha, c.margin)
		loss := f.detectable(c.changed, newCounter(5, "t", "power"))
		expected, lost, factor := f.truth(loss, c.changed)
		failed := 0
		for set := range sets {
			x := make([]float64, c.units)
			for i := range x {
				if random.uniform(1+set, 3*i) < expected/f.units {
					s := factor * f.sizes[int(random.uniform(1+set, 3*i+1)*float64(len(f.sizes)))]
					if random.uniform(1+set, 3*i+2) < lost {
						s = -s
					}
					x[i] = s
				}
			}
			p, _ := SignFlip(x, uint64(set), "t")
			if p/2 > c.alpha {
				continue
			}
			l := newFlipLaw(x, weights, c.units, min(1, p), uint64(set), "t")
			if l.below(-c.margin) <= c.alpha {
				failed++
			}
		}
		got := float64(failed) / sets
		t.Logf("%d of %d changed, margin %v: %.4f found with %.3f", c.changed, c.units, c.margin, loss, got)
		assert.InDelta(t, power, got, 0.03+3*math.Sqrt(0.16/sets)-0.02, "%d of %d changed, margin %v", c.changed, c.units, c.margin)
	}
}

// TestParseShares reads percents, and nothing else.
func TestParseShares(t *testing.T) {
	got, err := ParseShares([]string{"1%", " 2.5 %", "100%"})
	require.NoError(t, err)
	assert.Equal(t, []float64{0.01, 0.025, 1}, got)
	for _, bad := range []string{"", "5", "%", "x%"} {
		_, err := ParseShares([]string{"1%", bad})
		assert.EqualError(t, err, fmt.Sprintf("%q is not a share such as 5%%", bad))
	}
}
