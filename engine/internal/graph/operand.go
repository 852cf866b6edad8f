package graph

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// operand is the left side of products with weights, in the form that the arithmetic wants.
type operand struct {
	rows // float32, what F32 multiplies

	mode   kernel.Mode
	stride int      // between encoded rows, in elements of theirs
	bf16   []uint16 // bfloat16, for BF16
	bytes  []byte   // quantised rows, for Q8
}

// operand returns room for the live rows of x, encoded. A batch has one such room: it holds what the next products multiply.
func (p *Pass) operand(x rows) operand {
	o, f, n := operand{rows: x, mode: p.mode}, &p.b.buffers.encoded, p.b.live
	switch p.mode {
	case kernel.ModeBF16:
		o.stride = padded(x.width)
		o.bf16 = f.memory.Halves()[:n*o.stride]
	case kernel.ModeQ8:
		o.stride = kernel.RowSizeQ8(x.width)
		o.bytes = f.memory.Bytes()[:n*o.stride]
	}
	return o
}

// encodedStride is the number of bytes between the rows of an operand of the given width.
func (n *Network) encodedStride(width int) int {
	switch n.mode {
	case kernel.ModeBF16:
		return 2 * padded(width)
	case kernel.ModeQ8:
		return kernel.RowSizeQ8(width)
	}
	return 0
}

// grown returns n elements of a buffer, undefined in content.
func grown[T any](buffer *[]T, n int) []T {
	if cap(*buffer) < n {
		*buffer = make([]T, n)
	}
	return (*buffer)[:n]
}

// encode brings row i into the form of the arithmetic.
func (o *operand) encode(k *kernel.Kernel, i int) {
	switch o.mode {
	case kernel.ModeBF16:
		k.RoundBF16(o.bf16[i*o.stride:], o.row(i))
	case kernel.ModeQ8:
		k.QuantizeQ8(o.bytes[i*o.stride:][:o.stride], o.row(i))
	}
}

// room is where row i is written from a column on, and how far the next row is from there. It is nothing where the arithmetic
// wants bfloat16: float32 are then made elsewhere, and put brings them here. What other forms are made of is float32.
func (o *operand) room(i, column int) (x []float32, stride int) {
	if o.mode == kernel.ModeBF16 {
		return nil, 0
	}
	return o.data[i*o.rows.stride+column:], o.rows.stride
}

// put rounds part of row i, from a column on, where rows have no room of their own.
func (o *operand) put(k *kernel.Kernel, i, column int, x []float32) {
	if o.mode == kernel.ModeBF16 {
		k.RoundBF16(o.bf16[i*o.stride+column:], x)
	}
}

// from returns o without its first i rows.
func (o operand) from(i int) operand {
	o.rows = o.rows.from(i)
	switch o.mode {
	case kernel.ModeBF16:
		o.bf16 = o.bf16[i*o.stride:]
	case kernel.ModeQ8:
		o.bytes = o.bytes[i*o.stride:]
	}
	return o
}

// encode makes the live rows of x what the next products multiply.
func (p *Pass) encode(x rows) {
	p.b.in = p.operand(x)
	if p.mode != kernel.ModeF32 {
		p.eachRow(p.b.live, p.tasks.encode)
	}
}

func (p *Pass) encodeTask(_ *Worker, task int) {
	for i, to := p.share(task); i < to; i++ {
		p.b.in.encode(p.kernel, i)
	}
}
