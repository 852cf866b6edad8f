package arch

import (
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// InverseFrequencies are the radians that a position turns each pair of dimensions by (head_dim/2): theta^(-2i/head_dim),
// scaled.
func (c Config) InverseFrequencies() []float64 {
	list := make([]float64, c.HeadDim/2)
	for i := range list {
		list[i] = c.RopeScaling.apply(1 / num.Pow64(c.RopeTheta, float64(2*i)/float64(c.HeadDim)))
	}
	if c.RopeScaling.Type == "yarn" {
		c.RopeScaling.blend(list, c)
	}
	return list
}

// blend divides the frequencies of long wavelengths by Factor, keeps those of short ones, and goes from one to the other
// along the dimensions between: _compute_yarn_parameters of Hugging Face transformers (modeling_rope_utils.py).
func (s RopeScaling) blend(inverse []float64, c Config) {
	// The dimension, a fraction, whose pair turns that often within the original positions.
	dimension := func(turns float64) float64 {
		return float64(c.HeadDim) * num.Log64(float64(s.OriginalMaxPositions)/(2*math.Pi*turns)) / (2 * num.Log64(c.RopeTheta))
	}
	low := max(math.Floor(dimension(s.BetaFast)), 0)
	high := min(math.Ceil(dimension(s.BetaSlow)), float64(c.HeadDim-1))
	if low == high {
		high += 0.001
	}
	for i, f := range inverse {
		t := min(max((float64(i)-low)/(high-low), 0), 1)
		inverse[i] = float64(t*(f/s.Factor)) + float64((1-t)*f)
	}
}

// apply scales one inverse frequency. The rule for llama3 is _compute_llama3_parameters of Hugging Face transformers
// (modeling_rope_utils.py): long wavelengths are stretched by Factor, short ones kept, those between are blended.
func (s RopeScaling) apply(inverse float64) float64 {
	switch s.Type {
	case "linear":
		return inverse / s.Factor
	case "llama3":
		wavelength := 2 * math.Pi / inverse
		context := float64(s.OriginalMaxPositions)
		switch {
		case wavelength > context/s.LowFreqFactor:
			return inverse / s.Factor
		case wavelength < context/s.HighFreqFactor:
			return inverse
		}
		smooth := (float64(context/wavelength) - s.LowFreqFactor) / (s.HighFreqFactor - s.LowFreqFactor)
		return float64((1-smooth)*(inverse/s.Factor)) + float64(smooth*inverse)
	}
	return inverse
}
