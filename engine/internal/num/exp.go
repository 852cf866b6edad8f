package num

import "math"

const (
	log2e32  = 0x1.715476p+0
	ln2Hi32  = 0x1.62e43p-1   // ln 2 rounded to float32
	ln2Lo32  = -0x1.05c61p-29 // what that leaves
	magic32  = 3 << 22        // adding it rounds a float32 below 2^22 to an integer
	minExp32 = -0x1.5d589ep+6 // the first float32 above ln 2^-126
	maxExp32 = 89             // any argument from 88.73 on overflows

	log2e64  = 0x1.71547652b82fep+0
	ln2Hi64  = 0x1.62e42fefa39efp-1
	ln2Lo64  = 0x1.abc9e3b39803fp-56
	magic64  = 3 << 51
	minExp64 = -0x1.6232bdd7abcd2p+9 // the first float64 above ln 2^-1022
	maxExp64 = 710                   // any argument from 709.79 on overflows
)

// Exp32 returns e^x with an error below 1 ulp. Arguments below ln 2^-126 give +0, arguments above ln of the largest
// float32 give +Inf, NaN gives NaN.
//
// The recipe is the canonical one for every kernel and must be followed to the operation: n = x/ln 2 rounded to even
// by adding and subtracting a constant, r = x - n ln 2 in two fused steps, the Taylor polynomial of degree 7 by
// Horner's rule in fused steps, and two exact multiplications by powers of two.
func Exp32(x float32) float32 {
	if x < minExp32 {
		return 0
	}
	if x > maxExp32 {
		x = maxExp32
	}
	z := FMA32(x, log2e32, magic32)
	n := float32(z - magic32)
	r := FMA32(n, -ln2Hi32, x)
	r = FMA32(n, -ln2Lo32, r)
	p := float32(1.0 / 5040)
	p = FMA32(p, r, 1.0/720)
	p = FMA32(p, r, 1.0/120)
	p = FMA32(p, r, 1.0/24)
	p = FMA32(p, r, 1.0/6)
	p = FMA32(p, r, 1.0/2)
	p = FMA32(p, r, 1)
	p = FMA32(p, r, 1)
	// In two steps, because 2^128 is not a float32 but an argument near the upper end needs it.
	i := int32(math.Float32bits(z)) - int32(math.Float32bits(magic32))
	half := i >> 1
	p = float32(p * math.Float32frombits(uint32(half+127)<<23))
	return float32(p * math.Float32frombits(uint32(i-half+127)<<23))
}

// Exp64 returns e^x with an error below 1 ulp. Arguments below ln 2^-1022 give +0, arguments above ln of the largest
// float64 give +Inf, NaN gives NaN. The recipe is that of Exp32 with a polynomial of degree 13.
func Exp64(x float64) float64 {
	if x < minExp64 {
		return 0
	}
	if x > maxExp64 {
		x = maxExp64
	}
	z := math.FMA(x, log2e64, magic64)
	n := float64(z - magic64)
	r := math.FMA(n, -ln2Hi64, x)
	r = math.FMA(n, -ln2Lo64, r)
	p := 1.0 / 6227020800
	p = math.FMA(p, r, 1.0/479001600)
	p = math.FMA(p, r, 1.0/39916800)
	p = math.FMA(p, r, 1.0/3628800)
	p = math.FMA(p, r, 1.0/362880)
	p = math.FMA(p, r, 1.0/40320)
	p = math.FMA(p, r, 1.0/5040)
	p = math.FMA(p, r, 1.0/720)
	p = math.FMA(p, r, 1.0/120)
	p = math.FMA(p, r, 1.0/24)
	p = math.FMA(p, r, 1.0/6)
	p = math.FMA(p, r, 1.0/2)
	p = math.FMA(p, r, 1)
	p = math.FMA(p, r, 1)
	i := int64(math.Float64bits(z)) - int64(math.Float64bits(magic64))
	half := i >> 1
	p = float64(p * math.Float64frombits(uint64(half+1023)<<52))
	return float64(p * math.Float64frombits(uint64(i-half+1023)<<52))
}

// Tanh32 returns the hyperbolic tangent of x with an error below 2.5 ulp; its sign is that of x, zero included, and NaN gives
// NaN.
//
// The recipe is (e^2|x| - 1) / (e^2|x| + 1), where the numerator m is made without cancellation: n = 2|x|/ln 2 rounded to
// even, r what that leaves as in Exp32, e^r - 1 by the Taylor polynomial without its first term, scaled by 2^n, plus 2^n - 1;
// then m / (m + 2), each of which is rounded. From |x| = 10 on the answer is 1.
func Tanh32(x float32) float32 {
	const one = 10 // from there on the tangent rounds to 1
	y := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	sign := math.Float32bits(x) & (1 << 31)
	if y >= one {
		return math.Float32frombits(math.Float32bits(1) | sign)
	}
	y += y
	z := FMA32(y, log2e32, magic32)
	n := float32(z - magic32)
	r := FMA32(n, -ln2Hi32, y)
	r = FMA32(n, -ln2Lo32, r)
	p := float32(1.0 / 5040)
	p = FMA32(p, r, 1.0/720)
	p = FMA32(p, r, 1.0/120)
	p = FMA32(p, r, 1.0/24)
	p = FMA32(p, r, 1.0/6)
	p = FMA32(p, r, 1.0/2)
	p = FMA32(float32(p*r), r, r)
	power := math.Float32frombits(uint32(int32(math.Float32bits(z))-int32(math.Float32bits(magic32))+127) << 23)
	m := FMA32(p, power, float32(power-1))
	return math.Float32frombits(math.Float32bits(float32(m/float32(m+2))) | sign)
}
