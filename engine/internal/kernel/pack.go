package kernel

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// Format says how stored weights are encoded, always little-endian.
type Format uint8

// The formats of stored weights.
const (
	F32  Format = iota // IEEE 754 single precision
	BF16               // the upper half of a single
	F16                // IEEE 754 half precision
)

// Size is the number of bytes of one stored weight.
func (f Format) Size() int {
	if f == F32 {
		return 4
	}
	return 2
}

// String names the format as configuration files do.
func (f Format) String() string {
	switch f {
	case F32:
		return "float32"
	case BF16:
		return "bfloat16"
	case F16:
		return "float16"
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// PackRows widens rows [n0, n0+n) of the row-major weight matrix w, k columns wide, to float32 and writes them as one
// panel dst[k][NR]: row n0+j of w becomes column j of the panel, and the columns from n on are zero. n is at most NR.
func (k *Kernel) PackRows(dst []float32, w []byte, f Format, kk, n0, n int) {
	if f > F16 || n < 0 || n > NR || n0 < 0 || kk < 0 {
		panic(fmt.Sprintf("kernel: PackRows of rows %d to %d by %d, %v", n0, n0+n, kk, f))
	}
	size := f.Size()
	k.packing.pack(first(dst, kk*NR), first(w, (n0+n)*kk*size)[n0*kk*size:], f, kk*size, kk, n)
}

// PackF32Rows is PackRows for n float32 rows of kk columns that start stride elements apart.
func (k *Kernel) PackF32Rows(dst []float32, src []float32, stride, kk, n int) {
	if n < 0 || n > NR || kk < 0 || stride < kk {
		panic(fmt.Sprintf("kernel: PackF32Rows of %d rows by %d, %d apart", n, kk, stride))
	}
	if n > 0 {
		src = first(src, (n-1)*stride+kk)
	}
	k.packF32(first(dst, kk*NR), src, stride, kk, n)
}

func packPortable(dst []float32, w []byte, f Format, row, k, n int) {
	packColumns(dst, w, f, row, k, n, 0)
}

// packColumns packs n rows, row bytes apart, from column k0 on: everything, or what vector code leaves over.
func packColumns(dst []float32, w []byte, f Format, row, k, n, k0 int) {
	for kk := k0; kk < k; kk++ {
		out := dst[kk*NR : kk*NR+NR]
		switch f {
		case F32:
			for r := range n {
				out[r] = math.Float32frombits(binary.LittleEndian.Uint32(w[r*row+kk*4:]))
			}
		case BF16:
			for r := range n {
				out[r] = num.BF16ToF32(binary.LittleEndian.Uint16(w[r*row+kk*2:]))
			}
		case F16:
			for r := range n {
				out[r] = num.F16ToF32(binary.LittleEndian.Uint16(w[r*row+kk*2:]))
			}
		}
		clear(out[n:])
	}
}

func packF32Portable(dst []float32, src []float32, stride, k, n int) {
	packF32Columns(dst, src, stride, k, n, 0)
}

// packF32Columns packs float32 rows from column k0 on.
func packF32Columns(dst []float32, src []float32, stride, k, n, k0 int) {
	for kk := k0; kk < k; kk++ {
		out := dst[kk*NR : kk*NR+NR]
		for r := range n {
			out[r] = src[r*stride+kk]
		}
		clear(out[n:])
	}
}
