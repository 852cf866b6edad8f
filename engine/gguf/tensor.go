package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// Tensor is one stored array. The zero Heads is for all but query and key matrices.
type Tensor struct {
	Name  string
	Type  Type
	Shape []int // row-major: the last dimension is the fastest

	// Heads is the number of heads whose rows llama.cpp's conversion permuted: within each head, row 2i+j of the file is
	// row j*size/2+i of the model, so that what rotary positions turn together lies together.
	Heads int

	rowSize uint64
	data    []byte
	file    *mapfile.File
	at      int64 // of data in the file
}

// Elements is the number of values.
func (t Tensor) Elements() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= int64(d)
	}
	return n
}

// Stored returns the bytes as they lie in the file. They must not be written.
func (t Tensor) Stored() []byte { return t.data }

// Place is the file that Stored lies in, and from which byte on.
func (t Tensor) Place() (f *mapfile.File, at int64) { return t.file, t.at }

// Group is a number of rows that the file has in another order than the model, none of them elsewhere.
func (t Tensor) Group() int {
	if t.Heads == 0 {
		return 1
	}
	return t.Shape[0] / t.Heads
}

// Cut is the tensor of n rows of a matrix, of which data has what is stored. These are whole groups, and what precedes them is.
func (t Tensor) Cut(n int, data []byte) Tensor {
	if t.Heads != 0 {
		t.Heads = n / t.Group()
	}
	t.Shape, t.data, t.file = []int{n, t.Shape[1]}, data, nil
	return t
}

// Plain tells whether Stored is what Rows gives, whole, and no blocks: values of F32, F16 or BF16 in the model's order.
func (t Tensor) Plain() bool { return t.Heads == 0 && !t.Quantised() }

// Quantised tells whether the values are stored in blocks of small integers.
func (t Tensor) Quantised() bool { return t.Type.Blocks() != blocks.None }

// Rows writes n rows from first on, as they are stored but in the model's order, to dst.
func (t Tensor) Rows(dst []byte, first, n int) {
	size := int(t.rowSize)
	for i := range n {
		copy(dst[i*size:][:size], t.Row(first+i))
	}
}

// Values writes one row of the model, widened to float32, to dst.
func (t Tensor) Values(dst []float32, row int) {
	if len(t.Shape) == 1 && t.Heads != 0 { // a bias: the rows are its elements
		flat, stored := t, make([]float32, len(dst))
		flat.Heads = 0
		flat.Values(stored, 0)
		for i := range dst {
			dst[i] = stored[t.place(i)]
		}
		return
	}
	stored := t.Row(row)
	if q := t.Type.Blocks(); q != blocks.None {
		q.Decode(dst, stored)
		return
	}
	switch t.Type {
	case F16:
		for i := range dst {
			dst[i] = num.F16ToF32(binary.LittleEndian.Uint16(stored[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = num.BF16ToF32(binary.LittleEndian.Uint16(stored[2*i:]))
		}
	default:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(stored[4*i:]))
		}
	}
}

// Row returns a row of the model as it is stored. It must not be written.
func (t Tensor) Row(row int) []byte { return t.data[t.place(row)*int(t.rowSize):][:t.rowSize] }

// place returns where a row of the model lies in the file.
func (t Tensor) place(row int) int {
	if t.Heads == 0 {
		return row
	}
	size := t.Shape[0] / t.Heads
	half := size / 2
	head, at := row/size, row%size
	return head*size + 2*(at%half) + at/half
}

// Vector returns the values of a small tensor of F32.
func (t Tensor) Vector() ([]float32, error) {
	if len(t.Shape) != 1 || t.Type != F32 {
		return nil, fmt.Errorf("tensor %s: want a vector of F32", t.Name)
	}
	list := make([]float32, t.Shape[0])
	for i := range list {
		list[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.data[4*i:]))
	}
	return list, nil
}
