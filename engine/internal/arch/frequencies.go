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
	return list
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
