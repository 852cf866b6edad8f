package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// poison marks what no kernel may write: a NaN of a pattern that no operation produces.
var poison = math.Float32frombits(0x7fabcdef)

// buffer returns n random numbers that start anywhere within a cache line, so that nothing may rely on alignment.
func buffer(r *rand.Rand, n int) []float32 {
	off := r.IntN(16)
	x := make([]float32, n+off)[off:]
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// spice puts what is hard into x: infinities, NaN, zeros of both signs, subnormals, the largest numbers.
func spice(r *rand.Rand, x []float32) {
	hard := []float32{
		float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 0, float32(math.Copysign(0, -1)),
		math.SmallestNonzeroFloat32, -0x1p-130, math.MaxFloat32, -math.MaxFloat32, 0x1p-126, 0x1p-75, -0x1p-74, 89, -88, -104,
	}
	for range len(x)/7 + 1 {
		x[r.IntN(len(x))] = hard[r.IntN(len(hard))]
	}
}

// same is equality of bits, except that a NaN equals a NaN; the poison equals itself only.
func same(a, b float32) bool {
	x, y := math.Float32bits(a), math.Float32bits(b)
	p := math.Float32bits(poison)
	return x == y || a != a && b != b && x != p && y != p
}

func requireSame(t *testing.T, want, got []float32, what string, args ...any) {
	t.Helper()
	require.Equal(t, len(want), len(got))
	for i := range want {
		if !same(want[i], got[i]) {
			require.Fail(t, "bits differ", "%s: element %d is %x, want %x", fmt.Sprintf(what, args...), i, got[i], want[i])
		}
	}
}

// each runs a test with every kernel, among them those of lesser machines with the same instruction set.
func each(t *testing.T, f func(t *testing.T, k *Kernel, r *rand.Rand)) {
	for _, k := range append(Available(), lesser()...) {
		t.Run(k.Name(), func(t *testing.T) { f(t, k, rand.New(rand.NewPCG(1, 2))) })
	}
}

// rounds is how often a test draws: a quarter with -short, for emulated machines.
func rounds(n int) int { return shorttest.Few(n, n/4) }

func TestAvailable(t *testing.T) {
	ks := Available()
	assert.Equal(t, "portable", ks[len(ks)-1].Name())
	seen := map[string]bool{}
	for _, k := range ks {
		assert.False(t, seen[k.Name()], k.Name())
		seen[k.Name()] = true
	}
}

func TestGemm(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		p := Portable()
		for round := range rounds(400) {
			m, n, kk := 1+r.IntN(40), 1+r.IntN(NR), r.IntN(80)
			if round%4 == 0 {
				n = NR
			}
			if round%20 == 0 {
				kk = r.IntN(700)
			}
			lda, ldb, ldc := kk+r.IntN(5), n+r.IntN(40), n+r.IntN(9)
			if round%2 == 0 {
				ldb = NR
			}
			a, b := buffer(r, m*lda+1), buffer(r, kk*ldb+1)
			c := buffer(r, m*ldc+40)
			if round%3 == 0 {
				spice(r, a)
				spice(r, b)
				spice(r, c)
			}
			for i := range c {
				if i/ldc >= m || i%ldc >= n {
					c[i] = poison
				}
			}
			if kk > 0 { // exactly as long as needed: reading beyond is caught by the slices of the portable kernel only
				a, b = a[:(m-1)*lda+kk], b[:(kk-1)*ldb+n]
			}
			acc := r.IntN(2) == 0
			want := append([]float32(nil), c...)
			p.Gemm(m, n, kk, a, lda, b, ldb, want, ldc, acc)
			got := append(buffer(r, 3), c...)[3:]
			k.Gemm(m, n, kk, a, lda, b, ldb, got, ldc, acc)
			requireSame(t, want, got, "m %d n %d k %d strides %d %d %d acc %v", m, n, kk, lda, ldb, ldc, acc)

			// Row by row.
			rows := append([]float32(nil), c...)
			for i := range m {
				k.Gemm(1, n, kk, a[i*lda:], lda, b, ldb, rows[i*ldc:], ldc, acc)
			}
			requireSame(t, want, rows, "rows alone: m %d n %d k %d", m, n, kk)

			// Cut along k.
			if kk > 1 {
				cut := 1 + r.IntN(kk-1)
				parts := append([]float32(nil), c...)
				k.Gemm(m, n, cut, a, lda, b, ldb, parts, ldc, acc)
				k.Gemm(m, n, kk-cut, a[cut:], lda, b[cut*ldb:], ldb, parts, ldc, true)
				requireSame(t, want, parts, "k %d cut at %d", kk, cut)
			}
		}
	})
}

// TestGemmChain states the canonical order itself: one chain of fused multiply-adds for each element.
func TestGemmChain(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 29, 27, 333
		a, b, c := buffer(r, m*kk), buffer(r, kk*n), buffer(r, m*n)
		want := append([]float32(nil), c...)
		for i := range m {
			for j := range n {
				for x := range kk {
					want[i*n+j] = num.FMA32(a[i*kk+x], b[x*n+j], want[i*n+j])
				}
			}
		}
		k.Gemm(m, n, kk, a, kk, b, n, c, n, true)
		requireSame(t, want, c, "accumulated")
	})
}

// TestGemmPacked multiplies by stored weights by way of a panel.
func TestGemmPacked(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 13, 30, 100
		a, w := buffer(r, m*kk), make([]byte, n*kk*2)
		for i := range n * kk {
			binary.LittleEndian.PutUint16(w[2*i:], num.F32ToBF16(float32(r.NormFloat64())))
		}
		panel, c := make([]float32, kk*NR), make([]float32, m*n)
		k.PackRows(panel, w, BF16, kk, 0, n)
		k.Gemm(m, n, kk, a, kk, panel, NR, c, n, false)
		for i := range m {
			for j := range n {
				want := float32(0)
				for x := range kk {
					want = num.FMA32(a[i*kk+x], num.BF16ToF32(binary.LittleEndian.Uint16(w[2*(j*kk+x):])), want)
				}
				require.Equal(t, want, c[i*n+j])
			}
		}
	})
}

func TestBrokenInvariants(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		x, half, raw := make([]float32, 64), make([]uint16, 64), make([]byte, 4096)
		for name, f := range map[string]func(){
			"columns":     func() { k.Gemm(1, NR+1, 1, x, 1, x, 40, x, 40, false) },
			"negative":    func() { k.Gemm(-1, 1, 1, x, 1, x, 1, x, 1, false) },
			"short a":     func() { k.Gemm(9, 1, 8, x, 8, x, 1, x, 1, false) },
			"short b":     func() { k.Gemm(1, 8, 9, x, 9, x, 8, x, 8, false) },
			"short c":     func() { k.Gemm(9, 8, 1, x, 1, x, 8, x, 8, false) },
			"stride a":    func() { k.Gemm(2, 1, 4, x, 3, x, 1, x, 1, false) },
			"stride b":    func() { k.Gemm(1, 4, 2, x, 2, x, 3, x, 4, false) },
			"stride c":    func() { k.Gemm(2, 4, 1, x, 1, x, 4, x, 3, false) },
			"short panel": func() { k.PackRows(x, make([]byte, 100), BF16, 3, 0, 2) },
			"short slice": func() { k.Gemm(1, 8, 1, x, 1, x, 8, x[:7], 8, false) },
			"short rows":  func() { k.PackRows(x, make([]byte, 7), BF16, 2, 0, 2) },
			"format":      func() { k.PackRows(x, make([]byte, 100), Format(3), 2, 0, 2) },
			"many rows":   func() { k.PackF32Rows(x, x, 1, 1, NR+1) },
			"stride":      func() { k.PackF32Rows(x, x, 1, 2, 2) },
			"norm":        func() { k.RMSNorm(x, x, x[:63], 1) },
			"silu":        func() { k.SiLUMul(x[:63], x, x) },
			"gelu":        func() { k.GELUMul(x[:63], x, x) },
			"add":         func() { k.Add(x[:63], x) },
			"softmax":     func() { k.Softmax(x[:10], 11, 1) },
			"bf16 rows":   func() { k.GemmBF16(-1, 1, 1, half, 1, raw, x, 1, false) },
			"bf16 a":      func() { k.GemmBF16(2, 1, 33, half, 32, raw, x, 1, false) },
			"bf16 short":  func() { k.GemmBF16(2, 1, 33, half, 33, raw, x, 1, false) },
			"bf16 panel":  func() { k.GemmBF16(1, 65, 2, half, 2, raw[:511], x, 65, false) },
			"bf16 c":      func() { k.GemmBF16(1, 65, 2, half, 2, raw, x, 65, false) },
			"bf16 ldc":    func() { k.GemmBF16(2, 9, 2, half, 2, raw, x, 8, false) },
			"mixed panel": func() { k.GemmMixed(1, 1, 2, x, 2, raw[:255], x, 1, false, &Scratch{}) },
			"mixed a":     func() { k.GemmMixed(2, 1, 64, x, 64, make([]byte, 1<<14), x, 1, false, &Scratch{}) },
			"q8 panel":    func() { k.GemmQ8(1, 1, 1, raw, rowGroupSize, raw[:groupSizeQ8-1], x, 1, false) },
			"q8 a":        func() { k.GemmQ8(1, 1, groupQ8+1, raw[:2*rowGroupSize-1], 2*rowGroupSize, raw, x, 1, false) },
			"q8 lda":      func() { k.GemmQ8(2, 1, groupQ8+1, raw, 2*rowGroupSize-1, raw, x, 1, false) },
			"round":       func() { k.RoundBF16(half[:9], x[:10]) },
			"quantize":    func() { k.QuantizeQ8(raw[:rowGroupSize-1], x[:1]) },
			"pack mode":   func() { k.PackPanels(raw, Mode(3), raw, F32, 1, 1, 0, 1) },
			"pack range":  func() { k.PackPanels(raw, ModeBF16, raw, F32, 1, 64, 0, 2) },
			"pack order":  func() { k.PackPanels(raw, ModeBF16, raw, F32, 1, 64, 1, 0) },
			"pack dst":    func() { k.PackPanels(raw[:255], ModeBF16, raw, F32, 1, 1, 0, 1) },
			"pack src":    func() { k.PackPanels(raw, ModeBF16, raw[:255], F32, 1, 64, 0, 1) },
			"pack align":  func() { k.PackPanels(raw[1:], ModeF32, raw, F32, 1, 1, 0, 1) },
			"allocate":    func() { _, _ = Allocate(-1) },
		} {
			assert.Panics(t, f, name)
		}
	})
}

func TestPadStride(t *testing.T) {
	for n, want := range map[int]int{768: 768, 2048: 2064, 5632: 5632, 4096: 4112, 1024: 1040, 5120: 5136, 11008: 11008, 1: 1} {
		assert.Equal(t, want, PadStride(n))
	}
}

func TestPeak(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		assert.Greater(t, k.Peak(), 0.01, "GFLOP/s")
		for m := range Mode(modes) {
			assert.Greater(t, k.PeakOf(m), 0.01, m)
			assert.NotEmpty(t, k.Instruction(m), m)
		}
	})
}

func TestFormat(t *testing.T) {
	assert.Equal(t, []int{4, 2, 2}, []int{F32.Size(), BF16.Size(), F16.Size()})
	assert.Equal(t, "float32 bfloat16 float16 Format(7)", fmt.Sprint(F32, " ", BF16, " ", F16, " ", Format(7)))
}

func TestPack(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		p := Portable()
		for range rounds(300) {
			n, kk, rows := r.IntN(NR+1), r.IntN(130), NR+r.IntN(8)
			n0 := r.IntN(rows - n + 1)
			for _, f := range []Format{F32, BF16, F16} {
				w := make([]byte, rows*kk*f.Size()+3)[3:] // weights in a file need not be aligned
				for i := range w {
					w[i] = byte(r.Uint32()) // any bits: infinities, NaN and subnormals included
				}
				want, got := buffer(r, kk*NR+5), buffer(r, kk*NR+5)
				for i := range want {
					want[i], got[i] = poison, poison
				}
				p.PackRows(want, w, f, kk, n0, n)
				k.PackRows(got, w, f, kk, n0, n)
				requireSame(t, want, got, "%v k %d n0 %d n %d", f, kk, n0, n)
				for i, v := range want[:kk*NR] {
					if i%NR >= n {
						require.Zero(t, v)
					}
				}
			}
			stride := kk + r.IntN(4)
			src := buffer(r, n*stride+1)
			if n > 0 {
				src = src[:(n-1)*stride+kk]
			}
			want, got := buffer(r, kk*NR+5), buffer(r, kk*NR+5)
			for i := range want {
				want[i], got[i] = poison, poison
			}
			for j := range n {
				for i := range kk {
					want[i*NR+j] = src[j*stride+i]
				}
			}
			for i := range kk {
				clear(want[i*NR+n : i*NR+NR])
			}
			k.PackF32Rows(got, src, stride, kk, n)
			requireSame(t, want, got, "float32 rows: k %d n %d stride %d", kk, n, stride)
		}
	})
}

// TestPackValues checks the portable packer, which the others are compared with, element by element.
func TestPackValues(t *testing.T) {
	w := []byte{
		0x80, 0x3f, 0x00, 0xc0, 0x00, 0x3e, 0x49, 0x40, // row 0: as bfloat16 1, -2, 0.125, 3.140625
		0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c, // row 1: as float16 1, -2, 2^-24, +Inf
		0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0xc0, // row 2: as float32 1, -2
	}
	each(t, func(t *testing.T, k *Kernel, _ *rand.Rand) {
		column := func(f Format, kk, row int) []float32 {
			dst := make([]float32, kk*NR)
			k.PackRows(dst, w, f, kk, row, 1)
			out := make([]float32, kk)
			for i := range out {
				out[i] = dst[i*NR]
			}
			return out
		}
		assert.Equal(t, []float32{1, -2, 0.125, 3.140625}, column(BF16, 4, 0))
		assert.Equal(t, []float32{1, -2, 0x1p-24, float32(math.Inf(1))}, column(F16, 4, 1))
		assert.Equal(t, []float32{1, -2}, column(F32, 2, 2))
	})
}
