package compare

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
)

// rational is the same sum from Pascal's triangle in rational arithmetic.
func rational(lost, won int) (midP, exact float64) {
	n, m := lost+won, min(lost, won)
	if lost == won {
		return 1, 1
	}
	p := func(k int) *big.Rat {
		return new(big.Rat).SetFrac(new(big.Int).Binomial(int64(n), int64(k)), new(big.Int).Lsh(big.NewInt(1), uint(n)))
	}
	below := new(big.Rat)
	for k := range m {
		below.Add(below, p(k))
	}
	twice := new(big.Rat).Add(below, below)
	mid := new(big.Rat).Add(twice, p(m))
	full := new(big.Rat).Add(mid, p(m))
	one := big.NewRat(1, 1)
	if full.Cmp(one) > 0 {
		full = one
	}
	midP, _ = mid.Float64()
	exact, _ = full.Float64()
	return midP, exact
}

func TestMidPIsTheRationalSum(t *testing.T) {
	for n := range 61 {
		for lost := range n + 1 {
			mid, exact := rational(lost, n-lost)
			assert.Equal(t, mid, MidP(lost, n-lost), "%d lost, %d won", lost, n-lost)
			assert.Equal(t, exact, ExactP(lost, n-lost), "%d lost, %d won", lost, n-lost)
		}
	}
}

// The values are P(X < m) and P(X = m) of the binomial distribution worked by hand, and the table of airway
// hyper-responsiveness in Fagerland, Lydersen and Laake (2013), 1 against 7 discordant pairs.
func TestMcNemarOfKnownTables(t *testing.T) {
	for _, c := range []struct {
		lost, won  int
		mid, exact float64
	}{
		{0, 0, 1, 1},
		{4, 0, 1.0 / 16, 1.0 / 8},
		{5, 0, 1.0 / 32, 1.0 / 16},
		{6, 0, 1.0 / 64, 1.0 / 32},
		{1, 7, 10.0 / 256, 18.0 / 256},
		{12, 12, 1, 1},
	} {
		assert.Equal(t, c.mid, MidP(c.lost, c.won))
		assert.Equal(t, c.exact, ExactP(c.lost, c.won))
		assert.Equal(t, MidP(c.lost, c.won), MidP(c.won, c.lost))
	}
}

func TestMidPOfAWholeBenchmark(t *testing.T) {
	assert.Equal(t, math.SmallestNonzeroFloat64, MidP(18000, 0))
	assert.Equal(t, 1.0, MidP(9000, 9000))
	// The normal approximation with 18000 discordant documents is good to four digits near its centre.
	z := 200 / math.Sqrt(18000)
	assert.InEpsilon(t, math.Erfc(z/math.Sqrt2), MidP(9100, 8900), 1e-4)
}

// Expected values: the table of section 4.5 of the design, in points.
func TestDetectableDrops(t *testing.T) {
	for _, c := range []struct {
		n     int
		drops [4]float64
	}{
		{1119, [4]float64{1.18, 1.87, 2.65, 3.74}},
		{120, [4]float64{3.58, 5.66, 8.01, 11.33}},
		{198, [4]float64{2.80, 4.43, 6.26, 8.85}},
		{4442, [4]float64{0.59, 0.94, 1.33, 1.88}},
		{766, [4]float64{1.43, 2.26, 3.20, 4.52}},
		{250, [4]float64{2.49, 3.94, 5.58, 7.89}},
		{1000, [4]float64{1.25, 1.98, 2.80, 3.96}},
		{500, [4]float64{1.77, 2.79, 3.95, 5.59}},
		{17944, [4]float64{0.30, 0.47, 0.66, 0.94}},
		{10042, [4]float64{0.40, 0.63, 0.88, 1.25}},
		{11873, [4]float64{0.36, 0.57, 0.81, 1.15}},
		{2325, [4]float64{0.82, 1.30, 1.84, 2.60}},
		{1319, [4]float64{1.09, 1.72, 2.44, 3.45}},
	} {
		for i, share := range []float64{0.02, 0.05, 0.1, 0.2} {
			assert.InDelta(t, c.drops[i], 100*detectableDiscordance(share, c.n, 0.05), 0.0101, "n %d, %v", c.n, share)
		}
	}
	for n, want := range map[int]float64{1119: 2.51, 120: 7.56, 198: 5.92, 4442: 1.26, 250: 5.28, 10042: 0.84, 1319: 2.31} {
		assert.InDelta(t, want, 100*detectableDiscordance(0.05, n, 0.05/14), 0.0101, "n %d of 14 tasks", n)
	}
	for n := 1; n < 30; n++ {
		assert.LessOrEqual(t, detectableDiscordance(1, n, 0.05), 1.0)
	}
}

// With few documents the equation holds where it can be solved.
func TestDetectableDropSolvesItsEquation(t *testing.T) {
	z1, z2 := normalQuantile(0.975), normalQuantile(power)
	for _, n := range []int{20, 120, 5000} {
		for _, share := range []float64{0.02, 0.3, 1} {
			d := detectableDiscordance(share, n, 0.05)
			if d < 1 {
				left := z1*math.Sqrt(share) + z2*math.Sqrt(share-d*d)
				assert.InDelta(t, left, d*math.Sqrt(float64(n)), 1e-9, "n %d, %v", n, share)
			}
		}
	}
}

func TestIntervals(t *testing.T) {
	// (12-4)/102 +- 1.959964 sqrt(17 - 64/102)/102, by hand.
	i := discordanceInterval(4, 12, 100, 0.95)
	assert.InDelta(t, 8.0/102-1.959964*math.Sqrt(17-64.0/102)/102, i.Low, 1e-8)
	assert.InDelta(t, 8.0/102+1.959964*math.Sqrt(17-64.0/102)/102, i.High, 1e-8)
	mirrored := discordanceInterval(12, 4, 100, 0.95)
	assert.Equal(t, Interval{-i.High, -i.Low, 0.95}, mirrored)
	assert.Equal(t, Interval{-0.03, 0.03, 0.95}, unseen(0, 100, 0.95))
	assert.Equal(t, Interval{-1, 1, 0.95}, unseen(0, 1, 0.95))
	assert.Equal(t, Interval{-1, 1, 0.95}, unseen(0, 0, 0.95))
}

// Expected values: printed tables of the distributions.
func TestQuantiles(t *testing.T) {
	assert.InDelta(t, 1.959964, normalQuantile(0.975), 1e-6)
	assert.InDelta(t, 0.841621, normalQuantile(0.8), 1e-6)
	for freedom, want := range map[int]float64{1: 12.7062, 2: 4.30265, 5: 2.57058, 10: 2.22814, 30: 2.04227, 120: 1.97993} {
		assert.InDelta(t, want, studentQuantile(0.975, freedom), 6e-5, "%d degrees", freedom)
	}
	assert.InDelta(t, 9.92484, studentQuantile(0.995, 2), 6e-5)
	assert.InDelta(t, normalQuantile(0.975), studentQuantile(0.975, 1<<20), 1e-5)
	for _, p := range []float64{0.9, 0.975, 1 - 0.05/28} {
		for _, freedom := range []int{1, 3, 58, 18000} {
			assert.InEpsilon(t, 2*(1-p), studentTail(studentQuantile(p, freedom), freedom), 1e-9)
		}
	}
}

func TestHolm(t *testing.T) {
	adjusted, levels := holm([]float64{0.04, 0.001, 0.03, 0.015}, 0.05)
	assert.InDeltaSlice(t, []float64{0.06, 0.004, 0.06, 0.045}, adjusted, 1e-15)
	assert.InDeltaSlice(t, []float64{0.025, 0.0125, 0.025, 0.05 / 3}, levels, 1e-15)
	for i := range adjusted {
		assert.Equal(t, adjusted[i] <= 0.05, []bool{false, true, false, true}[i])
	}
	adjusted, levels = holm([]float64{0.02, 0.02}, 0.05)
	assert.Equal(t, []float64{0.04, 0.04}, adjusted)
	assert.Equal(t, levels[0], levels[1], "equal p-values have equal levels")
	adjusted, _ = holm([]float64{1, 1, 1}, 0.05)
	assert.Equal(t, []float64{1, 1, 1}, adjusted)
	adjusted, levels = holm(nil, 0.05)
	assert.Empty(t, adjusted)
	assert.Empty(t, levels)
}

// The first fifteen p-values are Benjamini and Hochberg's own example (1995, section 3.2), of which four are rejected.
func TestBenjaminiHochberg(t *testing.T) {
	ps := []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
	}
	adjusted, levels := benjaminiHochberg(ps, 0.05)
	for i := range ps {
		assert.Equal(t, i < 4, adjusted[i] <= 0.05, "p %v", ps[i])
		assert.Equal(t, i < 4, ps[i] <= levels[i], "p %v", ps[i])
	}
}
