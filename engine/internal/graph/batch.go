package graph

// span is a run of consecutive tokens of one segment inside a batch.
type span struct {
	segment *Segment // holds what lies before the span already; gets the span's own
	start   int      // position of the first token
	n       int      // tokens
	row     int      // the first token's row in the batch
}

// batch is a set of spans that go through the layers together, without padding: row i of every buffer belongs to
// token i, and only attention looks at which rows form a sequence. A span's segment may continue that of a span before
// it: keys and values of a layer are all stored before any query looks at them.
type Batch struct {
	spans     []span
	tokens    []int32 // (n)
	positions []int   // (n) each token's position in its own sequence
	owner     []int   // (n) each token's span
	every     []int   // (n) the numbers of the rows
	n         int
	live      int   // rows still on their way: all, or from the last layer on the wanted ones
	wanted    []int // rows whose logits are asked for, ascending

	// Attention of all rows, and, for the last layer, of the wanted ones; for each of the network's windows.
	all, last []attention

	x      rows // (n, hidden) the residual stream
	normed rows // (n, hidden) normalised input of a product; also what a block adds to x
	q      rows // (n, heads * head_dim)
	k, v   rows // (n, kv_heads * head_dim)
	mixed  rows // (n, heads * head_dim) attention's output
	act    rows // (n, intermediate)
	// The same in bfloat16 instead, if that is what products want.
	actBF16 []uint16
	// (kv_heads, n, group, head_dim): queries after rotation. The heads that share keys are neighbours, so that
	// attention multiplies them in one product, whether a span has one token or hundreds.
	rotated     []float32
	rotatedBF16 []uint16 // in bfloat16 instead
	in          operand  // what the next products multiply

	buffers buffers // the memory of all that, kept from one filling to the next
}

// Reset empties a batch and keeps its memory.
func (b *Batch) Reset() {
	b.spans, b.tokens, b.wanted, b.n = b.spans[:0], b.tokens[:0], b.wanted[:0], 0
}

// Add appends a span of tokens whose first position is start.
func (b *Batch) Add(s *Segment, start int, tokens []int32) {
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

// buffers is the memory of a batch's activations.
type buffers struct {
	rows    region // float32
	encoded region // an operand's rows as bfloat16 or 8-bit integers
	logits  []float32
}

func (f *buffers) release() error {
	f.logits = nil
	return Joined(f.rows.release(), f.encoded.release())
}

// bf16 returns the rest of the rows' memory as bfloat16.
func (f *buffers) bf16(rest []float32) []uint16 {
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
func (n *Network) reserve(b *Batch) error {
	c, f := &n.config, &b.buffers
	queries, keys := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	width := 2*padded(c.HiddenSize) + 2*padded(queries) + 2*padded(keys) + padded(c.Intermediate) + queries
	if err := f.rows.reserve(4 * b.n * width); err != nil {
		return err
	}
	if err := f.encoded.reserve(b.n * n.encodedStride(max(c.HiddenSize, queries, c.Intermediate))); err != nil {
		return err
	}
	rest := f.rows.memory.Floats()
	b.x, rest = rowsOf(rest, b.n, c.HiddenSize)
	b.normed, rest = rowsOf(rest, b.n, c.HiddenSize)
	b.q, rest = rowsOf(rest, b.n, queries)
	b.k, rest = rowsOf(rest, b.n, keys)
	b.v, rest = rowsOf(rest, b.n, keys)
	b.mixed, rest = rowsOf(rest, b.n, queries)
	b.actBF16 = f.bf16(rest)
	b.act, rest = rowsOf(rest, b.n, c.Intermediate)
	b.rotated, b.rotatedBF16 = rest[:b.n*queries], f.bf16(rest)
	return nil
}

// layOut gives a filled batch its buffers, its positions and its attention tasks.
func (n *Network) layOut(b *Batch) error {
	if err := n.reserve(b); err != nil {
		return err
	}

	b.positions, b.owner, b.every = b.positions[:0], b.owner[:0], b.every[:0]
	for i, s := range b.spans {
		for t := range s.n {
			b.positions, b.owner, b.every = append(b.positions, s.start+t), append(b.owner, i), append(b.every, s.row+t)
		}
		n.rope.extend(s.start + s.n)
	}
	for len(b.all) < len(n.windows) {
		b.all, b.last = append(b.all, attention{}), append(b.last, attention{})
	}
	for view, window := range n.windows {
		b.all[view].plan(n, b, b.every, window)
		if len(b.wanted) < b.n {
			b.last[view].plan(n, b, b.wanted, window)
		}
	}
	return nil
}

// Len is the number of tokens.
func (b *Batch) Len() int { return b.n }

// Want asks for the output of a row, after those asked for before.
func (b *Batch) Want(row int) { b.wanted = append(b.wanted, row) }

// Release gives the batch's memory back.
func (b *Batch) Release() error { return b.buffers.release() }
