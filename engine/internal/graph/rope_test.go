package graph

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

func TestRopeTables(t *testing.T) {
	llama3 := arch.RopeScaling{Type: "llama3", Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalMaxPositions: 512}
	for name, c := range map[string]struct {
		scaling arch.RopeScaling
		inverse func(plain float64) float64
	}{
		"plain":  {arch.RopeScaling{}, func(x float64) float64 { return x }},
		"linear": {arch.RopeScaling{Type: "linear", Factor: 4}, func(x float64) float64 { return x / 4 }},
		"llama3": {llama3, func(x float64) float64 {
			wavelength := 2 * math.Pi / x
			if wavelength < 512.0/4 {
				return x
			}
			if wavelength > 512.0/1 {
				return x / 8
			}
			smooth := (512/wavelength - 1) / (4 - 1)
			return (1-smooth)*x/8 + smooth*x
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRope(arch.Config{HeadDim: 64, RopeTheta: 10000, RopeScaling: c.scaling})
			r.extend(1)
			r.extend(700)
			r.extend(5)
			r.extend(5000)
			for _, p := range []int{0, 1, 2, 511, 512, 699, 4095, 4999} {
				for i := range 32 {
					angle := float64(p) * c.inverse(math.Pow(10000, -float64(2*i)/64))
					require.InDelta(t, math.Cos(angle), r.cos[p*32+i], 1e-7, "%d %d", p, i)
					require.InDelta(t, math.Sin(angle), r.sin[p*32+i], 1e-7, "%d %d", p, i)
				}
			}
		})
	}
}

func TestRotate(t *testing.T) {
	// Rotating by p leaves lengths alone, and the product of two rotated vectors depends on their distance only.
	r := newRope(arch.Config{HeadDim: 8, RopeTheta: 100})
	r.extend(100)
	a, b := []float32{1, -2, 3, 0.5, -1, 4, 2, 1}, []float32{0.25, 1, -1, 2, 3, -0.5, 1, 1}
	product := func(p, q int) float64 {
		x, y := make([]float32, 8), make([]float32, 8)
		r.rotate(kernel.Portable(), x, a, p)
		r.rotate(kernel.Portable(), y, b, q)
		sum := 0.0
		for i := range x {
			sum += float64(x[i]) * float64(y[i])
		}
		return sum
	}
	for p := range 50 {
		assert.InDelta(t, product(0, 7), product(p, p+7), 1e-4)
	}
	same := append([]float32(nil), a...)
	r.rotate(kernel.Portable(), same, same, 0)
	assert.Equal(t, a, same, "position 0 rotates nothing")
	half := make([]float32, 8)
	r.rotate(kernel.Portable(), half, []float32{1, 0, 0, 0, 0, 0, 0, 0}, 1)
	assert.InDelta(t, math.Cos(1), half[0], 1e-7)
	assert.InDelta(t, math.Sin(1), half[4], 1e-7, "dimension i pairs with i + head_dim/2")
}
