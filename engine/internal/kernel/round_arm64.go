package kernel

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// The assembly of round_arm64.s and pack_arm64.s, and what it leaves over.

//go:noescape
func roundNEON(blocks int, src *float32, dst *uint16)

//go:noescape
func pairNEON(blocks int, even, odd *float32, dst *byte) int

//go:noescape
func pairRowsNEON(pairs int, src *float32, dst *byte)

//go:noescape
func topNEON(src *float32) uint32

//go:noescape
func quantizeNEON(src *float32, dst *byte, inverse float32) int32

//go:noescape
func packWordsNEON(blocks int, rows *[16]unsafe.Pointer, n int, dst unsafe.Pointer, stride int)

//go:noescape
func packF16NEON(blocks int, rows *[16]unsafe.Pointer, n int, dst unsafe.Pointer, stride int)

//go:noescape
func packBF16NEON(blocks int, rows *[16]unsafe.Pointer, n int, dst unsafe.Pointer, stride int)

// groupNEON is how many rows of weights are packed together, wordsNEON how many 32-bit words of each.
const (
	groupNEON = 4
	wordsNEON = 4
)

// The assembly takes groups by 16 elements: with other sizes this does not compile.
const _ = -uint(groupQ8 % 16)

func (vector) roundBF16(dst []uint16, src []float32) {
	whole := len(src) &^ (blockLen - 1)
	if whole > 0 {
		roundNEON(whole/blockLen, &src[0], &dst[0])
	}
	roundBF16Portable(dst[whole:], src[whole:])
}

func (vector) pairBF16(dst []byte, even, odd []float32) bool {
	whole, infinite := len(even)&^(blockLen-1), 0
	if whole > 0 {
		infinite = pairNEON(whole/blockLen, &even[0], &odd[0], &dst[0])
	}
	return pairBF16Portable(dst[4*whole:], even[whole:], odd[whole:]) && infinite == 0
}

func (vector) quantizeRow(dst []byte, src []float32) {
	for len(src) >= groupQ8 {
		scale, inverse := scalesOf(topNEON(&src[0]))
		if inverse == 0 {
			quantizeGroup(dst[:rowGroupSize], src[:groupQ8])
		} else {
			sum := quantizeNEON(&src[0], &dst[4], inverse)
			binary.LittleEndian.PutUint32(dst, uint32(-128*sum))
			binary.LittleEndian.PutUint32(dst[4+groupQ8:], math.Float32bits(scale))
		}
		dst, src = dst[rowGroupSize:], src[groupQ8:]
	}
	quantizeRowPortable(dst, src)
}

func (v vector) pack(dst []float32, w []byte, f Format, row, k, n int) {
	step := wordsNEON
	if f == BF16 {
		step = 2 * wordsNEON
	}
	whole := 0
	if blocks := k / step; v == vectorNEON && n > 0 && blocks > 0 {
		packGroupsNEON(dst, unsafe.Pointer(&w[0]), f, row, n, blocks)
		whole = blocks * step
	}
	packColumns(dst, w, f, row, k, n, whole)
}

// packGroupsNEON packs the first blocks of every row; base is the first of n rows, stride bytes apart.
func packGroupsNEON(dst []float32, base unsafe.Pointer, f Format, stride, n, blocks int) {
	for r0 := 0; r0 < NR; r0 += groupNEON {
		rows := rowPointers(base, stride, r0, n, groupNEON)
		cols, out := min(groupNEON, max(0, n-r0)), unsafe.Pointer(&dst[r0])
		switch f {
		case F32:
			packWordsNEON(blocks, &rows, cols, out, NR*4)
		case BF16:
			packBF16NEON(blocks, &rows, cols, out, NR*4)
		case F16:
			packF16NEON(blocks, &rows, cols, out, NR*4)
		}
	}
}

func packRowsNEON(dst []float32, src []float32, stride, k, n int) {
	whole := 0
	if blocks := k / wordsNEON; n > 0 && blocks > 0 {
		packGroupsNEON(dst, unsafe.Pointer(&src[0]), F32, stride*4, n, blocks)
		whole = blocks * wordsNEON
	}
	packF32Columns(dst, src, stride, k, n, whole)
}

func (v vector) pairRows(dst []byte, src *[chunkRows * NR]float32, pairs int) {
	if v == vectorNone {
		pairRowsPortable(dst, src, pairs)
		return
	}
	pairRowsNEON(pairs, &src[0], &first(dst, (pairs-1)*pairSize+NR*4)[0])
}

// quantizeColumns has no assembly of its own: it serves loading only.
func (vector) quantizeColumns(dst []byte, src *[groupQ8 * NR]float32) {
	quantizeColumnsPortable(dst, src)
}

// interleave moves pairs of bfloat16 as the 32-bit words that they are.
func (v vector) interleave(dst []byte, w []byte, row, k, n int) {
	blocks := k / (2 * wordsNEON)
	if v == vectorNone || blocks == 0 || n == 0 {
		interleavePortable(dst, w, row, k, n)
		return
	}
	for r0 := 0; r0 < columnsBF16; r0 += groupNEON {
		rows := rowPointers(unsafe.Pointer(&w[0]), row, r0, n, groupNEON)
		packWordsNEON(blocks, &rows, min(groupNEON, max(0, n-r0)), unsafe.Pointer(&dst[4*r0]), pairSize)
	}
	interleaveColumns(dst, w, row, k, n, blocks*2*wordsNEON)
}
