//go:build !amd64

package blocks

import "unsafe"

func hasDotAVX512(Format) bool { return false }

// dotAVX512 is never called where hasDotAVX512 denies.
func dotAVX512(Format, int, *[Columns]unsafe.Pointer, *float32, *float32, int) {
	panic("blocks: no assembly")
}
