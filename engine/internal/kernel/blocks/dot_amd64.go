package blocks

import "unsafe"

//go:noescape
func dotQ4_KAVX512(blocks int, rows *[Columns]unsafe.Pointer, x, out *float32, ahead int)

//go:noescape
func dotQ6_KAVX512(blocks int, rows *[Columns]unsafe.Pointer, x, out *float32, ahead int)

func hasDotAVX512(f Format) bool { return f == Q4_K || f == Q6_K }

func dotAVX512(f Format, blocks int, rows *[Columns]unsafe.Pointer, x, out *float32, ahead int) {
	if f == Q4_K {
		dotQ4_KAVX512(blocks, rows, x, out, ahead)
		return
	}
	dotQ6_KAVX512(blocks, rows, x, out, ahead)
}
