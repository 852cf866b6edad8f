package num

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

var inf = math.Inf(1)

// rounds is how often a test draws: with -short a tenth, for emulated machines. What takes long there are references of many
// digits, which have nothing to do with the processor; that its bits are those of other processors is TestBits' business.
func rounds(n int) int { return shorttest.Few(n, n/10) }

func TestExp32(t *testing.T) {
	worst := 0.0
	check := func(x float32) {
		want, _ := bigExp(bigOf(float64(x))).Float64()
		worst = max(worst, math.Abs(float64(Exp32(x))-want)/ulp(want, 24))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range rounds(20000) {
		check(minExp32 + float32(r.Float64()*(88.72+87.33)))
		check(float32(r.NormFloat64()) * 0.01)
	}
	for i := range 2000 {
		check((float32(i) - 1000) * 0x1p-4 * math.Ln2 * 0.0625) // the ends of the reduced range
	}
	assert.Less(t, worst, 1.0, "error in ulp")

	cases := []struct{ in, want float32 }{
		{0, 1}, {float32(math.Copysign(0, -1)), 1}, {float32(inf), float32(inf)}, {float32(-inf), 0},
		{88.72283, math.Float32frombits(0x7f7fff84)}, {88.73, float32(inf)}, {1e30, float32(inf)}, {-1e30, 0},
		{minExp32, math.Float32frombits(0x00800026)}, {math.Nextafter32(minExp32, -100), 0}, {math.SmallestNonzeroFloat32, 1},
	}
	for _, c := range cases {
		assert.Equal(t, math.Float32bits(c.want), math.Float32bits(Exp32(c.in)), "Exp32(%v) = %v", c.in, Exp32(c.in))
	}
	assert.True(t, math.IsNaN(float64(Exp32(float32(math.NaN())))))
}

func TestTanh32(t *testing.T) {
	worst := 0.0
	check := func(x float32) {
		square := bigExp(bigOf(2 * float64(x)))
		minus := new(big.Float).SetPrec(prec).Sub(square, bigOf(1))
		want, _ := minus.Quo(minus, add(square, bigOf(1))).Float64()
		worst = max(worst, math.Abs(float64(Tanh32(x))-want)/ulp(want, 24))
	}
	r := rand.New(rand.NewPCG(3, 2))
	for range rounds(2000) {
		check(float32(r.Float64()*22 - 11))
		check(float32(r.NormFloat64()))
		check(float32(r.NormFloat64()) * 0.001)
	}
	for i := range 1000 {
		check((float32(i) - 500) * 0x1p-4 * math.Ln2 * 0.0625) // the ends of the reduced range
	}
	assert.Less(t, worst, 2.5, "error in ulp")
	negative := float32(math.Copysign(0, -1))
	for in, want := range map[float32]float32{
		10: 1, -10: -1, 9.99: 1, 1e30: 1, float32(inf): 1, float32(-inf): -1, math.SmallestNonzeroFloat32: math.SmallestNonzeroFloat32, -0x1p-120: -0x1p-120,
	} {
		assert.Equal(t, want, Tanh32(in), "Tanh32(%v)", in)
	}
	assert.Equal(t, math.Float32bits(negative), math.Float32bits(Tanh32(negative)))
	assert.True(t, math.IsNaN(float64(Tanh32(float32(math.NaN())))))
}

func TestExp64(t *testing.T) {
	worst := 0.0
	check := func(x float64) { worst = max(worst, ulps64(Exp64(x), bigExp(bigOf(x)))) }
	r := rand.New(rand.NewPCG(3, 4))
	for range rounds(10000) {
		check(minExp64 + r.Float64()*(709.78+708.39))
		check(-r.ExpFloat64() * 10)
		check(r.NormFloat64() * 0.01)
	}
	assert.Less(t, worst, 1.0, "error in ulp")
	for in, want := range map[float64]float64{
		0: 1, inf: inf, -inf: 0, 709.79: inf, 1e300: inf, -1e300: 0, math.Nextafter(minExp64, -1000): 0, 5e-324: 1,
	} {
		assert.Equal(t, want, Exp64(in), "Exp64(%v)", in)
	}
	assert.GreaterOrEqual(t, Exp64(minExp64), 0x1p-1022)
	assert.Less(t, Exp64(709.782712893383), inf)
	assert.True(t, math.IsNaN(Exp64(math.NaN())))
}

func TestLog64(t *testing.T) {
	worst := 0.0
	check := func(x float64) {
		if x != 1 {
			worst = max(worst, ulps64(Log64(x), bigLog(bigOf(x))))
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range rounds(3000) {
		check(math.Float64frombits(r.Uint64N(0x7ff << 52)))
		check(1 + r.Float64()*50000)
		check(1 + r.NormFloat64()*0.001)
		check(math.Sqrt2 + r.NormFloat64()*1e-9)
	}
	check(math.Nextafter(1, 0))
	check(math.Nextafter(1, 2))
	check(5e-324)
	check(math.MaxFloat64)
	assert.Less(t, worst, 0.75, "error in ulp")
	assert.Equal(t, uint64(0), math.Float64bits(Log64(1)))
	assert.Equal(t, -inf, Log64(0))
	assert.Equal(t, inf, Log64(inf))
	assert.True(t, math.IsNaN(Log64(-1)))
	assert.True(t, math.IsNaN(Log64(math.NaN())))
}

func TestPow64(t *testing.T) {
	worst := 0.0
	check := func(b, e float64) {
		want := bigExp(mul(bigOf(e), bigLog(bigOf(b))))
		worst = max(worst, ulps64(Pow64(b, e), want))
	}
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 64 {
		check(10000, float64(2*i)/128)
		check(10000, -float64(2*i)/128)
		check(1e6, -float64(2*i)/128)
		check(500000, float64(2*i)/128)
	}
	for range rounds(3000) {
		b := math.Float64frombits((900 + r.Uint64N(200)) << 52) // 2^-123 .. 2^76
		b = float64(b * (1 + r.Float64()))
		e := (r.Float64() - 0.5) * 1400 / max(1, math.Abs(math.Log(b)))
		check(b, e)
	}
	assert.Less(t, worst, 2.0, "error in ulp")
	for _, c := range [][3]float64{
		{2, 10, 1024}, {10, 3, 1000}, {7, 0, 1}, {1, 1e300, 1}, {inf, 2, inf}, {inf, -2, 0}, {2, 5000, inf}, {2, -5000, 0}, {0.5, -3, 8}, {math.NaN(), 0, 1},
	} {
		assert.Equal(t, c[2], Pow64(c[0], c[1]), "%v^%v", c[0], c[1])
	}
	for _, c := range [][2]float64{{0, 2}, {-1, 2}, {2, math.NaN()}, {math.NaN(), 2}} {
		assert.True(t, math.IsNaN(Pow64(c[0], c[1])), "%v^%v", c[0], c[1])
	}
}

func TestSinCos64(t *testing.T) {
	pi := bigPi()
	worst := 0.0
	check := func(x float64) {
		s, c := SinCos64(x)
		ws, wc := bigSinCos(bigOf(x), pi)
		ds, _ := ws.Sub(ws, bigOf(s)).Float64()
		dc, _ := wc.Sub(wc, bigOf(c)).Float64()
		worst = max(worst, math.Abs(ds), math.Abs(dc))
	}
	r := rand.New(rand.NewPCG(9, 10))
	for range rounds(4000) {
		check((r.Float64() - 0.5) * 2 * MaxAngle)
		check(r.Float64() * 8192)
		check(float64(float32(r.Float64() * 100000)))
	}
	for i := range 1000 {
		near, _ := mul(pi, bigOf(float64(i*2663)/2)).Float64()
		check(near)
		check(math.Nextafter(near, 0))
		check(float64(i*2663) * math.Pi / 4)
	}
	assert.Less(t, worst, 0x1p-52)
	s, c := SinCos64(0)
	assert.Equal(t, [2]float64{0, 1}, [2]float64{s, c})
	assert.Equal(t, s, Sin64(0))
	assert.Equal(t, c, Cos64(0))
	assert.Equal(t, -Sin64(1.25), Sin64(-1.25))
	for _, x := range []float64{inf, -inf, math.NaN(), MaxAngle + 1} {
		s, c := SinCos64(x)
		assert.True(t, math.IsNaN(s) && math.IsNaN(c), "SinCos64(%v)", x)
	}
}

func TestBF16(t *testing.T) {
	for h := range 1 << 16 {
		x := BF16ToF32(uint16(h))
		require.Equal(t, uint32(h)<<16, math.Float32bits(x))
		if x == x {
			require.Equal(t, uint16(h), F32ToBF16(x))
		} else {
			require.Equal(t, uint16(h)|0x40, F32ToBF16(x), "a NaN stays one, and is quiet")
		}
	}
	// The neighbours and the middle of every gap between finite values.
	for h := range 0x7f80 {
		low := uint32(h) << 16
		for rest, up := range map[uint32]bool{1: false, 0x7fff: false, 0x8000: h&1 == 1, 0x8001: true, 0xffff: true} {
			want := uint16(h)
			if up {
				want++
			}
			require.Equal(t, want, F32ToBF16(math.Float32frombits(low|rest)), "%#x", low|rest)
			require.Equal(t, want|0x8000, F32ToBF16(math.Float32frombits(low|rest|1<<31)), "%#x", low|rest)
		}
	}
	assert.Equal(t, uint16(0x7fff), F32ToBF16(math.Float32frombits(0x7fffffff)))
	assert.Equal(t, uint16(0x7fc0), F32ToBF16(math.Float32frombits(0x7f800001)))
}

func TestF16(t *testing.T) {
	for h := range 1 << 16 {
		got := F16ToF32(uint16(h))
		exp, frac := h>>10&31, h&1023
		var want float64
		switch {
		case exp == 31 && frac > 0:
			require.True(t, got != got && math.Float32bits(got)&0x400000 != 0, "%#x", h)
			continue
		case exp == 31:
			want = inf
		case exp == 0:
			want = math.Ldexp(float64(frac), -24)
		default:
			want = math.Ldexp(float64(frac+1024), exp-25)
		}
		if h >= 0x8000 {
			want = math.Copysign(want, -1)
		}
		require.Equal(t, math.Float32bits(float32(want)), math.Float32bits(got), "%#x", h)
	}
}

// TestBits pins the bits of sweeps over every function: an accidental change of the arithmetic must not go unnoticed,
// and every architecture must agree.
func TestBits(t *testing.T) {
	sweep := func(n int, lo, hi float64, f func(x float64) uint64) string {
		h := sha256.New()
		var buf [8]byte
		for i := range n {
			x := lo + (hi-lo)*(float64(i)/float64(n)) // the same on fusing machines: n is a power of two
			binary.LittleEndian.PutUint64(buf[:], f(x))
			h.Write(buf[:])
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	f64 := func(f func(float64) float64) func(float64) uint64 {
		return func(x float64) uint64 { return math.Float64bits(f(x)) }
	}
	const n = 1 << 16
	got := map[string]string{
		"exp32":  sweep(n, -128, 128, func(x float64) uint64 { return uint64(math.Float32bits(Exp32(float32(x)))) }),
		"exp64":  sweep(n, -1024, 1024, f64(Exp64)),
		"log64":  sweep(n, 0, 1024, f64(Log64)),
		"sin64":  sweep(n, -131072, 131072, f64(Sin64)),
		"cos64":  sweep(n, -128, 128, f64(Cos64)),
		"pow64":  sweep(n, -64, 64, func(x float64) uint64 { return math.Float64bits(Pow64(10000, x)) }),
		"fma32":  sweep(n, -8, 8, func(x float64) uint64 { return uint64(math.Float32bits(FMA32(float32(x), float32(x*x), 0.1))) }),
		"tanh32": sweep(n, -12, 12, func(x float64) uint64 { return uint64(math.Float32bits(Tanh32(float32(x)))) }),
		"tobf16": sweep(n, -8, 8, func(x float64) uint64 { return uint64(F32ToBF16(float32(x * x * x))) }),
	}
	want := map[string]string{
		"cos64":  "97edd8460ea61338d0ded9607187c5148cc901bd470d4676b2d89c871a0a0bc9",
		"exp32":  "ba5bbd111817e271cd688e83f0ab27879270adfac1f5654371a062f2321a3c8e",
		"exp64":  "6b0bffc6164efa503b5f0866bf60e664453cb4b754f4f6afc695dc14c9e997d8",
		"fma32":  "490f811b581daa4d87678c4c7b3bb9709de7d50650b03e6cc3cd8fa4d66a3d06",
		"log64":  "ec41bdad898e83dcb62ff8ffaab4debb248781830518829eef312f6db3f932e9",
		"pow64":  "79b8f5912ccaec3ee3fc4fd6b3e7a2acbc2a53af41e0973eee8356860accf8ec",
		"sin64":  "4971babc58ebd3d7fbd89c25c6740c43e8a00a4e420b1d488918ab4e6a02954e",
		"tanh32": "0c6110c866c85a9be658558e7db0686728ccea32463c20f3d489e3f14f4b1c29",
		"tobf16": "f779b3bead16d334007b1403f42fd77a2486de9bfa0d31266d11c22a97ef1e97",
	}
	assert.Equal(t, want, got)
}

// fmaExact is a*b+c in arithmetic wide enough to be exact, rounded once. big.Float knows no NaN and gives +0 for an exact
// cancellation, which is right in rounding to nearest except where both terms are -0.
func fmaExact(a, b, c float32) float32 {
	p := new(big.Float).SetPrec(48).Mul(bigOf(float64(a)), bigOf(float64(b)))
	s := new(big.Float).SetPrec(700).Add(p, bigOf(float64(c)))
	f, _ := s.Float32()
	return f
}

func TestFMA32(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	finite := func() float32 {
		for {
			x := math.Float32frombits(r.Uint32())
			if x-x == 0 {
				return x
			}
		}
	}
	near := func(e, spread int) float32 { // any mantissa, exponent about e
		u := r.Uint32()&0x807fffff | uint32(e+127+r.IntN(spread))<<23
		if r.IntN(2) == 0 {
			u &^= 1<<(r.Uint32N(22)) - 1 // few bits: products fall on midpoints
		}
		return math.Float32frombits(u)
	}
	slow := 0
	check := func(a, b, c float32) {
		want, got := fmaExact(a, b, c), FMA32(a, b, c)
		if want == 0 && got == 0 {
			return // signs of zero: below
		}
		if math.Float32bits(want) != math.Float32bits(got) {
			require.Fail(t, "wrong", "%x*%x+%x = %x, want %x", a, b, c, got, want)
		}
		if !RoundsOnce(float64(a)*float64(b) + float64(c)) {
			slow++
		}
	}
	for range rounds(100_000) {
		check(finite(), finite(), finite())              // mostly far apart
		check(near(0, 4), near(0, 4), near(0, 6))        // overlapping
		check(near(0, 2), near(0, 2), near(-52, 8))      // c far below: sticky bits decide
		check(near(-30, 2), near(-30, 2), near(-8, 4))   // product far below
		check(near(-66, 8), near(-66, 8), near(-126, 4)) // subnormal results
		check(near(-75, 4), near(-74, 4), near(-127, 2)) // at and below the smallest subnormal
		check(near(62, 3), near(62, 3), near(120, 8))    // overflow
		a, b := near(0, 2), near(0, 2)
		check(a, b, -float32(float64(a)*float64(b))) // cancellation
		// A product that is exactly half way between two float32 values, with c tipping it.
		m := 1<<23 | r.Uint32N(1<<23) | 1
		x := math.Float32frombits(127<<23 | m&0x7fffff)
		check(x, 1.5, math.Float32frombits(r.Uint32N(60<<23)|r.Uint32()&(1<<31)))
	}
	assert.Greater(t, slow, rounds(50_000), "the adversarial triples must reach the slow path")

	negZero := float32(math.Copysign(0, -1))
	tiny := float32(math.SmallestNonzeroFloat32)
	big32 := float32(math.MaxFloat32)
	pInf, nan := float32(inf), float32(math.NaN())
	cases := []struct{ a, b, c, want float32 }{
		{0, 1, 0, 0}, {negZero, 1, negZero, negZero}, {negZero, 1, 0, 0}, {1, 1, -1, 0}, {-1, 1, 1, 0},
		{tiny, tiny, 0, 0}, {-tiny, tiny, 0, negZero}, {tiny, 0.5, 0, 0}, {tiny, 0.5, tiny, 2 * tiny}, {tiny, 1.5, 0, 2 * tiny},
		{tiny, 0.5, math.Float32frombits(0x80000001), negZero}, {tiny, tiny, tiny, tiny},
		{big32, 1, 0x1p103, pInf}, {big32, 1, math.Nextafter32(0x1p103, 0), big32}, {big32, 2, -big32, big32},
		{pInf, 1, 0, pInf}, {pInf, 1, -pInf, nan}, {pInf, 0, 1, nan}, {1, 1, -pInf, -pInf}, {nan, 1, 1, nan}, {1, 1, nan, nan},
	}
	for _, c := range cases {
		got := FMA32(c.a, c.b, c.c)
		if c.want != c.want {
			assert.True(t, got != got, "%v", c)
			continue
		}
		assert.Equal(t, math.Float32bits(c.want), math.Float32bits(got), "%v gives %v", c, got)
	}
}

func BenchmarkFMA32(b *testing.B) {
	x := float32(0)
	for b.Loop() {
		x = FMA32(x, 0.9999, 1.0001)
	}
}

func BenchmarkExp32(b *testing.B) {
	x := float32(0)
	for b.Loop() {
		x = Exp32(-x)
	}
}

func BenchmarkExp64(b *testing.B) {
	x := 0.0
	for b.Loop() {
		x = Exp64(-x)
	}
}
