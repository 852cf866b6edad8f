package num

import "math"

// BF16ToF32 widens a bfloat16, given as its bits, exactly.
func BF16ToF32(h uint16) float32 {
	return math.Float32frombits(uint32(h) << 16)
}

// F32ToBF16 rounds x to the nearest bfloat16, ties to even, and returns its bits. A NaN stays a NaN and is made quiet:
// rounding its payload could otherwise turn it into an infinity.
func F32ToBF16(x float32) uint16 {
	u := math.Float32bits(x)
	if x != x {
		return uint16(u>>16) | 0x40
	}
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

// F16ToF32 widens an IEEE 754 half-precision number, given as its bits, exactly. NaNs are made quiet, as the hardware's
// conversion does.
func F16ToF32(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	rest := uint32(h & 0x7fff)
	switch {
	case rest > 0x7c00:
		return math.Float32frombits(sign | 0x7fc00000 | rest<<13)
	case rest == 0x7c00:
		return math.Float32frombits(sign | 0x7f800000)
	case rest >= 0x0400:
		return math.Float32frombits(sign | (rest<<13 + (127-15)<<23))
	}
	// Zero or subnormal: rest counts units of 2^-24.
	return math.Float32frombits(sign | math.Float32bits(float32(rest)*0x1p-24))
}
