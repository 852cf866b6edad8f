package engine

// span is a run of consecutive tokens of one segment inside a batch.
type span struct {
	segment *segment // holds what lies before the span already; gets the span's own
	start   int      // position of the first token
	n       int      // tokens
	row     int      // the first token's row in the batch
}

// batch is a set of spans that go through the layers together, without padding: row i of every buffer belongs to
// token i, and only attention looks at which rows form a sequence. A span's segment may continue that of a span before
// it: keys and values of a layer are all stored before any query looks at them.
type batch struct {
	spans     []span
	tokens    []int32 // (n)
	positions []int   // (n) each token's position in its own sequence
	owner     []int   // (n) each token's span
	every     []int   // (n) the numbers of the rows
	n         int
	wanted    []int // rows whose logits are asked for, ascending

	// Attention of all rows, and, for the last layer, of the wanted ones.
	all, last attention

	x      rows // (n, hidden) the residual stream
	normed rows // (n, hidden) normalised input of a product; also what a block adds to x
	q      rows // (n, heads * head_dim)
	k, v   rows // (n, kv_heads * head_dim)
	mixed  rows // (n, heads * head_dim) attention's output
	act    rows // (n, intermediate)
	// The same in bfloat16 instead, if that is what products want.
	actHalves []uint16
	// (kv_heads, n, group, head_dim): queries after rotation. The heads that share keys are neighbours, so that
	// attention multiplies them in one product, whether a span has one token or hundreds.
	turned       []float32
	turnedHalves []uint16 // in bfloat16 instead
}

// reset empties a batch and keeps its memory.
func (b *batch) reset() {
	b.spans, b.tokens, b.wanted, b.n = b.spans[:0], b.tokens[:0], b.wanted[:0], 0
}

// add appends a span of tokens whose first position is start.
func (b *batch) add(s *segment, start int, tokens []int32) {
	b.spans = append(b.spans, span{segment: s, start: start, n: len(tokens), row: b.n})
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

// from returns r without its first i rows.
func (r rows) from(i int) rows {
	r.data = r.data[i*r.stride:]
	return r
}

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
	rows    region // float32
	encoded region // an operand's rows as bfloat16 or 8-bit integers
	logits  []float32
}

func (f *buffers) release() error {
	f.logits = nil
	return joined(f.rows.release(), f.encoded.release())
}

// halves returns the rest of the rows' memory as bfloat16.
func (f *buffers) halves(rest []float32) []uint16 {
	all := f.rows.memory.Halves()
	return all[len(all)-len(all)%2-2*len(rest):]
}

// rowsOf returns n rows of the beginning of memory, and the rest of it.
func rowsOf(memory []float32, n, width int) (r rows, rest []float32) {
	r = rows{width: width, stride: padded(width)}
	r.data, rest = memory[:n*r.stride], memory[n*r.stride:]
	return r, rest
}

// reserve makes room for a batch of n rows and gives b its buffers.
func (m *Model) reserve(b *batch) error {
	c, f := m.config, &m.buffer
	queries, keys := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	width := 2*padded(c.HiddenSize) + 2*padded(queries) + 2*padded(keys) + padded(c.Intermediate) + queries
	if err := f.rows.reserve(4 * b.n * width); err != nil {
		return err
	}
	if err := f.encoded.reserve(b.n * m.encodedStride(max(c.HiddenSize, queries, c.Intermediate))); err != nil {
		return err
	}
	rest := f.rows.memory.Floats()
	b.x, rest = rowsOf(rest, b.n, c.HiddenSize)
	b.normed, rest = rowsOf(rest, b.n, c.HiddenSize)
	b.q, rest = rowsOf(rest, b.n, queries)
	b.k, rest = rowsOf(rest, b.n, keys)
	b.v, rest = rowsOf(rest, b.n, keys)
	b.mixed, rest = rowsOf(rest, b.n, queries)
	b.actHalves = f.halves(rest)
	b.act, rest = rowsOf(rest, b.n, c.Intermediate)
	b.turned, b.turnedHalves = rest[:b.n*queries], f.halves(rest)
	return nil
}

// layOut gives a filled batch its buffers, its positions and its attention tasks.
func (m *Model) layOut(b *batch) error {
	if err := m.reserve(b); err != nil {
		return err
	}

	b.positions, b.owner, b.every = b.positions[:0], b.owner[:0], b.every[:0]
	for i, s := range b.spans {
		for t := range s.n {
			b.positions, b.owner, b.every = append(b.positions, s.start+t), append(b.owner, i), append(b.every, s.row+t)
		}
		m.rope.extend(s.start + s.n)
	}
	b.all.plan(m, b, b.every)
	if len(b.wanted) < b.n {
		b.last.plan(m, b, b.wanted)
	}
	return nil
}
