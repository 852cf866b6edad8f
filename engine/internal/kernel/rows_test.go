package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

var nan = float32(math.NaN())

// lengths are those around block sizes and some at random.
func lengths(r *rand.Rand) []int {
	ns := []int{1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65}
	for range 60 {
		ns = append(ns, 1+r.IntN(700))
	}
	return ns
}

// guarded returns a copy of x in the middle of poison, and the whole for comparison.
func guarded(r *rand.Rand, x []float32) (part, all []float32) {
	all = buffer(r, len(x)+40)
	for i := range all {
		all[i] = poison
	}
	copy(all[20:], x)
	return all[20 : 20+len(x)], all
}

func TestRows(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		p := Portable()
		for round, n := range lengths(r) {
			x, y, z := buffer(r, n), buffer(r, n), buffer(r, n)
			wide := float32(math.Exp2(float64(round % 9)))
			for i := range x {
				x[i] *= wide
				z[i] *= wide
			}
			if round%3 == 0 {
				spice(r, x)
				spice(r, y)
			}
			check := func(name string, op func(k *Kernel, dst []float32) float64) {
				t.Helper()
				wantPart, want := guarded(r, z)
				gotPart, got := guarded(r, z)
				ws, gs := op(p, wantPart), op(k, gotPart)
				requireSame(t, want, got, "%s of %d", name, n)
				require.True(t, math.Float64bits(ws) == math.Float64bits(gs) || ws != ws && gs != gs, "%s of %d: %x, want %x", name, n, gs, ws)
			}
			check("softmax", func(k *Kernel, dst []float32) float64 { return float64(k.Softmax(dst, n, 1)) })
			check("spiced softmax", func(k *Kernel, dst []float32) float64 { copy(dst, x); return float64(k.Softmax(dst, n, 0.3)) })
			check("part softmax", func(k *Kernel, dst []float32) float64 { return float64(k.Softmax(dst, n/2, 0.125)) })
			check("silu", func(k *Kernel, dst []float32) float64 { k.SiLUMul(dst, x, y); return 0 })
			check("silu in place", func(k *Kernel, dst []float32) float64 { k.SiLUMul(dst, dst, y); return 0 })
			check("silu over up", func(k *Kernel, dst []float32) float64 { k.SiLUMul(dst, x, dst); return 0 })
			check("gelu", func(k *Kernel, dst []float32) float64 { k.GELUMul(dst, x, y); return 0 })
			check("gelu in place", func(k *Kernel, dst []float32) float64 { k.GELUMul(dst, dst, y); return 0 })
			check("gelu over up", func(k *Kernel, dst []float32) float64 { k.GELUMul(dst, x, dst); return 0 })
			check("cap", func(k *Kernel, dst []float32) float64 { k.Cap(dst, 0.3, 5); return 0 })
			check("spiced cap", func(k *Kernel, dst []float32) float64 { copy(dst, x); k.Cap(dst, 1, 30); return 0 })
			check("norm", func(k *Kernel, dst []float32) float64 { k.RMSNorm(dst, z, y, 1e-5); return 0 })
			check("norm in place", func(k *Kernel, dst []float32) float64 { k.RMSNorm(dst, dst, y, 1e-5); return 0 })
			check("spiced norm", func(k *Kernel, dst []float32) float64 { k.RMSNorm(dst, x, y, 1e-6); return 0 })
			check("add", func(k *Kernel, dst []float32) float64 { k.Add(dst, x); return 0 })
			check("divide", func(k *Kernel, dst []float32) float64 { k.Divide(dst, x, y[0]); return 0 })
			check("divide in place", func(k *Kernel, dst []float32) float64 { k.Divide(dst, dst, wide); return 0 })
			if half := n / 2; half > 0 {
				check("rotate", func(k *Kernel, dst []float32) float64 { k.Rotate(dst, x[:2*half], y[:half], z); return 0 })
				check("rotate in place", func(k *Kernel, dst []float32) float64 { k.Rotate(dst, dst[:2*half], y[:half], x); return 0 })
				angles := (half + 2) / 3
				vectors := half / angles * 2 * angles
				check("rotate several", func(k *Kernel, dst []float32) float64 { k.Rotate(dst, x[:vectors], y[:angles], z); return 0 })
				if vectors := n / 32 * 32; vectors > 0 {
					check("rotate whole blocks", func(k *Kernel, dst []float32) float64 { k.Rotate(dst, x[:vectors], y[:16], z); return 0 })
				}
			}
			check("sumexp", func(k *Kernel, _ []float32) float64 { m, s := k.SumExp(z); return float64(m) + s })
			check("spiced sumexp", func(k *Kernel, _ []float32) float64 { m, s := k.SumExp(x); return float64(m) + s })
			check("argmax", func(k *Kernel, _ []float32) float64 { return float64(k.ArgMax(z)) })
			check("spiced argmax", func(k *Kernel, _ []float32) float64 { return float64(k.ArgMax(x)) })
		}
	})
}

// TestExpEverywhere compares the vector exponentials with the portable ones over the whole line of float32.
func TestExpEverywhere(t *testing.T) {
	const stride = 40_009
	var x []float32
	for u := uint64(0); u < 1<<32; u += stride {
		x = append(x, math.Float32frombits(uint32(u)))
	}
	one := make([]float32, len(x))
	for i := range one {
		one[i] = 1
	}
	want := make([]float32, len(x))
	for i, v := range x {
		want[i] = v / (1 + num.Exp32(-v))
	}
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		got := make([]float32, len(x))
		k.SiLUMul(got, x, one)
		requireSame(t, want, got, "silu")
		for name, op := range map[string]func(k *Kernel, dst []float32){
			"gelu": func(k *Kernel, dst []float32) { k.GELUMul(dst, x, one) },
			"cap":  func(k *Kernel, dst []float32) { copy(dst, x); k.Cap(dst, 1, 1.5) },
		} {
			portable := make([]float32, len(x))
			op(Portable(), portable)
			op(k, got)
			requireSame(t, portable, got, "%s", name)
		}
		for from := 0; from < len(x); from += 4096 {
			row := x[from:min(from+4096, len(x))]
			got := append([]float32(nil), row...)
			top := maximumPortable(row)
			k.Softmax(got, len(got), 1)
			for i, v := range row {
				require.True(t, same(num.Exp32(v-top), got[i]), "e^(%x - %x) = %x", v, top, got[i])
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	inf := float32(math.Inf(1))
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		assert.Zero(t, k.Softmax(nil, 0, 1))
		row := []float32{1, 1, 1, 7}
		assert.EqualValues(t, 3, k.Softmax(row, 3, 1))
		assert.Equal(t, []float32{1, 1, 1, 7}, row, "elements beyond n stay")
		row = []float32{-inf, 0, -inf, -1e30}
		assert.EqualValues(t, 1, k.Softmax(row, 4, 1))
		assert.Equal(t, []float32{0, 1, 0, 0}, row)
		for _, bad := range [][]float32{{0, nan}, {inf, 0}, {-inf, -inf}} {
			s := k.Softmax(bad, 2, 1)
			assert.True(t, s != s, "%v", bad)
		}
	})
}

// TestSoftmaxScale: scaling first and taking exponentials after gives the same bits as both at once.
func TestSoftmaxScale(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for _, n := range lengths(r) {
			scale := float32(math.Exp2(4 * r.NormFloat64()))
			want := buffer(r, n)
			got := append([]float32(nil), want...)
			for i, x := range want {
				want[i] = float32(x * scale)
			}
			assert.Equal(t, k.Softmax(want, n, 1), k.Softmax(got, n, scale))
			requireSame(t, want, got, "scale %v", scale)
		}
	})
}

func TestDivideAndRotate(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		negative := float32(math.Copysign(0, -1))
		x := []float32{6, negative, nan}
		k.Divide(x, x, 2)
		assert.Equal(t, float32(3), x[0])
		assert.False(t, math.Signbit(float64(x[1])), "a negative zero becomes positive")
		assert.True(t, x[2] != x[2])
		v := []float32{1, 2, 3, 4}
		k.Rotate(v, v, []float32{0, 1}, []float32{1, 0})
		assert.Equal(t, []float32{-3, 2, 1, 4}, v, "a quarter turn, and none")
	})
}

func TestSumExp(t *testing.T) {
	inf := float32(math.Inf(1))
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		x := buffer(r, 43176)
		want, top := 0.0, float32(math.Inf(-1))
		for i := range x {
			x[i] *= 5
			want += math.Exp(float64(x[i]))
			top = max(top, x[i])
		}
		largest, sum := k.SumExp(x)
		assert.Equal(t, top, largest)
		assert.InDelta(t, math.Log(want), float64(largest)+math.Log(sum), 1e-12)
		largest, sum = k.SumExp([]float32{3})
		assert.Equal(t, float32(3), largest)
		assert.Equal(t, 1.0, sum)
		largest, sum = k.SumExp(nil)
		assert.Equal(t, -inf, largest)
		assert.Zero(t, sum)
		largest, sum = k.SumExp([]float32{2, -1e38})
		assert.Equal(t, float32(2), largest)
		assert.Equal(t, 1.0, sum)
		for _, bad := range [][]float32{{nan}, {1, nan}, {inf, nan}, {-inf, nan}, {1, inf}, {-inf, 2}, {-inf, -inf}} {
			_, sum := k.SumExp(bad)
			assert.True(t, math.IsNaN(sum), "%v", bad)
		}
	})
}

func TestArgMax(t *testing.T) {
	inf := float32(math.Inf(1))
	cases := []struct {
		x    []float32
		want int
	}{
		{nil, 0}, {[]float32{5}, 0}, {[]float32{1, 3, 3, 2}, 1}, {[]float32{-3, -2, -2}, 1}, {[]float32{nan, 1, 2}, 2}, {[]float32{nan, nan}, 0},
		{[]float32{-inf, -inf}, 0}, {[]float32{nan, -inf}, 1}, {[]float32{0, float32(math.Copysign(0, -1)), 0}, 0}, {[]float32{1, inf, inf}, 1},
	}
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for _, c := range cases {
			assert.Equal(t, c.want, k.ArgMax(c.x), "%v", c.x)
		}
		for _, n := range lengths(r) {
			x := make([]float32, n)
			at := r.IntN(n)
			x[at] = 1
			if n > at+1 {
				x[at+1+r.IntN(n-at-1)] = 1
			}
			assert.Equal(t, at, k.ArgMax(x))
		}
	})
}

func TestAllFinite(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		assert.True(t, k.AllFinite(nil))
		for _, n := range lengths(r) {
			x := buffer(r, n)
			x[r.IntN(n)] = math.MaxFloat32
			assert.True(t, k.AllFinite(x))
			for _, bad := range []float32{nan, float32(math.Inf(1)), float32(math.Inf(-1)), math.Float32frombits(0x7f800001)} {
				y := append([]float32(nil), x...)
				y[r.IntN(n)] = bad
				assert.False(t, k.AllFinite(y), "%v among %d", bad, n)
			}
		}
	})
}

func TestRMSNorm(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for _, n := range lengths(r) {
			x, w, got := buffer(r, n), buffer(r, n), make([]float32, n)
			k.RMSNorm(got, x, w, 1e-5)
			sum := 0.0
			for _, v := range x {
				sum += float64(v) * float64(v)
			}
			inv := 1 / math.Sqrt(sum/float64(n)+1e-5)
			for i := range got {
				want := float64(x[i]) * inv * float64(w[i])
				require.InDelta(t, want, got[i], 2e-6*math.Abs(want))
			}
		}
	})
}

func TestSiLU(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		got := make([]float32, 6)
		k.SiLUMul(got, []float32{0, 1, -1, 200, -200, -88}, []float32{3, 2, 1, -1, 5, 1})
		want := []float64{0, 2 / (1 + math.Exp(-1)), -1 / (1 + math.E), -200, 0, -88 * math.Exp(-88)}
		for i := range want {
			assert.InDelta(t, want[i], got[i], 3e-7*math.Abs(want[i]), "%d", i)
		}
	})
}

func TestGELU(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		z, up, got := make([]float32, 200), make([]float32, 200), make([]float32, 200)
		for i := range z {
			z[i], up[i] = float32(r.NormFloat64()*3), float32(r.NormFloat64())
		}
		k.GELUMul(got, z, up)
		for i := range got {
			x := float64(z[i])
			want := x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) * float64(up[i])
			if x > -4 { // below, the reference cancels
				assert.InDelta(t, want, got[i], 1e-6*math.Abs(want)+1e-9, "%v", x)
			} else {
				assert.InDelta(t, want, got[i], 1e-3*math.Abs(float64(up[i])))
			}
		}
		k.GELUMul(got, []float32{0, 1e20, -1e20, 1e30}, []float32{1, 1, 1, 1})
		assert.Equal(t, []float32{0, 1e20, 0, 1e30}, got[:4])
	})
}

func TestCap(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		x := make([]float32, 200)
		for i := range x {
			x[i] = float32(r.NormFloat64() * 100)
		}
		got := append([]float32(nil), x...)
		k.Cap(got, 0.25, 50)
		for i := range got {
			want := 50 * math.Tanh(float64(x[i])*0.25/50)
			assert.InDelta(t, want, got[i], 4e-7*math.Abs(want), "%v", x[i])
		}
	})
}

// TestBits pins results of every kernel: they are part of the engine's numerics and must not change unnoticed.
func TestBits(t *testing.T) {
	const n = 300
	x, y := make([]float32, n*n), make([]float32, n*n)
	for i := range x { // small integers over powers of two: the same inputs everywhere
		x[i] = float32(int64(i)*2654435761>>7&0xffff-0x8000) / 0x4000
		y[i] = float32(int64(i)*2246822519>>9&0xffff-0x8000) / 0x2000
	}
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		h := sha256.New()
		put := func(x ...float32) {
			for _, v := range x {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
		c := make([]float32, n*NR)
		k.Gemm(n, NR, n, x, n, y, n, c, NR, false)
		put(c...)
		row := append([]float32(nil), y[:n]...)
		put(k.Softmax(row, n, 1))
		put(row...)
		k.SiLUMul(row, x[:n], y[:n])
		put(row...)
		k.RMSNorm(row, x[:n], y[:n], 1e-5)
		put(row...)
		largest, sum := k.SumExp(x)
		h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(float64(largest)+num.Log64(sum))))
		assert.Equal(t, "3589a4c45e2e675711ddff36933cc3c998e3894f282418d8f67b7f159968ea76", hex.EncodeToString(h.Sum(nil)))
	})
}
