package engine

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// span is a run of consecutive tokens of one sequence inside a batch.
type span struct {
	cache *cache // holds positions 0..start-1 already; gets the span's own
	start int    // position of the first token
	n     int    // tokens
	row   int    // the first token's row in the batch
}

// batch is a set of spans that go through the layers together, without padding: row i of every buffer belongs to
// token i, and only attention looks at which rows form a sequence.
type batch struct {
	spans     []span
	tokens    []int32 // (n)
	positions []int   // (n) each token's position in its own sequence
	owner     []*span // (n)
	n         int
	attention []attentionTask

	x      rows // (n, hidden) the residual stream
	normed rows // (n, hidden) normalised input of a product; also what a block adds to x
	q      rows // (n, heads * head_dim)
	k, v   rows // (n, kv_heads * head_dim)
	mixed  rows // (n, heads * head_dim) attention's output
	act    rows // (n, intermediate)
	// (kv_heads, n, group, head_dim): queries after rotation. The heads that share keys are neighbours, so that
	// attention multiplies them in one product, whether a span has one token or hundreds.
	turned []float32
}

// add appends a span of tokens whose first position is start.
func (b *batch) add(c *cache, start int, tokens []int32) {
	b.spans = append(b.spans, span{cache: c, start: start, n: len(tokens), row: b.n})
	b.tokens = append(b.tokens, tokens...)
	b.n += len(tokens)
}

// rows is a matrix of float32 with a stride that is kind to the cache.
type rows struct {
	data   []float32
	width  int
	stride int
}

func (r rows) row(i int) []float32 { return r.data[i*r.stride:][:r.width] }

// padded returns the stride for rows of n elements: whole cache lines, and no large power of two, which would make the
// same places of neighbouring rows compete for the same lines of the first-level cache.
func padded(n int) int {
	const line = 16
	n = (n + line - 1) / line * line
	if n%256 == 0 {
		n += line
	}
	return n
}

// buffers is the memory of batches, kept from one to the next.
type buffers struct {
	x, normed, q, k, v, mixed, act, turned []float32
	last, logits                           []float32
}

func (m *Model) rowsOf(buffer *[]float32, n, width int) rows {
	stride := padded(width)
	return rows{data: floats(buffer, n*stride), width: width, stride: stride}
}

// layOut gives a filled batch its buffers, its positions and its attention tasks.
func (m *Model) layOut(b *batch) {
	c, f := m.config, &m.buffer
	queries, keys := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	b.x = m.rowsOf(&f.x, b.n, c.HiddenSize)
	b.normed = m.rowsOf(&f.normed, b.n, c.HiddenSize)
	b.q = m.rowsOf(&f.q, b.n, queries)
	b.k, b.v = m.rowsOf(&f.k, b.n, keys), m.rowsOf(&f.v, b.n, keys)
	b.mixed = m.rowsOf(&f.mixed, b.n, queries)
	b.act = m.rowsOf(&f.act, b.n, c.Intermediate)
	b.turned = floats(&f.turned, b.n*queries)

	b.positions, b.owner = make([]int, b.n), make([]*span, b.n)
	for i := range b.spans {
		s := &b.spans[i]
		for t := range s.n {
			b.positions[s.row+t], b.owner[s.row+t] = s.start+t, s
		}
		m.rope.extend(s.start + s.n)
	}
	b.attention = m.attentionTasks(b.spans)
}

// panels is the number of column panels of n outputs.
func panels(n int) int { return (n + kernel.NR - 1) / kernel.NR }
