package blocks

import (
	"fmt"
	"unsafe"
)

// Dots reports whether v has assembly that multiplies rows of f without unpacking them.
func (v Vector) Dots(f Format) bool { return v == AVX512 && hasDotAVX512(f) }

// Dot writes to dst the products of x with some rows of whole blocks, as many numbers each as x has: the sum in the order of
// the inputs, by fused multiply-adds from +0 on, each output for itself. There are 1 to Columns rows, len(dst) of them. What
// lies ahead bytes behind a row is fetched meanwhile; 0 fetches nothing new. It needs v.Dots(f).
func (v Vector) Dot(dst []float32, f Format, rows [][]byte, x []float32, ahead int) {
	form := f.format()
	n := len(x) / form.elements
	size := n * form.bytes
	if !v.Dots(f) || len(x)%form.elements != 0 || len(rows) == 0 || len(rows) > Columns || len(dst) != len(rows) {
		panic(fmt.Sprintf("blocks: Dot of %d rows and %d inputs, %d outputs", len(rows), len(x), len(dst)))
	}
	var out [Columns]float32
	if n > 0 {
		var at [Columns]unsafe.Pointer
		for i := range at {
			at[i] = unsafe.Pointer(unsafe.SliceData(rows[min(i, len(rows)-1)][:size]))
		}
		dotAVX512(f, n, &at, &x[0], &out[0], ahead)
	}
	copy(dst, out[:])
}
