package num

import "math"

const (
	smallestNormal32 = 0x1p-126
	// scaleUp brings any sum near the smallest normal float32 to where float32 has all its 24 bits.
	scaleUp = 1 << 60
)

// Flush32 returns x, or a zero of x's sign where x is subnormal.
func Flush32(x float32) float32 {
	u := math.Float32bits(x)
	if u&0x7f800000 == 0 {
		u &= 1 << 31
	}
	return math.Float32frombits(u)
}

// FMAFlush32 is FMA32 for arithmetic without subnormal numbers, as the bfloat16 dot products of x86 have it, and its
// fused multiply-adds when told so: subnormal arguments count as zeros of their sign, and a result below 2^-126 in
// magnitude becomes a zero of its sign. Below means after rounding to 24 bits, so that what rounds up to 2^-126 stays.
func FMAFlush32(a, b, c float32) float32 {
	a, b, c = Flush32(a), Flush32(b), Flush32(c)
	r := FMA32(a, b, c)
	if r > smallestNormal32 || r < -smallestNormal32 || r == 0 || r != r {
		return r
	}
	// FMA32 has rounded to fewer bits than 24; begin again from the exact sum.
	s := float64(roundOdd(a, b, c) * scaleUp)
	if tiny := float32(s); tiny < smallestNormal32*scaleUp && tiny > -smallestNormal32*scaleUp {
		return float32(math.Copysign(0, s))
	}
	return float32(math.Copysign(smallestNormal32, s))
}
