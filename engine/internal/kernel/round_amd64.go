package kernel

import "unsafe"

//go:noescape
func roundAVX512(blocks int, src *float32, dst *uint16)

//go:noescape
func roundAVX2(blocks int, src *float32, dst *uint16)

//go:noescape
func pairAVX512(blocks int, even, odd *float32, dst *byte) int

//go:noescape
func pairAVX2(blocks int, even, odd *float32, dst *byte) int

//go:noescape
func pairRowsAVX512(pairs int, src *float32, dst *byte)

//go:noescape
func pairRowsAVX2(pairs int, src *float32, dst *byte)

//go:noescape
func quantizeAVX512(groups int, src *float32, dst *byte)

//go:noescape
func quantizeAVX2(groups int, src *float32, dst *byte)

//go:noescape
func quantizeColumnsAVX512(src *float32, dst *byte)

//go:noescape
func interleaveAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *byte)

//go:noescape
func interleaveAVX2(blocks int, rows *[16]unsafe.Pointer, n int, dst *byte)

// The assembly takes groups by 64 elements: with other sizes this does not compile.
const _ = -uint(groupQ8 % 64)

func (v vector) roundBF16(dst []uint16, src []float32) {
	whole := len(src) &^ (blockLen - 1)
	if whole > 0 {
		if v == vectorAVX512 {
			roundAVX512(whole/blockLen, &src[0], &dst[0])
		} else {
			roundAVX2(whole/blockLen, &src[0], &dst[0])
		}
	}
	roundBF16Portable(dst[whole:], src[whole:])
}

func (v vector) pairBF16(dst []byte, even, odd []float32) bool {
	whole, infinite := len(even)&^(blockLen-1), 0
	if whole > 0 {
		if v == vectorAVX512 {
			infinite = pairAVX512(whole/blockLen, &even[0], &odd[0], &dst[0])
		} else {
			infinite = pairAVX2(whole/blockLen, &even[0], &odd[0], &dst[0])
		}
	}
	return pairBF16Portable(dst[4*whole:], even[whole:], odd[whole:]) && infinite == 0
}

func (v vector) quantizeRow(dst []byte, src []float32) {
	if groups := len(src) / groupQ8; groups > 0 {
		if v == vectorAVX512 {
			quantizeAVX512(groups, &src[0], &dst[0])
		} else {
			quantizeAVX2(groups, &src[0], &dst[0])
		}
		dst, src = dst[groups*rowGroupSize:], src[groups*groupQ8:]
	}
	quantizeRowPortable(dst, src)
}

func (v vector) pack(dst []float32, w []byte, f Format, row, k, n int) {
	switch v {
	case vectorAVX512:
		packAVX512(dst, w, f, row, k, n)
	case vectorAVX2:
		packAVX2(dst, w, f, row, k, n)
	default:
		packPortable(dst, w, f, row, k, n)
	}
}

func (v vector) pairRows(dst []byte, src *[chunkRows * NR]float32, pairs int) {
	switch v {
	case vectorAVX512:
		pairRowsAVX512(pairs, &src[0], &first(dst, (pairs-1)*pairSize+NR*4)[0])
	case vectorAVX2:
		pairRowsAVX2(pairs, &src[0], &first(dst, (pairs-1)*pairSize+NR*4)[0])
	default:
		pairRowsPortable(dst, src, pairs)
	}
}

// quantizeColumns has no AVX2 of its own: it serves loading only.
func (v vector) quantizeColumns(dst []byte, src *[groupQ8 * NR]float32) {
	if v == vectorAVX512 {
		quantizeColumnsAVX512(&src[0], &first(dst, groupSizeQ8)[0])
		return
	}
	quantizeColumnsPortable(dst, src)
}

// interleave moves pairs of bfloat16 as the 32-bit words that they are.
func (v vector) interleave(dst []byte, w []byte, row, k, n int) {
	group, step := 8, 16 // rows at a time, and inputs of each
	if v == vectorAVX512 {
		group, step = 16, 32
	}
	blocks := k / step
	if v == vectorNone || blocks == 0 || n == 0 {
		interleavePortable(dst, w, row, k, n)
		return
	}
	for r0 := 0; r0 < columnsBF16; r0 += group {
		rows, cols, out := rowPointers(unsafe.Pointer(&w[0]), row, r0, n, group), min(group, max(0, n-r0)), &dst[4*r0]
		if v == vectorAVX512 {
			interleaveAVX512(blocks, &rows, 1<<cols-1, out)
		} else {
			interleaveAVX2(blocks, &rows, cols, out)
		}
	}
	interleaveColumns(dst, w, row, k, n, blocks*step)
}
