package graph

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// step is a step of an architecture, bound to its weights. It works on the live rows of the pass's batch: x is the residual
// stream, normed what steps hand to each other, encoded for products where a norm has made it.
type step interface{ run(p *Pass) }

// norm normalises the residual stream, to which it adds first what the step before it has made.
type norm struct {
	add    bool
	weight []float32 // (hidden)
}

func (s *norm) run(p *Pass) { p.normalise(p.b.x, p.b.normed, p.b.normed, s.weight) }

// outputNorm normalises what the step before it has made.
type outputNorm struct{ weight []float32 } // (hidden)

func (s *outputNorm) run(p *Pass) {
	p.dst, p.weight = p.b.normed, s.weight
	p.eachRow(p.b.live, p.tasks.normaliseOutput)
}

// linear is a matrix and the bias of its outputs: x W^T + b. The chain of the product is rounded before b is added.
type linear struct {
	w    *matrix
	bias []float32 // (rows of w), or nil
}

// attend is self-attention with its four matrices.
type attend struct {
	layer                     int
	view                      int  // which of the network's windows
	last                      bool // no later step looks at rows that are not wanted
	query, key, value, output linear
	queryNorm, keyNorm        []float32 // (head_dim) of heads before they are rotated, or nil
	scale                     float32   // of products of queries and keys
	limit                     float32   // of scores: limit * tanh(score / limit); 0 is none
}

func (s *attend) run(p *Pass) {
	b := p.b
	p.attending = s
	seen := &b.all[s.view]
	if !s.last || len(b.wanted) == b.n {
		p.multiply(product{s.query, b.q}, product{s.key, b.k}, product{s.value, b.v})
		p.rotate(seen, true, true)
	} else {
		p.multiply(product{s.key, b.k}, product{s.value, b.v})
		p.rotate(seen, true, false)
		seen = &b.last[s.view]
		p.narrow()
		p.multiply(product{s.query, b.q})
		p.rotate(seen, false, true)
	}
	p.attend(seen)
	p.multiply(product{s.output, b.normed})
}

// gatedMLP is the feed-forward layer.
type gatedMLP struct {
	gate, up, down linear
	gelu           bool // instead of SiLU
}

func (s *gatedMLP) run(p *Pass) {
	p.multiplyGated(s)
	p.multiply(product{s.down, p.b.normed})
}

// embedTask writes tokens' embeddings to b.x.
func (p *Pass) embedTask(_ *Worker, task int) {
	scale := float32(p.net.config.EmbeddingScale)
	for i, to := p.share(task); i < to; i++ {
		x := p.b.x.row(i)
		p.net.embedding.row(x, int(p.b.tokens[i]))
		if scale != 0 {
			for j := range x {
				x[j] *= scale
			}
		}
	}
}

// normalise adds summand, unless it is empty, to the live rows of src, and writes them normalised, and encoded for
// products, to dst, which may be summand.
func (p *Pass) normalise(src, summand, dst rows, weight []float32) {
	p.dst, p.src, p.summand, p.weight = dst, src, summand, weight
	p.b.in = p.operand(dst)
	p.eachRow(p.b.live, p.tasks.normalise)
}

func (p *Pass) normaliseTask(_ *Worker, task int) {
	eps := float32(p.net.config.RMSNormEps)
	for i, to := p.share(task); i < to; i++ {
		x := p.src.row(i)
		if p.summand.data != nil {
			p.kernel.Add(x, p.summand.row(i))
		}
		p.kernel.RMSNorm(p.dst.row(i), x, p.weight, eps)
		p.b.in.encode(p.kernel, i)
	}
}

func (p *Pass) normaliseOutputTask(_ *Worker, task int) {
	eps := float32(p.net.config.RMSNormEps)
	for i, to := p.share(task); i < to; i++ {
		p.kernel.RMSNorm(p.dst.row(i), p.dst.row(i), p.weight, eps)
	}
}

// narrow leaves the wanted rows alone on their way.
func (p *Pass) narrow() {
	b := p.b
	for to, from := range b.wanted { // ascending: none is overwritten before it moves
		copy(b.x.row(to), b.x.row(from))
		copy(b.normed.row(to), b.normed.row(from))
	}
	b.live = len(b.wanted)
	p.encode(b.normed)
}

// rotate rotates the first live rows' keys to their positions and puts keys and values into the segments, or rotates
// queries, or both. Queries are those of the rows that a plan of attention names.
func (p *Pass) rotate(a *attention, keys, queries bool) {
	p.attention, p.keys, p.queries = a, keys, queries
	p.eachRow(p.b.live, p.tasks.rotate)
}

func (p *Pass) rotateTask(w *Worker, task int) {
	from, to := p.share(task)
	for i := from; i < to && p.queries; i++ {
		p.rotateQueries(i)
	}
	if p.keys {
		p.storePositions(w, from, to)
	}
}

// normaliseHeads normalises vectors of heads, one after the other, if weight (head_dim) is not nil.
func (p *Pass) normaliseHeads(x, weight []float32) {
	for dim := len(weight); dim > 0 && len(x) > 0; x = x[dim:] {
		p.kernel.RMSNorm(x[:dim], x[:dim], weight, float32(p.net.config.RMSNormEps))
	}
}

// rotateQueries rotates the queries of row i.
func (p *Pass) rotateQueries(i int) {
	b, width := p.b, p.net.group()*p.net.config.HeadDim
	for head := range p.net.config.KVHeads {
		q, at := b.q.row(i)[head*width:][:width], (head*p.rows+i)*width
		p.normaliseHeads(q, p.attending.queryNorm)
		rotated := b.rotated[at:][:width]
		if p.net.bf16() {
			rotated = q
		}
		p.net.rope.rotate(p.kernel, rotated, q, p.attention.positions[i])
		if p.net.bf16() {
			p.kernel.RoundBF16(b.rotatedBF16[at:], rotated)
		}
	}
}

// storePositions rotates the keys of rows from..to-1 and puts them and the values into the rows' segments. A head's keys go one
// after the other, for they are columns of one panel: neighbours share its lines, and all heads' panels are more than the nearest
// cache holds.
func (p *Pass) storePositions(w *Worker, from, to int) {
	b, n := p.b, p.net
	for i := from; i < to; i++ {
		keys := b.k.row(i)
		p.normaliseHeads(keys, p.attending.keyNorm)
		n.rope.rotate(p.kernel, keys, keys, b.positions[i])
		if !n.bf16() && !p.kernel.AllFinite(b.v.row(i)[:n.config.KVHeads*n.config.HeadDim]) {
			b.spans[b.owner[i]].segment.notFinite.Store(true)
		}
	}
	for head := range n.config.KVHeads {
		if head+1 < n.config.KVHeads && to-from >= kernel.NR {
			p.claimPlaces(from, to, head+1)
		}
		for i := from; i < to; i++ {
			p.storePosition(w, i, from, to, head)
		}
	}
}

// claimPlaces claims where a head's keys of rows from..to-1 go: each key is an element of many lines.
func (p *Pass) claimPlaces(from, to, head int) {
	b := p.b
	for i := from; i < to; {
		span := &b.spans[b.owner[i]]
		next := min(to, span.row+span.n)
		span.segment.claimKeys(p.kernel, p.attending.layer, head, b.positions[i], b.positions[next-1])
		i = next
	}
}

// storePosition stores the rotated key and the value of a head of row i. Rows from..to-1 are the caller's: values of two
// neighbours which are partners are stored together.
func (p *Pass) storePosition(w *Worker, i, from, to, head int) {
	b, dim, layer := p.b, p.net.config.HeadDim, p.attending.layer
	span, position := &b.spans[b.owner[i]], b.positions[i]
	key, value, end := b.k.row(i)[head*dim:][:dim], b.v.row(i)[head*dim:][:dim], min(to, span.row+span.n)
	switch {
	case !p.net.bf16():
		span.segment.storeKey(layer, head, position, key)
		span.segment.storeValue(layer, head, position, value)
	case position%2 == 0 && i+1 < end:
		partner := b.v.row(i + 1)[head*dim:][:dim]
		p.net.storePair(w, span.segment, layer, head, position, key, value, partner)
	case position%2 == 1 && i > max(span.row, from):
		// Its partner has taken the value along.
		p.net.storeKeyBF16(w, span.segment, layer, head, position, key)
	default:
		p.net.storeAlone(w, span.segment, layer, head, position, key, value, i+1 == span.row+span.n)
	}
}

// attend makes attention's output for the live rows what the next products multiply.
func (p *Pass) attend(a *attention) {
	c := &p.net.config
	p.attention, p.b.in = a, p.operand(p.b.mixed)
	p.together = a.together(c.KVHeads, p.net.group(), p.pool.Size())
	p.do(len(a.tasks)*((c.KVHeads+p.together-1)/p.together), p.tasks.attend)
	if p.mode == kernel.ModeQ8 { // in groups that may be wider than a head
		p.encode(p.b.mixed)
	}
}

func (p *Pass) attendTask(w *Worker, i int) {
	t, first, last := p.attention.task(i, p.net.config.KVHeads, p.together)
	for head := first; head < last; head++ {
		if head+1 < last {
			p.net.fetch(p.attention, p.attending.layer, t, head+1)
		}
		p.net.attendTask(w, p.b, p.attention, &p.b.in, p.attending, t, head)
	}
}
