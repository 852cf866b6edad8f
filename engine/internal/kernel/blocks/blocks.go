// Package blocks knows the formats in which GGUF files store weights as blocks of small integers with scales, and makes
// panels of them.
//
// Values are those of ggml-quants.c (dequantize_row_*), in float32 and with its order of operations: a product is rounded
// before it is added to, never fused. They are the same whoever decodes them: Decode defines them, and vector code must
// give its bits, except that a NaN is a NaN.
package blocks

// Format is a format of blocks. None is the absence of one: values that are stored one by one.
type Format uint8

// The formats, by ggml's names.
const (
	None Format = iota
	Q8_0
	Q4_0
	Q4_1
	Q5_0
	Q5_1
	IQ4_NL
	Q2_K
	Q3_K
	Q4_K
	Q5_K
	Q6_K
	IQ4_XS

	formats = iota
)

// Elements of a block.
const (
	small = 32
	large = 256
)

// MostElements is the most that a block of any format holds.
const MostElements = large

// format is what a block of one consists of.
type format struct {
	elements, bytes int
	decode          func(dst []float32, b []byte)
}

// format returns how blocks of f are decoded.
func (f Format) format() format {
	switch f {
	case Q8_0:
		return format{small, 2 + small, decodeQ8_0}
	case Q4_0:
		return format{small, 2 + small/2, decodeQ4_0}
	case Q4_1:
		return format{small, 4 + small/2, decodeQ4_1}
	case Q5_0:
		return format{small, 6 + small/2, decodeQ5_0}
	case Q5_1:
		return format{small, 8 + small/2, decodeQ5_1}
	case IQ4_NL:
		return format{small, 2 + small/2, decodeIQ4_NL}
	case Q2_K:
		return format{large, large/16 + large/4 + 4, decodeQ2_K}
	case Q3_K:
		return format{large, large/8 + large/4 + 12 + 2, decodeQ3_K}
	case Q4_K:
		return format{large, 4 + 12 + large/2, decodeQ4_K}
	case Q5_K:
		return format{large, 4 + 12 + large/8 + large/2, decodeQ5_K}
	case Q6_K:
		return format{large, large/2 + large/4 + large/16 + 2, decodeQ6_K}
	case IQ4_XS:
		return format{large, 4 + 4 + large/2, decodeIQ4_XS}
	}
	panic("blocks: no such format")
}

// Elements is the number of values in a block.
func (f Format) Elements() int { return f.format().elements }

// Bytes is the number of bytes of a block.
func (f Format) Bytes() int { return f.format().bytes }

// Decode writes the values of whole blocks to dst, as many as b holds.
func (f Format) Decode(dst []float32, b []byte) {
	for x := f.format(); len(b) > 0; b = b[x.bytes:] {
		x.decode(dst[:x.elements], b[:x.bytes])
		dst = dst[x.elements:]
	}
}
