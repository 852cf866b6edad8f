package blocks

import "unsafe"

//go:noescape
func unpackQ8_0AVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func unpackQ4_0AVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func unpackQ4_KAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func unpackQ5_KAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

//go:noescape
func unpackQ6_KAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)

func hasAVX512(f Format) bool {
	switch f {
	case Q8_0, Q4_0, Q4_K, Q5_K, Q6_K:
		return true
	}
	return false
}

func unpackAVX512(f Format, blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32) {
	switch f {
	case Q8_0:
		unpackQ8_0AVX512(blocks, rows, mask, dst)
	case Q4_0:
		unpackQ4_0AVX512(blocks, rows, mask, dst)
	case Q4_K:
		unpackQ4_KAVX512(blocks, rows, mask, dst)
	case Q5_K:
		unpackQ5_KAVX512(blocks, rows, mask, dst)
	case Q6_K:
		unpackQ6_KAVX512(blocks, rows, mask, dst)
	}
}
