package kernel

import "unsafe"

//go:noescape
func packF32AVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func packBF16AVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func packF16AVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func packF32AVX2(blocks int, rows *[16]unsafe.Pointer, n int, dst *float32)

//go:noescape
func packBF16AVX2(blocks int, rows *[16]unsafe.Pointer, n int, dst *float32)

//go:noescape
func packF16AVX2(blocks int, rows *[16]unsafe.Pointer, n int, dst *float32)

// packGroupsAVX512 packs the first blocks of every row; base is the first of n rows, stride bytes apart.
func packGroupsAVX512(dst []float32, base unsafe.Pointer, f Format, stride, n, blocks int) {
	for r0 := 0; r0 < NR; r0 += 16 {
		rows := rowPointers(base, stride, r0, n, 16)
		mask := 1<<min(16, max(0, n-r0)) - 1
		switch f {
		case F32:
			packF32AVX512(blocks, &rows, mask, &dst[r0])
		case BF16:
			packBF16AVX512(blocks, &rows, mask, &dst[r0])
		case F16:
			packF16AVX512(blocks, &rows, mask, &dst[r0])
		}
	}
}

// packGroupsAVX2 is packGroupsAVX512 in groups of eight rows.
func packGroupsAVX2(dst []float32, base unsafe.Pointer, f Format, stride, n, blocks int) {
	for r0 := 0; r0 < NR; r0 += 8 {
		rows := rowPointers(base, stride, r0, n, 8)
		cols := min(8, max(0, n-r0))
		switch f {
		case F32:
			packF32AVX2(blocks, &rows, cols, &dst[r0])
		case BF16:
			packBF16AVX2(blocks, &rows, cols, &dst[r0])
		case F16:
			packF16AVX2(blocks, &rows, cols, &dst[r0])
		}
	}
}

func packAVX512(dst []float32, w []byte, f Format, row, k, n int) {
	step := 16
	if f == BF16 {
		step = 32
	}
	whole := 0
	if blocks := k / step; n > 0 && blocks > 0 {
		packGroupsAVX512(dst, unsafe.Pointer(&w[0]), f, row, n, blocks)
		whole = blocks * step
	}
	packColumns(dst, w, f, row, k, n, whole)
}

func packAVX2(dst []float32, w []byte, f Format, row, k, n int) {
	step := 8
	if f == BF16 {
		step = 16
	}
	whole := 0
	if blocks := k / step; n > 0 && blocks > 0 {
		packGroupsAVX2(dst, unsafe.Pointer(&w[0]), f, row, n, blocks)
		whole = blocks * step
	}
	packColumns(dst, w, f, row, k, n, whole)
}

func packRowsAVX512(dst []float32, src []float32, stride, k, n int) {
	whole := 0
	if blocks := k / 16; n > 0 && blocks > 0 {
		packGroupsAVX512(dst, unsafe.Pointer(&src[0]), F32, stride*4, n, blocks)
		whole = blocks * 16
	}
	packF32Columns(dst, src, stride, k, n, whole)
}

func packRowsAVX2(dst []float32, src []float32, stride, k, n int) {
	whole := 0
	if blocks := k / 8; n > 0 && blocks > 0 {
		packGroupsAVX2(dst, unsafe.Pointer(&src[0]), F32, stride*4, n, blocks)
		whole = blocks * 8
	}
	packF32Columns(dst, src, stride, k, n, whole)
}
