package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ones(n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

// Of many symmetric values the interval is the normal one; of skewed ones it leans to the long tail.
func TestBCa(t *testing.T) {
	random := newCounter(1, "bca", "values")
	symmetric, skewed := make([]float64, 400), make([]float64, 400)
	for i := range symmetric {
		u := random.uniform(0, i)
		symmetric[i] = (2*u - 1) / 2
		skewed[i] = -math.Log(1-u)/20 - 0.05
	}
	se := func(v []float64) float64 { return stdDev(v) / math.Sqrt(float64(len(v))) }
	mean := func(v []float64) (m float64) {
		for _, x := range v {
			m += x / float64(len(v))
		}
		return m
	}
	b := newBCa(symmetric, ones(400), 1, "t")
	require.NotNil(t, b)
	i := b.interval(0.95)
	assert.InDelta(t, mean(symmetric)-1.96*se(symmetric), i.Low, 0.15*se(symmetric))
	assert.InDelta(t, mean(symmetric)+1.96*se(symmetric), i.High, 0.15*se(symmetric))
	i = newBCa(skewed, ones(400), 1, "t").interval(0.95)
	assert.Greater(t, i.High-mean(skewed), mean(skewed)-i.Low)
	assert.Equal(t, i, newBCa(skewed, ones(400), 1, "t").interval(0.95))
	assert.NotEqual(t, i, newBCa(skewed, ones(400), 2, "t").interval(0.95))
	wide := newBCa(skewed, ones(400), 1, "t").interval(0.999)
	assert.Less(t, wide.Low, i.Low)
	assert.Greater(t, wide.High, i.High)
	assert.Nil(t, newBCa([]float64{0.5, 0.5, 0.5}, ones(3), 1, "t"), "equal differences have no spread")
	assert.Nil(t, newBCa([]float64{0.5}, ones(1), 1, "t"))
	assert.Nil(t, newBCa(make([]float64, bcaUnits+1), ones(bcaUnits+1), 1, "t"))
	// The acceleration is a sixth of the skewness over the root of n: 2 for an exponential distribution.
	assert.InDelta(t, 2.0/6/20, newBCa(skewed, ones(400), 1, "t").acceleration, 0.006)
}

// The interval of Agresti and Min holds its level: its coverage, summed over every outcome.
func TestCoverageOfTheDiscordanceInterval(t *testing.T) {
	for _, c := range []struct {
		n          int
		lost, won  float64
		low, above float64
	}{
		{50, 0.05, 0.05, 0.94, 1}, {120, 0.05, 0.05, 0.94, 0.98}, {120, 0.08, 0.02, 0.94, 0.98}, {250, 0.02, 0.01, 0.94, 0.985}, {500, 0.1, 0.1, 0.945, 0.96},
	} {
		covered := 0.0
		for discordant, p := range binomials(c.n, c.lost+c.won) {
			if p < 1e-9 {
				continue
			}
			for lost, q := range binomials(discordant, c.lost/(c.lost+c.won)) {
				i := discordanceInterval(lost, discordant-lost, c.n, 0.95)
				if i.Low <= c.won-c.lost && c.won-c.lost <= i.High {
					covered += p * q
				}
			}
		}
		t.Logf("n %d, %v lost, %v won: %.4f", c.n, c.lost, c.won, covered)
		assert.Greater(t, covered, c.low)
		assert.Less(t, covered, c.above+1e-9)
	}
}
