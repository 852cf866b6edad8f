package engine

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// operand is the left side of products with weights, in the form that the arithmetic wants.
type operand struct {
	rows // float32, what F32 multiplies

	mode   kernel.Mode
	stride int      // between encoded rows, in elements of theirs
	halves []uint16 // bfloat16, for BF16
	bytes  []byte   // quantised rows, for Q8
}

// operand returns room for n encoded rows of x. There is one such room: it holds what the next products multiply.
func (p *pass) operand(x rows, n int) operand {
	o, f := operand{rows: x, mode: p.mode}, &p.buffer.encoded
	switch p.mode {
	case kernel.ModeBF16:
		o.stride = padded(x.width)
		o.halves = f.memory.Halves()[:n*o.stride]
	case kernel.ModeQ8:
		o.stride = kernel.RowSizeQ8(x.width)
		o.bytes = f.memory.Bytes()[:n*o.stride]
	}
	return o
}

// encodedStride is the number of bytes between the rows of an operand of the given width.
func (m *Model) encodedStride(width int) int {
	switch m.mode {
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
		k.RoundBF16(o.halves[i*o.stride:], o.row(i))
	case kernel.ModeQ8:
		k.QuantizeQ8(o.bytes[i*o.stride:][:o.stride], o.row(i))
	}
}

// put writes part of row i, from a column on: in bfloat16 if that is the form of the arithmetic, and else in float32, which
// is what the other forms are made of.
func (o *operand) put(k *kernel.Kernel, i, column int, x []float32) {
	if o.mode == kernel.ModeBF16 {
		k.RoundBF16(o.halves[i*o.stride+column:], x)
		return
	}
	copy(o.row(i)[column:], x)
}

// from returns o without its first i rows.
func (o operand) from(i int) operand {
	o.rows = o.rows.from(i)
	switch o.mode {
	case kernel.ModeBF16:
		o.halves = o.halves[i*o.stride:]
	case kernel.ModeQ8:
		o.bytes = o.bytes[i*o.stride:]
	}
	return o
}

// encode makes the first n rows of x what the next products multiply.
func (p *pass) encode(x rows, n int) {
	p.in = p.operand(x, n)
	if p.mode != kernel.ModeF32 {
		p.eachRow(n, p.steps.encode)
	}
}

func (p *pass) encodeTask(_ *worker, task int) {
	for i, to := p.share(task); i < to; i++ {
		p.in.encode(p.kernel, i)
	}
}
