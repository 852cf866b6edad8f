package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

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

// Plain tells whether Stored is what Rows gives, whole: values of F32, F16 or BF16 in the model's order.
func (t Tensor) Plain() bool { return t.Heads == 0 && t.Type != Q8_0 }

// ElementSize is the bytes of a value that Rows gives: Q8_0 comes as float32, the others as they are stored.
func (t Tensor) ElementSize() int {
	if t.Type == F16 || t.Type == BF16 {
		return 2
	}
	return 4
}

// Rows writes n rows from first on, in the model's order, to dst, which has n times the columns times ElementSize bytes:
// little-endian float32 for F32 and Q8_0, whose values are scale times integer, which float32 holds exactly; else
// float16 or bfloat16.
func (t Tensor) Rows(dst []byte, first, n int) {
	cols := t.Shape[len(t.Shape)-1]
	size := cols * t.ElementSize()
	dst = dst[:n*size]
	for i := range n {
		at := t.place(first+i) * int(t.rowSize)
		row := t.data[at:][:t.rowSize]
		if t.Type != Q8_0 {
			copy(dst[i*size:], row)
			continue
		}
		widenQ8(dst[i*size:][:size], row)
	}
}

// Row writes one row of the model, widened to float32, to dst.
func (t Tensor) Row(dst []float32, row int) {
	stored := t.data[t.place(row)*int(t.rowSize):][:t.rowSize]
	switch t.Type {
	case F16:
		for i := range dst {
			dst[i] = num.F16ToF32(binary.LittleEndian.Uint16(stored[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = num.BF16ToF32(binary.LittleEndian.Uint16(stored[2*i:]))
		}
	case Q8_0:
		for i := range dst {
			block := stored[i/blockQ8*blockSize:]
			dst[i] = num.F16ToF32(binary.LittleEndian.Uint16(block)) * float32(int8(block[2+i%blockQ8]))
		}
	default:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(stored[4*i:]))
		}
	}
}

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

// widenQ8 decodes Q8_0 blocks to float32.
func widenQ8(dst, blocks []byte) {
	for len(blocks) > 0 {
		scale := num.F16ToF32(binary.LittleEndian.Uint16(blocks))
		for i, q := range blocks[2:blockSize] {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(scale*float32(int8(q))))
		}
		dst, blocks = dst[4*blockQ8:], blocks[blockSize:]
	}
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
