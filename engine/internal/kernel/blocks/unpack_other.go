//go:build !amd64

package blocks

import "unsafe"

func hasAVX512(Format) bool { return false }

// unpackAVX512 is never called where hasAVX512 denies.
func unpackAVX512(Format, int, *[16]unsafe.Pointer, int, *float32) { panic("blocks: no assembly") }
