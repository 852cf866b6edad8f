package engine

import (
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// maxPosition bounds positions: the rotary angle of the first dimension is the position in radians, and num.SinCos64
// is exact up to num.MaxAngle.
const maxPosition = num.MaxAngle

// rope holds cosines and sines of rotary positions, for as many positions as have been asked for.
type rope struct {
	inverse  []float64 // (head_dim/2) radians per position
	cos, sin []float32 // (positions, head_dim/2)
}

func newRope(c Config) rope {
	r := rope{inverse: make([]float64, c.HeadDim/2)}
	for i := range r.inverse {
		r.inverse[i] = c.RopeScaling.apply(1 / num.Pow64(c.RopeTheta, float64(2*i)/float64(c.HeadDim)))
	}
	return r
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

// extend makes the table cover positions 0 to n-1. Entries never change, so it does not matter when it grows.
func (r *rope) extend(n int) {
	half := len(r.inverse)
	have := len(r.cos) / half
	if n <= have {
		return
	}
	n = max(n, have+have/2, 512)
	cos, sin := make([]float32, n*half), make([]float32, n*half)
	copy(cos, r.cos)
	copy(sin, r.sin)
	for p := have; p < n; p++ {
		for i, inverse := range r.inverse {
			s, c := num.SinCos64(float64(float64(p) * inverse))
			cos[p*half+i], sin[p*half+i] = float32(c), float32(s)
		}
	}
	r.cos, r.sin = cos, sin
}

// turn writes heads' vectors (head_dim), which follow each other, rotated to a position, to dst, which may be src.
func (r *rope) turn(k *kernel.Kernel, dst, src []float32, position int) {
	half := len(r.inverse)
	k.Rotate(dst, src, r.cos[position*half:][:half], r.sin[position*half:])
}
