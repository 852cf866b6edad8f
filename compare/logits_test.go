package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Distributions of two tokens, worked by hand.
func TestLogitDrift(t *testing.T) {
	ln := func(p float64) float32 { return float32(math.Log(p)) }
	var p LogitPairs
	require.NoError(t, p.Add([]float32{ln(0.5), ln(0.5)}, []float32{ln(0.25) + 3, ln(0.75) + 3}, 1)) // an offset changes nothing
	require.NoError(t, p.Add([]float32{ln(0.8), ln(0.2)}, []float32{ln(0.8), ln(0.2)}, 0))
	d, err := p.Drift()
	require.NoError(t, err)
	kl := 0.5*math.Log(0.5/0.25) + 0.5*math.Log(0.5/0.75)
	assert.InDelta(t, kl, d.KL.Max, 1e-6)
	assert.InDelta(t, kl/2, d.KL.Mean, 1e-6)
	assert.InDelta(t, kl/2, d.KL.StdErr, 1e-6, "two values stand half their difference from the mean")
	assert.InDelta(t, 0, d.KL.Min, 1e-7)
	assert.InDelta(t, kl/2, d.KL.Median, 1e-6)
	assert.InDelta(t, 0.25, d.DeltaP.Max, 1e-6)
	assert.InDelta(t, 0.25/math.Sqrt2, d.RMSDeltaP, 1e-6)
	assert.InDelta(t, math.Log(1.5), d.LogProb.Max, 1e-6)
	assert.Equal(t, 0.5, d.Top1Agreement, "of equal logits the first counts")
	assert.InDelta(t, math.Sqrt(0.125), d.Top1StdErr, 1e-12)
	assert.InDelta(t, 1/math.Sqrt(0.5*0.8), d.BasePerplexity, 1e-6)
	assert.InDelta(t, 1/math.Sqrt(0.75*0.8), d.Perplexity, 1e-6)
	assert.InDelta(t, math.Log(d.Perplexity/d.BasePerplexity), d.LnRatio, 1e-12)
	assert.Equal(t, 2, d.Positions)
	assert.InDelta(t, 1, d.Correlation, 1e-12, "two points lie on a line")
	assert.InDelta(t, 0.999*kl, d.KL.P999, 1e-6)
	assert.InDelta(t, 0.05*kl, d.KL.P05, 1e-6)
	assert.InDelta(t, 0.001*kl, d.KL.P001, 1e-6)
	// Pearson's correlation of 1 2 3 and 1 3 2 is a half.
	assert.InDelta(t, 0.5, correlation([]float64{1, 2, 3}, []float64{1, 3, 2}), 1e-12)
	assert.Equal(t, 1.0, correlation([]float64{1, 1}, []float64{1, 2}))
}

func TestLogitsThatCannotBeCompared(t *testing.T) {
	var p LogitPairs
	nan := float32(math.NaN())
	for _, c := range [][2][]float32{{{1}, {1, 2}}, {{}, {}}, {{nan, 1}, {1, 1}}, {{1, 1}, {float32(math.Inf(1)), 1}}} {
		assert.ErrorIs(t, p.Add(c[0], c[1], 0), ErrLogits)
	}
	assert.ErrorIs(t, p.Add([]float32{1, 2}, []float32{1, 2}, 2), ErrLogits)
	_, err := p.Drift()
	assert.ErrorIs(t, err, ErrLogits)
	require.NoError(t, p.Add([]float32{1, 2}, []float32{1, 2}, 1))
	assert.ErrorIs(t, p.Add([]float32{1, 2, 3}, []float32{1, 2, 3}, 1), ErrLogits)
	d, err := p.Drift()
	require.NoError(t, err)
	assert.Equal(t, Spread{}, d.KL)
	assert.Equal(t, 1.0, d.Top1Agreement)
}
