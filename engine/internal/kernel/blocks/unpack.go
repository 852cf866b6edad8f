package blocks

import (
	"fmt"
	"unsafe"
)

// Columns is the number of columns of a panel of float32.
const Columns = 32

// Vector says which assembly a machine can run.
type Vector uint8

// The levels of assembly.
const (
	Portable Vector = iota // none
	AVX2                   // AVX2, FMA and F16C
	AVX512                 // AVX-512F, and what AVX2 stands for
	NEON                   // Advanced SIMD
)

// Unpacks reports whether v has assembly that makes panels of f.
func (v Vector) Unpacks(f Format) bool { return v == AVX512 && hasAVX512(f) }

// Unpack decodes some rows of whole blocks, all of the same length, into a panel dst[k][Columns]: row j becomes column j,
// and columns beyond the rows are zero. There are 1 to Columns rows. It needs v.Unpacks(f).
func (v Vector) Unpack(dst []float32, f Format, rows [][]byte) {
	x := f.format()
	size := len(rows[0])
	n := size / x.bytes
	if !v.Unpacks(f) || size%x.bytes != 0 || len(rows) > Columns {
		panic(fmt.Sprintf("blocks: %d rows of %d bytes in blocks of %d", len(rows), size, x.bytes))
	}
	dst = dst[:n*x.elements*Columns]
	if n == 0 {
		return
	}
	for first := 0; first < Columns; first += 16 {
		var at [16]unsafe.Pointer
		for i := range at {
			at[i] = unsafe.Pointer(unsafe.SliceData(rows[min(first+i, len(rows)-1)][:size]))
		}
		unpackAVX512(f, n, &at, 1<<min(16, max(0, len(rows)-first))-1, &dst[first])
	}
}
