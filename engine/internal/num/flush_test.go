package num

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// flushExact is FMAFlush32 for finite arguments in exact arithmetic: flush, add, round to 24 bits whatever the exponent,
// flush.
func flushExact(a, b, c float32) float32 {
	exact := func(x float32) *big.Float {
		if math.Abs(float64(x)) < 0x1p-126 {
			x = 0
		}
		return new(big.Float).SetFloat64(float64(x))
	}
	s := new(big.Float).SetPrec(700).Mul(exact(a), exact(b))
	s.Add(s, exact(c))
	r := new(big.Float).SetPrec(24).SetMode(big.ToNearestEven).Set(s)
	if new(big.Float).Abs(r).Cmp(big.NewFloat(0x1p-126)) < 0 {
		return float32(math.Copysign(0, float64(s.Sign())))
	}
	f, _ := r.Float32()
	return f
}

func TestFMAFlush32(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	near := func(e, spread int) float32 {
		return math.Float32frombits(r.Uint32()&0x807fffff | uint32(e+127+r.IntN(spread))<<23)
	}
	zeros, smallest := 0, 0
	check := func(a, b, c float32) {
		want, got := flushExact(a, b, c), FMAFlush32(a, b, c)
		if want == 0 && got == 0 {
			zeros++
			return // signs: below
		}
		if want == 0x1p-126 || want == -0x1p-126 {
			smallest++
		}
		if math.Float32bits(want) != math.Float32bits(got) {
			require.Fail(t, "wrong", "%x*%x+%x = %x, want %x", a, b, c, got, want)
		}
	}
	for range rounds(60_000) {
		check(near(0, 4), near(0, 4), near(0, 6))
		check(near(-66, 8), near(-66, 8), near(-126, 4))
		check(near(-127, 3), near(-3, 4), near(-127, 3)) // subnormal arguments
		check(near(-64, 2), near(-63, 2), near(-127, 2))
		// 2^-126 less about 2^-151, half its distance to the 24-bit number below it.
		d := float32(math.Abs(float64(near(-87, 3))))
		check(d, -0x1p-66, 0x1p-126)
		check(-d, -0x1p-66, -0x1p-126)
		x := near(-60, 2)
		check(x, -0x1p-66, float32(float64(x)*0x1p-66)) // cancels
	}
	assert.Greater(t, zeros, rounds(10_000))
	assert.Greater(t, smallest, rounds(10_000))

	negZero, tiny := float32(math.Copysign(0, -1)), float32(math.SmallestNonzeroFloat32)
	pInf := float32(inf)
	for _, c := range []struct{ a, b, c, want float32 }{
		{0x1p-64, 0x1p-63, 0, 0}, {-0x1p-64, 0x1p-63, 0, negZero}, {0x1p-63, 0x1p-63, 0, 0x1p-126}, {1, tiny, 0, 0}, {-1, tiny, negZero, negZero},
		{1, tiny, 1, 1}, {0, 1, -tiny, 0}, {negZero, 1, -tiny, negZero}, {1, 0x1p-126, -0x1p-149, 0x1p-126}, {1, 1, -1, 0},
		{pInf, tiny, 1, float32(math.NaN())}, {pInf, 0x1p-126, 1, pInf}, {pInf, 1, -pInf, float32(math.NaN())}, {float32(math.NaN()), 1, 1, float32(math.NaN())},
		// Rounds up to 2^-126 with 24 bits; 23 bits would do so one place earlier.
		{0x1p-76, -0x1p-75, 0x1p-126, 0x1p-126}, {0x1.8p-76, -0x1p-75, 0x1p-126, 0}, {0x1p-75, -0x1p-75, 0x1p-126, 0},
	} {
		got := FMAFlush32(c.a, c.b, c.c)
		if c.want != c.want {
			assert.True(t, got != got, "%v", c)
			continue
		}
		assert.Equal(t, math.Float32bits(c.want), math.Float32bits(got), "%x gives %x", c, got)
	}
}

func TestFlush32(t *testing.T) {
	for _, c := range [][2]uint32{{0, 0}, {1, 0}, {0x807fffff, 0x80000000}, {0x00800000, 0x00800000}, {0x7f800001, 0x7f800001}, {0xff800000, 0xff800000}} {
		assert.Equal(t, c[1], math.Float32bits(Flush32(math.Float32frombits(c[0]))), "%#x", c[0])
	}
}
