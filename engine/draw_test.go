package engine

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// logProbs are logits of these probabilities.
func logitsOf(p ...float64) []float32 {
	logits := make([]float32, len(p))
	for i := range p {
		logits[i] = float32(math.Log(p[i]))
	}
	return logits
}

func TestDrawPassesTheRunningSum(t *testing.T) {
	logits := logitsOf(0.1, 0.5, 0.3, 0.1)
	for _, c := range []struct {
		topP, u float64
		want    int32
	}{
		{1, 0, 0}, {1, 0.09, 0}, {1, 0.11, 1}, {1, 0.59, 1}, {1, 0.61, 2}, {1, 0.89, 2}, {1, 0.91, 3}, {1, 0.999999, 3},
		// Half of the probability is the first alone; eight tenths are two, in their order.
		{0.49, 0.99, 1}, {0.79, 0.6, 1}, {0.79, 0.63, 2}, {0.79, 0.99, 2},
		// Of the two equal ones the lower id is in the set of nine tenths.
		{0.89, 0.99, 0}, {1e-9, 0.5, 1},
	} {
		assert.Equal(t, c.want, Draw(logits, 1, c.topP, c.u), "%+v", c)
	}
	// At half the temperature probabilities are squared: 1, 25, 9 and 1 of 36.
	assert.Equal(t, int32(1), Draw(logits, 0.5, 1, 25.9/36))
	assert.Equal(t, int32(2), Draw(logits, 0.5, 1, 26.1/36))
}

// TestPickerIsOnRecord: the random numbers are those of the documented recipe, which other programs can follow.
func TestPickerIsOnRecord(t *testing.T) {
	flat := make([]float32, 1000)
	pick := Picker(1, 1, 42)
	var got []int32
	for step := range 6 {
		got = append(got, pick(step, flat))
	}
	// python3: [int((int.from_bytes(hashlib.sha256(f"42 {i}".encode()).digest()[:8], "big") >> 11) / 2**53 * 1000) for i in range(6)]
	assert.Equal(t, []int32{990, 449, 221, 759, 754, 397}, got)
	assert.Equal(t, got[3], pick(3, flat), "a step's number depends on nothing before it")
	assert.Nil(t, Picker(0, 1, 42))
}

// TestDrawsFollowTheDistribution counts what is drawn under the settings of HumanEval.
func TestDrawsFollowTheDistribution(t *testing.T) {
	logits := logitsOf(0.4, 0.35, 0.2, 0.05)
	weights := []float64{math.Pow(0.4, 5), math.Pow(0.35, 5), math.Pow(0.2, 5), math.Pow(0.05, 5)} // temperature 0.2
	first := weights[0] / (weights[0] + weights[1])                                                // the third is beyond 0.95 of them
	counts := make([]int, 4)
	const n = 20000
	for seed := range uint32(n) {
		counts[Picker(0.2, 0.95, seed)(0, logits)]++
	}
	assert.InDelta(t, first, float64(counts[0])/n, 4*math.Sqrt(first*(1-first)/n))
	assert.Equal(t, n, counts[0]+counts[1])
}
