package num

import "math"

const (
	// A float64 has 29 bits of mantissa below those of a float32; with exactly the first of them set it lies half way
	// between two neighbouring float32 values.
	belowFloat32 = 1<<29 - 1
	halfWay      = 1 << 28

	exponent64 = 0x7ff << 52
	// smallest32 is the exponent field, as a float64, of the smallest normal float32, 2^-126.
	smallest32 = (1023 - 126) << 52
)

// FMA32 returns a*b+c rounded once to float32, to nearest even, as the hardware's single-precision fused multiply-add
// does.
func FMA32(a, b, c float32) float32 {
	s := float64(a)*float64(b) + float64(c) // fusing would change nothing: the product is exact
	if RoundsOnce(s) {
		return float32(s)
	}
	return fma32Exact(a, b, c)
}

// RoundsOnce reports whether float32(s) is FMA32(a, b, c) for s = float64(a)*float64(b) + float64(c). Inner loops call
// it to keep the usual case free of function calls; where it says no, they call FMA32.
//
// The float64 product of two float32 values is exact, so rounding the float64 sum to float32 can be wrong only where
// that sum, itself rounded, has fallen on a point half way between two float32 values, or where float32 has fewer bits
// because the result is subnormal.
func RoundsOnce(s float64) bool {
	u := math.Float64bits(s)
	return u&belowFloat32 != halfWay && u&exponent64 >= smallest32
}

// fma32Exact is FMA32 for sums that need all their bits: it rounds the float64 sum to odd, after which rounding to a
// format at least two bits shorter is right in every case (Boldo and Melquiond, "Emulation of FMA and correctly
// rounded sums: proved algorithms using rounding to odd", 2008).
func fma32Exact(a, b, c float32) float32 {
	return float32(roundOdd(a, b, c))
}

// roundOdd returns a*b+c rounded to odd: where it is not a float64, the neighbour whose last bit is set.
func roundOdd(a, b, c float32) float64 {
	p, z := float64(a)*float64(b), float64(c)
	s := float64(p + z)
	t := float64(s - p)
	err := float64(p-float64(s-t)) + float64(z-t) // Knuth's TwoSum: s + err is p + z exactly
	u := math.Float64bits(s)
	if err == 0 || err != err || u&1 == 1 {
		return s
	}
	if (err > 0) == (s > 0) {
		u++
	} else {
		u--
	}
	return math.Float64frombits(u)
}
