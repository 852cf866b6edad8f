package graph

import (
	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// MaxPosition bounds positions: the rotary angle of the first dimension is the position in radians, and num.SinCos64
// is exact up to num.MaxAngle.
const MaxPosition = num.MaxAngle

// rope holds cosines and sines of rotary positions, for as many positions as have been asked for.
type rope struct {
	inverse  []float64 // (head_dim/2) radians per position
	factor   float64   // of cosines and sines
	cos, sin []float32 // (positions, head_dim/2)
}

func newRope(c arch.Config) rope {
	r := rope{inverse: c.InverseFrequencies(), factor: 1}
	if c.RopeScaling.AttentionFactor != 0 {
		r.factor = c.RopeScaling.AttentionFactor
	}
	return r
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
			cos[p*half+i], sin[p*half+i] = float32(c*r.factor), float32(s*r.factor)
		}
	}
	r.cos, r.sin = cos, sin
}

// rotate writes heads' vectors (head_dim), which follow each other, rotated to a position, to dst, which may be src.
func (r *rope) rotate(k *kernel.Kernel, dst, src []float32, position int) {
	half := len(r.inverse)
	k.Rotate(dst, src, r.cos[position*half:][:half], r.sin[position*half:])
}
