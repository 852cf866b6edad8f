package blocks

import (
	"encoding/binary"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// half reads a float16.
func half(b []byte) float32 { return num.F16ToF32(binary.LittleEndian.Uint16(b)) }

// Q8_0: a scale and 32 signed bytes.
func decodeQ8_0(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:][:small] {
		dst[i] = d * float32(int8(q))
	}
}

// Q4_0: a scale and 32 numbers of 4 bits, less 8; byte i holds numbers i and i+16.
func decodeQ4_0(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:][:small/2] {
		dst[i] = float32(int(q&15)-8) * d
		dst[i+16] = float32(int(q>>4)-8) * d
	}
}

// Q4_1: a scale, a least value and 32 numbers of 4 bits.
func decodeQ4_1(dst []float32, b []byte) {
	d, m := half(b), half(b[2:])
	for i, q := range b[4:][:small/2] {
		dst[i] = float32(float32(q&15)*d) + m
		dst[i+16] = float32(float32(q>>4)*d) + m
	}
}

// fifth returns the fifth bits, in place, of numbers i and i+16.
func fifth(bits uint32, i int) (low, high byte) {
	return byte(bits>>i) << 4 & 16, byte(bits>>(i+12)) & 16
}

// Q5_0: a scale, 32 fifth bits and 32 numbers of 4 bits, together less 16.
func decodeQ5_0(dst []float32, b []byte) {
	d, bits := half(b), binary.LittleEndian.Uint32(b[2:])
	for i, q := range b[6:][:small/2] {
		low, high := fifth(bits, i)
		dst[i] = float32(int(q&15|low)-16) * d
		dst[i+16] = float32(int(q>>4|high)-16) * d
	}
}

// Q5_1: a scale, a least value, 32 fifth bits and 32 numbers of 4 bits.
func decodeQ5_1(dst []float32, b []byte) {
	d, m, bits := half(b), half(b[2:]), binary.LittleEndian.Uint32(b[4:])
	for i, q := range b[8:][:small/2] {
		low, high := fifth(bits, i)
		dst[i] = float32(float32(q&15|low)*d) + m
		dst[i+16] = float32(float32(q>>4|high)*d) + m
	}
}

// steps4 are the values of IQ4's numbers of 4 bits (kvalues_iq4nl).
func steps4(q byte) float32 {
	steps := [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}
	return float32(steps[q&15])
}

// IQ4_NL: a scale and 32 numbers of 4 bits, each for one of 16 uneven steps.
func decodeIQ4_NL(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:][:small/2] {
		dst[i], dst[i+16] = d*steps4(q), d*steps4(q>>4)
	}
}

// IQ4_XS: a scale for 256 numbers, 8 scales of 6 bits and the same steps.
func decodeIQ4_XS(dst []float32, b []byte) {
	d, high := half(b), binary.LittleEndian.Uint16(b[2:])
	low, qs := b[4:8], b[8:]
	for i := range large / small {
		scale := int(low[i/2]>>(4*(i%2))&15) | int(high>>(2*i)&3)<<4
		dl := d * float32(scale-32)
		for j, q := range qs[:small/2] {
			dst[j], dst[j+16] = dl*steps4(q), dl*steps4(q>>4)
		}
		dst, qs = dst[small:], qs[small/2:]
	}
}

// Q2_K: 16 scales and 16 least values of 4 bits each, 256 numbers of 2 bits, the scales' own scales at the end.
func decodeQ2_K(dst []float32, b []byte) {
	scales, qs, tail := b[:16], b[16:80], b[80:]
	d, m := half(tail), half(tail[2:])
	for part := range 16 {
		s := scales[part]
		dl, ml := d*float32(s&15), m*float32(s>>4)
		shift := part % 8 / 2 * 2
		for i, q := range qs[part/8*32+part%2*16:][:16] {
			dst[part*16+i] = float32(dl*float32(q>>shift&3)) - ml
		}
	}
}

// Q3_K: 256 third bits, 256 numbers of 2 bits, 16 scales of 6 bits, their scale.
func decodeQ3_K(dst []float32, b []byte) {
	mask, qs, packed, d := b[:32], b[32:96], b[96:108], half(b[108:])
	for part := range 16 {
		low := packed[part%8] >> (part / 8 * 4) & 15
		high := packed[8+part%4] >> (part / 4 * 2) & 3
		dl := d * float32(int(low|high<<4)-32)
		shift, at := part%8/2*2, part%2*16
		for i, q := range qs[part/8*32+at:][:16] {
			v := int(q >> shift & 3)
			if mask[at+i]>>(part/2)&1 == 0 {
				v -= 4
			}
			dst[part*16+i] = dl * float32(v)
		}
	}
}

// scale6 unpacks scale and least value i of the eight pairs of 6 bits that Q4_K and Q5_K have (get_scale_min_k4).
func scale6(packed []byte, i int) (scale, least byte) {
	if i < 4 {
		return packed[i] & 63, packed[i+4] & 63
	}
	return packed[i+4]&15 | packed[i-4]>>6<<4, packed[i+4]>>4 | packed[i]>>6<<4
}

// Q4_K: 8 scales and 8 least values of 6 bits, their scales, 256 numbers of 4 bits.
func decodeQ4_K(dst []float32, b []byte) {
	d, m, packed, qs := half(b), half(b[2:]), b[4:16], b[16:]
	for part := range 8 {
		scale, least := scale6(packed, part)
		dl, ml := d*float32(scale), m*float32(least)
		shift := part % 2 * 4
		for i, q := range qs[part/2*32:][:32] {
			dst[part*32+i] = float32(dl*float32(q>>shift&15)) - ml
		}
	}
}

// Q5_K: Q4_K with 256 fifth bits.
func decodeQ5_K(dst []float32, b []byte) {
	d, m, packed, bits, qs := half(b), half(b[2:]), b[4:16], b[16:48], b[48:]
	for part := range 8 {
		scale, least := scale6(packed, part)
		dl, ml := d*float32(scale), m*float32(least)
		shift := part % 2 * 4
		for i, q := range qs[part/2*32:][:32] {
			dst[part*32+i] = float32(dl*float32(q>>shift&15|bits[i]>>part&1<<4)) - ml
		}
	}
}

// Q6_K: 256 numbers of 4 bits, their upper 2 bits, 16 signed scales, their scale.
func decodeQ6_K(dst []float32, b []byte) {
	low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
	for part := range 16 {
		dl := d * float32(int8(scales[part]))
		row, at := part%8/2, part%2*16 // rows of 32 numbers, four to each half
		lows := low[part/8*64+row%2*32+at:]
		highs := high[part/8*32+at:]
		for i := range 16 {
			q := lows[i]>>(row/2*4)&15 | highs[i]>>(2*row)&3<<4
			dst[part*16+i] = dl * float32(int(q)-32)
		}
	}
}
