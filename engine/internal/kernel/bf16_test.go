package kernel

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// halves rounds x to bfloat16.
func halves(r *rand.Rand, x []float32) []uint16 {
	off := r.IntN(32)
	h := make([]uint16, len(x)+off)[off:]
	roundBF16Portable(h, x)
	return h
}

// panelsOf packs n rows of k weights, drawn at random, into bfloat16 panels that start anywhere in a cache line. It
// returns the weights too.
func panelsOf(r *rand.Rand, k, n int, hard bool) (panels []byte, w []float32) {
	w = buffer(r, n*k)
	if hard && len(w) > 0 {
		spice(r, w)
	}
	raw := make([]byte, 2*len(w))
	for i, h := range halves(r, w) {
		binary.LittleEndian.PutUint16(raw[2*i:], h)
		w[i] = num.BF16ToF32(h)
	}
	off := r.IntN(64)
	panels = make([]byte, ModeBF16.PackedSize(k, n)+off)[off:]
	Portable().PackPanels(panels, ModeBF16, raw, BF16, k, n, 0, ModeBF16.Panels(n))
	return panels, w
}

// product is a product of any mode on panels: rows from..from+m-1 of A and columns of one or more panels, k0..k0+k-1.
type product func(k *Kernel, c []float32, from, m, n, k0, kk int, acc bool)

// checkProduct compares kernels on random C: all at once, row by row, and cut along k at a multiple of grain.
func checkProduct(t *testing.T, k *Kernel, r *rand.Rand, m, n, kk, ldc, grain, columns int, run product) {
	t.Helper()
	c := buffer(r, (m-1)*ldc+n+40)
	if r.IntN(3) == 0 {
		spice(r, c)
	}
	for i := range c {
		if i/ldc >= m || i%ldc >= n {
			c[i] = poison
		}
	}
	acc := r.IntN(2) == 0
	want := append([]float32(nil), c...)
	run(Portable(), want, 0, m, n, 0, kk, acc)
	got := append(buffer(r, 3), c...)[3:]
	run(k, got, 0, m, n, 0, kk, acc)
	requireSame(t, want, got, "m %d n %d k %d ldc %d acc %v", m, n, kk, ldc, acc)

	rows := append([]float32(nil), c...)
	for i := range m {
		run(k, rows[i*ldc:], i, 1, n, 0, kk, acc)
	}
	requireSame(t, want, rows, "rows alone: m %d n %d k %d acc %v", m, n, kk, acc)

	if kk > grain && n <= columns { // panels lie behind each other, so only one of them can be entered in the middle
		cut := (1 + r.IntN((kk-1)/grain)) * grain
		parts := append([]float32(nil), c...)
		run(k, parts, 0, m, n, 0, cut, acc)
		run(k, parts, 0, m, n, cut, kk-cut, true)
		requireSame(t, want, parts, "k %d cut at %d", kk, cut)
	}
}

// shape draws the size of a product: edges, tails, and sometimes lengths beyond a block.
func shape(r *rand.Rand, round int) (m, n, k, ldc int) {
	m, n, k = 1+r.IntN(15), 1+r.IntN(150), 1+r.IntN(60)
	switch {
	case round%4 == 0:
		n = (1 + r.IntN(2)) * 64
	case round%25 == 1:
		m, n, k = 65+r.IntN(20), 1+r.IntN(70), 450+r.IntN(200) // rows and inputs for more than one block
	case round%25 == 2:
		m, n, k = 1+r.IntN(8), 1+r.IntN(70), 700+r.IntN(300)
	}
	return m, n, k, n + r.IntN(9)
}

func TestGemmBF16(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round := range rounds(300) {
			m, n, kk, ldc := shape(r, round)
			hard := round%3 == 0
			lda := kk + r.IntN(5)
			x := buffer(r, (m-1)*lda+kk)
			if hard {
				spice(r, x)
			}
			a := halves(r, x)
			b, _ := panelsOf(r, kk, n, hard)
			checkProduct(t, k, r, m, n, kk, ldc, 2, columnsBF16, func(k *Kernel, c []float32, from, m, n, k0, kk int, acc bool) {
				k.GemmBF16(m, n, kk, a[from*lda+k0:], lda, b[k0/2*pairSize:], c, ldc, acc)
			})
		}
	})
}

// TestGemmPairs compares blocks with gaps between their rows, which hold anything, with panels of the same weights.
func TestGemmPairs(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round := range rounds(300) {
			m, n, kk, ldc := shape(r, round)
			n, kk, ldc = min(n, columnsBF16), (kk+1)/2*2, max(ldc, columnsBF16)
			hard := round%3 == 0
			lda := kk + r.IntN(5)
			x := buffer(r, (m-1)*lda+kk)
			if hard {
				spice(r, x)
			}
			a := halves(r, x)
			panel, _ := panelsOf(r, kk, n, hard)
			ldb := 4*n + r.IntN(200)
			b := make([]byte, (kk/2-1)*ldb+4*n)
			for i := range b {
				b[i] = 0xff
			}
			for p := range kk / 2 {
				copy(b[p*ldb:], panel[p*pairSize:][:4*n])
			}
			run := func(k *Kernel, c []float32, from, m, n, k0, kk int, acc bool) {
				k.GemmPairs(m, n, kk, a[from*lda+k0:], lda, b[k0/2*ldb:], ldb, c, ldc, acc)
			}
			checkProduct(t, k, r, m, n, kk, ldc, 2, columnsBF16, run)
			want := buffer(r, (m-1)*ldc+n)
			got := append([]float32(nil), want...)
			k.GemmBF16(m, n, kk, a, lda, panel, want, ldc, true)
			run(k, got, 0, m, n, 0, kk, true)
			requireSame(t, want, got, "against GemmBF16: m %d n %d k %d", m, n, kk)
		}
	})
}

// TestGemmMixed also compares with what it stands for, Gemm on widened weights.
func TestGemmMixed(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		var s Scratch
		for round := range rounds(300) {
			m, n, kk, ldc := shape(r, round)
			if round%50 == 3 && k.Name() != "portable" { // rows for which panels are widened at once, inputs for more than one piece of a panel
				m, n, kk = 95+r.IntN(20), 1+r.IntN(140), 600+r.IntN(400)
				ldc = n + r.IntN(9)
			}
			hard := round%3 == 0
			lda := kk + r.IntN(5)
			a := buffer(r, (m-1)*lda+kk)
			if hard {
				spice(r, a)
			}
			b, w := panelsOf(r, kk, n, hard)
			run := func(k *Kernel, c []float32, from, m, n, k0, kk int, acc bool) {
				s.Next = b[r.IntN(len(b)):]
				k.GemmMixed(m, n, kk, a[from*lda+k0:], lda, b[k0/2*pairSize:], c, ldc, acc, &s)
			}
			checkProduct(t, k, r, m, n, kk, ldc, 2, columnsBF16, run)

			c := buffer(r, (m-1)*ldc+n)
			want, panel := append([]float32(nil), c...), make([]float32, kk*NR)
			for j := 0; j < n; j += NR {
				cols := min(NR, n-j)
				k.PackF32Rows(panel, w[j*kk:], kk, kk, cols)
				k.Gemm(m, cols, kk, a, lda, panel, NR, want[j:], ldc, true)
			}
			run(k, c, 0, m, n, 0, kk, true)
			requireSame(t, want, c, "against Gemm: m %d n %d k %d", m, n, kk)
		}
	})
}

// TestDotBF16 holds single pairs against the definition, with operands chosen to tell orders and roundings apart.
func TestDotBF16(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		half := func(e, spread int) uint16 {
			return uint16(r.Uint32())&0x807f | uint16(e+127+r.IntN(spread))<<7
		}
		single := func(e, spread int) float32 {
			return math.Float32frombits(r.Uint32()&0x807fffff | uint32(e+127+r.IntN(spread))<<23)
		}
		special := []uint16{0, 0x8000, 0x7f80, 0xff80, 0x7fc0, 0x7f81, 1, 0x8001, 0x7f, 0x80, 0x3f80, 0xbf80, 0x7f7f, 0xff7f}
		drawn := func() uint16 { return special[r.IntN(len(special))] }
		kinds := []func() (a0, a1, b0, b1 uint16, c float32){
			func() (uint16, uint16, uint16, uint16, float32) { // any bits
				return uint16(r.Uint32()), uint16(r.Uint32()), uint16(r.Uint32()), uint16(r.Uint32()), math.Float32frombits(r.Uint32())
			},
			func() (uint16, uint16, uint16, uint16, float32) { // all of about the same size
				return half(0, 3), half(0, 3), half(0, 3), half(0, 3), single(0, 6)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // far apart
				return half(0, 3), half(0, 12), half(0, 3), half(0, 12), single(-12, 40)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // underflow of products, of sums
				return half(-66, 6), half(-66, 6), half(-66, 6), half(-66, 6), single(-127, 4)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // subnormal operands
				return half(-127, 3), half(-127, 3), half(-2, 4), half(-2, 4), single(-127, 3)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // overflow on the way
				return half(62, 3), half(62, 3), half(62, 3), half(62, 3), single(120, 7)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // products that cancel
				x, y := half(0, 2), half(0, 2)
				return x, x ^ 0x8000, y, y, single(-20, 40)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // the first or the second product cancels the sum
				x, y := half(0, 2), half(0, 2)
				return x, half(-30, 20), y, half(0, 2), -num.BF16ToF32(x) * num.BF16ToF32(y)
			},
			func() (uint16, uint16, uint16, uint16, float32) { // around the smallest normal number
				c := math.Float32frombits(r.Uint32()&0x80000000 | 0x00800000 - 8 + r.Uint32N(16))
				return half(-76, 3), half(-76, 3), half(-76, 3), half(-76, 3), c
			},
			func() (uint16, uint16, uint16, uint16, float32) {
				return drawn(), drawn(), drawn(), drawn(), num.BF16ToF32(drawn())
			},
		}
		var a [2]uint16
		var b [pairSize]byte
		c, old := make([]float32, columnsBF16), make([]float32, columnsBF16)
		var b0, b1 [columnsBF16]uint16
		for round := range 6000 {
			kind := kinds[round%len(kinds)]
			a[0], a[1], _, _, _ = kind()
			for j := range c {
				var a0, a1 uint16
				a0, a1, b0[j], b1[j], old[j] = kind()
				if j == 0 {
					a[0], a[1] = a0, a1
				}
				binary.LittleEndian.PutUint16(b[4*j:], b0[j])
				binary.LittleEndian.PutUint16(b[4*j+2:], b1[j])
			}
			copy(c, old)
			k.GemmBF16(1, columnsBF16, 2, a[:], 2, b[:], c, columnsBF16, true)
			for j, got := range c {
				want := num.FMAFlush32(num.BF16ToF32(a[1]), num.BF16ToF32(b1[j]), old[j])
				want = num.FMAFlush32(num.BF16ToF32(a[0]), num.BF16ToF32(b0[j]), want)
				if !same(want, got) {
					require.Fail(t, "bits differ", "kind %d: (%#x, %#x) (%#x, %#x) + %x = %x, want %x", round%len(kinds), a[0], a[1], b0[j], b1[j], old[j], got, want)
				}
			}
		}
	})
}

// TestBF16Error bounds the error of long chains against float64: half a unit of the running sum for each step.
func TestBF16Error(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		const m, n, kk = 7, 70, 1500
		x := buffer(r, m*kk)
		a, c := halves(r, x), make([]float32, m*n)
		b, w := panelsOf(r, kk, n, false)
		k.GemmBF16(m, n, kk, a, kk, b, c, n, false)
		for i := range m {
			for j := range n {
				sum, size := 0.0, 0.0
				for y := range kk {
					p := float64(num.BF16ToF32(a[i*kk+y])) * float64(w[j*kk+y])
					sum += p
					size += math.Abs(p)
				}
				require.InDelta(t, sum, c[i*n+j], size*0x1p-20)
			}
		}
	})
}

// TestSubnormalsReturn: what a tile sets in the floating-point unit must not outlive it.
func TestSubnormalsReturn(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		b, _ := panelsOf(r, 4, 64, false)
		c := make([]float32, 6*64)
		k.GemmBF16(6, 64, 4, make([]uint16, 24), 4, b, c, 64, false)
		tiny := float32(r.IntN(2)) + 1
		require.NotZero(t, tiny*0x1p-130, "a subnormal product")
		x := []float32{0x1p-130, 0, 0}
		k.Gemm(1, 1, 1, x, 1, []float32{1}, 1, x[1:], 1, false)
		require.EqualValues(t, float32(0x1p-130), x[1])
	})
}

func TestRoundBF16(t *testing.T) {
	const stride = 9973
	var x []float32
	for u := uint64(0); u < 1<<32; u += stride {
		x = append(x, math.Float32frombits(uint32(u)))
	}
	want := make([]uint16, len(x))
	for i, v := range x {
		want[i] = num.F32ToBF16(v)
	}
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		got := make([]uint16, len(x))
		k.RoundBF16(got, x)
		require.True(t, assert.ObjectsAreEqual(want, got))
		for _, n := range lengths(r) {
			from := r.IntN(len(x) - n)
			part := make([]uint16, n+2)
			part[n], part[n+1] = 0xabcd, 0xabcd
			k.RoundBF16(part[:n+1], x[from:from+n])
			require.Equal(t, want[from:from+n], part[:n])
			require.Equal(t, []uint16{0xabcd, 0xabcd}, part[n:])
		}
		k.RoundBF16(nil, nil)
	})
}

// TestSoftmaxBF16 compares with Softmax and RoundBF16, one after the other.
func TestSoftmaxBF16(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round, n := range lengths(r) {
			row := buffer(r, n+3)
			if round%3 == 0 {
				spice(r, row)
			}
			exps, want := append([]float32(nil), row...), make([]uint16, n+3)
			k.Softmax(exps, n, 0.3)
			k.RoundBF16(want, exps[:n])
			var lanes [16]float32
			for i, x := range widened(want[:n]) {
				lanes[i%16] += x
			}
			wantSum := lanes16(&lanes)
			got := make([]uint16, n+3)
			want[n], got[n] = 77, 77
			sum := k.SoftmaxBF16(got, row, n, 0.3)
			require.True(t, same(wantSum, sum), "%d: %x, want %x", n, sum, wantSum)
			requireSame(t, widened(want), widened(got), "%d", n)
			require.Equal(t, want[n:], got[n:])
		}
		require.Zero(t, k.SoftmaxBF16(nil, nil, 0, 1))
	})
}

func TestPairBF16(t *testing.T) {
	each(t, func(t *testing.T, k *Kernel, r *rand.Rand) {
		for round, n := range lengths(r) {
			even, odd := buffer(r, n), buffer(r, n)
			if round%3 == 0 {
				spice(r, even)
				spice(r, odd)
			}
			rounded, finite := halves(r, append(append([]float32(nil), even...), odd...)), true
			for _, x := range widened(rounded) {
				finite = finite && allFinitePortable([]float32{x})
			}
			got := make([]byte, 4*n+8)
			require.Equal(t, finite, k.PairBF16(got, even, odd))
			for i := range n {
				pair := []uint16{binary.LittleEndian.Uint16(got[4*i:]), binary.LittleEndian.Uint16(got[4*i+2:])}
				requireSame(t, widened([]uint16{rounded[i], rounded[n+i]}), widened(pair), "%d of %d", i, n)
			}
			require.Zero(t, binary.LittleEndian.Uint64(got[4*n:]))
		}
		// One that is finite only in float32, and ones that are not, at every place.
		for _, bad := range []float32{math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), nan} {
			for i := range 80 {
				x := make([]float32, 40)
				require.True(t, k.PairBF16(make([]byte, 160), x, x))
				y := make([]float32, 40)
				y[i%40] = bad
				if i < 40 {
					x, y = y, x
				}
				require.False(t, k.PairBF16(make([]byte, 160), x, y), "%x at %d", bad, i)
			}
		}
	})
}

func widened(halves []uint16) []float32 {
	x := make([]float32, len(halves))
	for i, h := range halves {
		x[i] = num.BF16ToF32(h)
	}
	return x
}
