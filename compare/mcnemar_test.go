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

// tests are hypotheses that could all have had any p.
func tests(ps ...float64) (out []hypothesis) {
	for _, p := range ps {
		out = append(out, hypothesis{p: p})
	}
	return out
}

func TestHolm(t *testing.T) {
	adjusted, levels := holm(tests(0.04, 0.001, 0.03, 0.015), 0.05)
	assert.InDeltaSlice(t, []float64{0.06, 0.004, 0.06, 0.045}, adjusted, 1e-15)
	assert.InDeltaSlice(t, []float64{0.025, 0.0125, 0.025, 0.05 / 3}, levels, 1e-15)
	for i := range adjusted {
		assert.Equal(t, adjusted[i] <= 0.05, []bool{false, true, false, true}[i])
	}
	adjusted, levels = holm(tests(0.02, 0.02), 0.05)
	assert.Equal(t, []float64{0.04, 0.04}, adjusted)
	assert.Equal(t, levels[0], levels[1], "equal p-values have equal levels")
	adjusted, _ = holm(tests(1, 1, 1), 0.05)
	assert.Equal(t, []float64{1, 1, 1}, adjusted)
	adjusted, levels = holm(nil, 0.05)
	assert.Empty(t, adjusted)
	assert.Empty(t, levels)
}

// A test that could not have had so small a p costs no step: by hand, 0.02 competes with one other test, not with three.
func TestHolmCountsWhatCanReject(t *testing.T) {
	adjusted, levels := holm([]hypothesis{{0.02, 0.001}, {0.6, 0.01}, {0.5, 0.5}, {1, 1}}, 0.05)
	assert.InDeltaSlice(t, []float64{0.04, 1, 1, 1}, adjusted, 1e-15)
	assert.Equal(t, 0.025, levels[0])
	assert.Equal(t, 0.05, levels[1], "the first is rejected, the others cannot be")
	assert.Equal(t, 0.025, levels[2], "it would compete with the second")
	// Between two steps the level is just below the p that would count another test.
	_, levels = holm([]hypothesis{{0.9, 0}, {0.9, 0.03}}, 0.05)
	assert.Equal(t, math.Nextafter(0.03, 0), levels[0])
	// Whatever the p-values, a test is rejected where its p is at most its level, and nowhere else.
	random := newCounter(1, "holm", "levels")
	for set := range 2000 {
		var all []hypothesis
		for i := range 1 + set%9 {
			least := math.Pow(2, -float64(random.word(set, 3*i)%12))
			p := max(least, math.Round(64*math.Pow(random.uniform(set, 3*i+1), 3))/64*0.2)
			all = append(all, hypothesis{p, least})
		}
		adjusted, levels := holm(all, 0.05)
		plain, _ := holm(withoutLeast(all), 0.05)
		for i, h := range all {
			assert.Equal(t, adjusted[i] <= 0.05, h.p <= levels[i], "%v: %v at %v", all, adjusted[i], levels[i])
			assert.LessOrEqual(t, adjusted[i], plain[i]+1e-15, "%v", all)
			assert.GreaterOrEqual(t, adjusted[i], h.p)
		}
	}
}

func withoutLeast(all []hypothesis) []hypothesis {
	out := append([]hypothesis(nil), all...)
	for i := range out {
		out[i].least = 0
	}
	return out
}

// The first fifteen p-values are Benjamini and Hochberg's own example (1995, section 3.2), of which four are rejected.
func TestBenjaminiHochberg(t *testing.T) {
	ps := []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
	}
	adjusted, levels := benjaminiHochberg(tests(ps...), 0.05)
	for i := range ps {
		assert.Equal(t, i < 4, adjusted[i] <= 0.05, "p %v", ps[i])
		assert.Equal(t, i < 4, ps[i] <= levels[i], "p %v", ps[i])
	}
}
