package engine

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

const (
	// blockRows is how many rows at most one task of a product takes. It bounds the time between two looks at the
	// context, and is a multiple of every kernel's tile height.
	blockRows = 480
	// leastBlockRows keeps the cost of packing a panel well below that of using it.
	leastBlockRows = 96
	// leastWork is the number of multiply-adds below which waking another goroutine costs more than it saves.
	leastWork = 1 << 15
	// tasksPerThread is how many tasks a product has for each thread at least, if it can be cut so far: what is left to do
	// when the first thread finds nothing more is at most one.
	tasksPerThread = 4
	// streamRows is up to how many rows weights stream from memory: then tasks take runs of neighbouring panels, of which
	// the kernels fetch the next part ahead.
	streamRows = 64
	// elementRows is how many rows a task of element-wise work takes at most.
	elementRows = 16
	// logitRows is how many rows of logits exist at once.
	logitRows = 128
)

// pass takes batches through the model, one after the other. After the first error its methods do nothing. The
// arguments of the step under way are its fields, and the steps are functions made once, so that none allocates.
type pass struct {
	*Model
	ctx   context.Context
	b     *batch
	rows  int // rows of the step under way
	some  int // rows of each of its tasks, if it is element-wise
	steps steps
	err   error

	layer         int
	dst, src      rows
	summand       rows // what normaliseTask adds to src first, if it has data
	weight        []float32
	keys, queries bool       // what rotateTask rotates
	attention     *attention // what attendTask looks at
	together      int        // heads to a task of it
	in            operand
	products      [3]product
	cuts          grid
	first         int // number of the first row of logits that exist
	judge         func(i int, logits []float32)
	wants         []wanted // what tallyTask looks for
	wantsOf       []int    // by wanted row: its first want
	tally         blockSums
}

// steps are the methods of a pass that run as tasks.
type steps struct {
	embed, normalise, encode, rotate, attend, multiply, multiplyGated, judge, tally, settle func(w *worker, task int)
}

func newPass(m *Model) *pass {
	p := &pass{Model: m}
	p.steps = steps{p.embedTask, p.normaliseTask, p.encodeTask, p.rotateTask, p.attendTask, p.multiplyTask, p.gatedTask, p.judgeTask, p.tallyTask, p.settleTask}
	return p
}

// forward runs the layers over a batch. Every span's segment gets its keys and values; b.normed holds the last layer's
// normalised output for the wanted rows afterwards, in their order. In the last layer the other rows are only worth their
// keys and values.
func (p *pass) forward(ctx context.Context, b *batch) error {
	if p.err = p.layOut(b); p.err != nil {
		return p.err
	}
	p.ctx, p.b = ctx, b
	p.eachRow(b.n, p.steps.embed)
	layers := p.weights.layers
	p.normalise(b.n, b.normed, b.x, rows{}, layers[0].attentionNorm)
	n := b.n
	for i := range layers {
		w, seen, next := &layers[i], &b.all, p.weights.norm
		if i+1 < len(layers) {
			next = layers[i+1].attentionNorm
		}
		if i+1 < len(layers) || len(b.wanted) == b.n {
			p.multiply(n, product{&w.query, b.q}, product{&w.key, b.k}, product{&w.value, b.v})
			p.rotate(i, n, seen, true, true)
		} else {
			p.multiply(n, product{&w.key, b.k}, product{&w.value, b.v})
			p.rotate(i, n, seen, true, false)
			n, seen = len(b.wanted), &b.last
			for to, from := range b.wanted { // ascending: none is overwritten before it moves
				copy(b.x.row(to), b.x.row(from))
				copy(b.normed.row(to), b.normed.row(from))
			}
			p.encode(b.normed, n)
			p.multiply(n, product{&w.query, b.q})
			p.rotate(i, n, seen, false, true)
		}
		p.attend(i, n, seen)
		p.multiply(n, product{&w.output, b.normed})
		p.normalise(n, b.normed, b.x, b.normed, w.mlpNorm)
		p.multiplyGated(n, &w.gate, &w.up)
		p.multiply(n, product{&w.down, b.normed})
		p.normalise(n, b.normed, b.x, b.normed, next)
	}
	return p.err
}

// do runs n tasks on the pool.
func (p *pass) do(n int, task func(w *worker, i int)) {
	if p.err == nil && n > 0 {
		p.err = p.pool.run(p.ctx, n, task)
	}
}

// eachRow runs a step of which every task takes some of n rows.
func (p *pass) eachRow(n int, task func(w *worker, i int)) {
	p.rows, p.some = n, min(elementRows, max(1, n/(tasksPerThread*len(p.pool.workers))))
	p.do((n+p.some-1)/p.some, task)
}

// share returns the rows of a task of eachRow.
func (p *pass) share(task int) (from, to int) {
	return task * p.some, min(p.rows, (task+1)*p.some)
}

// embedTask writes tokens' embeddings to b.x.
func (p *pass) embedTask(_ *worker, task int) {
	for i, to := p.share(task); i < to; i++ {
		p.weights.embedding.row(p.b.x.row(i), int(p.b.tokens[i]))
	}
}

// normalise adds summand, unless it is empty, to the first n rows of src, and writes them normalised, and encoded for
// products, to dst, which may be summand.
func (p *pass) normalise(n int, dst, src, summand rows, weight []float32) {
	p.dst, p.src, p.summand, p.weight = dst, src, summand, weight
	p.in = p.operand(dst, n)
	p.eachRow(n, p.steps.normalise)
}

func (p *pass) normaliseTask(_ *worker, task int) {
	eps := float32(p.config.RMSNormEps)
	for i, to := p.share(task); i < to; i++ {
		x := p.src.row(i)
		if p.summand.data != nil {
			p.kernel.Add(x, p.summand.row(i))
		}
		p.kernel.RMSNorm(p.dst.row(i), x, p.weight, eps)
		p.in.encode(p.kernel, i)
	}
}

// rotate turns keys to their positions and puts keys and values into the segments, or turns queries, or both. Queries
// are those of the rows that a plan of attention names.
func (p *pass) rotate(layer, n int, a *attention, keys, queries bool) {
	p.layer, p.attention, p.keys, p.queries = layer, a, keys, queries
	p.eachRow(n, p.steps.rotate)
}

func (p *pass) rotateTask(w *worker, task int) {
	from, to := p.share(task)
	for i := from; i < to; i++ {
		if p.queries {
			p.turnQueries(i)
		}
		if p.keys {
			p.storePosition(w, i, from, to)
		}
	}
}

// turnQueries rotates the queries of row i.
func (p *pass) turnQueries(i int) {
	b, width := p.b, p.group()*p.config.HeadDim
	for head := range p.config.KVHeads {
		q, at := b.q.row(i)[head*width:][:width], (head*p.rows+i)*width
		turned := b.turned[at:][:width]
		if p.halves() {
			turned = q
		}
		p.rope.turn(p.kernel, turned, q, p.attention.positions[i])
		if p.halves() {
			p.kernel.RoundBF16(b.turnedHalves[at:], turned)
		}
	}
}

// storePosition rotates the key of row i and puts it and the value into the row's segment. Rows from..to-1 are the
// caller's: values of two neighbours which are partners are stored together.
func (p *pass) storePosition(w *worker, i, from, to int) {
	b, dim := p.b, p.config.HeadDim
	span, position := &b.spans[b.owner[i]], b.positions[i]
	keys, values, end := b.k.row(i), b.v.row(i), min(to, span.row+span.n)
	p.rope.turn(p.kernel, keys, keys, position)
	for head := range p.config.KVHeads {
		key, value := keys[head*dim:][:dim], values[head*dim:][:dim]
		switch {
		case !p.halves():
			p.store(w, span.segment, p.layer, head, position, key, value, false)
		case position%2 == 0 && i+1 < end:
			partner := b.v.row(i + 1)[head*dim:][:dim]
			p.storePair(w, span.segment, p.layer, head, position, key, value, partner)
		case position%2 == 1 && i > max(span.row, from):
			// Its partner has taken the value along.
			p.storeHalfKey(w, span.segment, p.layer, head, position, key)
		default:
			p.store(w, span.segment, p.layer, head, position, key, value, i+1 == span.row+span.n)
		}
	}
}

// attend makes attention's output for the first n rows what the next products multiply.
func (p *pass) attend(layer, n int, a *attention) {
	p.layer, p.attention, p.in = layer, a, p.operand(p.b.mixed, n)
	p.together = a.together(p.config.KVHeads, p.group(), len(p.pool.workers))
	p.do(len(a.tasks)*((p.config.KVHeads+p.together-1)/p.together), p.steps.attend)
	if p.mode == kernel.ModeQ8 { // in groups that may be wider than a head
		p.encode(p.b.mixed, n)
	}
}

func (p *pass) attendTask(w *worker, i int) {
	t, first, last := p.attention.task(i, p.config.KVHeads, p.together)
	for head := first; head < last; head++ {
		if head+1 < last {
			p.fetch(p.attention, p.layer, t, head+1)
		}
		p.Model.attendTask(w, p.b, p.attention, &p.in, p.layer, t, head)
	}
}

// product is a weight matrix and where x W^T goes.
type product struct {
	w   *matrix
	out rows
}

// multiply computes x W^T for the first n encoded rows and up to three matrices with the same inputs.
func (p *pass) multiply(n int, products ...product) {
	total := 0
	for _, product := range products {
		total += product.w.panels()
	}
	if n == 0 {
		return
	}
	p.products = [3]product{}
	copy(p.products[:], products)
	p.cuts = p.cut(n, total, p.in.width)
	p.do(p.cuts.tasks(), p.steps.multiply)
}

func (p *pass) multiplyTask(w *worker, task int) {
	first, last, row, rows := p.cuts.task(task)
	for i := range p.products {
		x, out := p.products[i].w, p.products[i].out
		if x == nil || first >= last {
			return
		}
		if n := x.panels(); first < n {
			p.multiplyPanels(w, row, rows, x, first, min(last, n), out.data[row*out.stride+first*x.mode.Columns():], out.stride)
		}
		first, last = max(0, first-x.panels()), last-x.panels()
	}
}

// multiplyGated computes silu(x Gate^T) * (x Up^T), the first half of a SwiGLU layer, panel by panel, so that the two
// products never exist as a whole, and makes it what the next products multiply.
func (p *pass) multiplyGated(n int, gate, up *matrix) {
	if n == 0 {
		return
	}
	p.products = [3]product{{gate, p.b.act}, {up, p.b.act}}
	p.cuts = p.cut(n, gate.panels(), 2*p.in.width)
	p.do(p.cuts.tasks(), p.steps.multiplyGated)
	if p.mode == kernel.ModeBF16 {
		p.in = p.activated()
	} else {
		p.encode(p.b.act, n)
	}
}

// activated is the operand that gatedTask puts its rows into. In bfloat16 it has a room of its own, for the one that is
// multiplied meanwhile is in use.
func (p *pass) activated() operand {
	return operand{rows: p.b.act, mode: p.mode, stride: padded(p.b.act.width), halves: p.b.actHalves}
}

func (p *pass) gatedTask(w *worker, task int) {
	first, last, row, rows := p.cuts.task(task)
	gate, up, out := p.products[0].w, p.products[1].w, p.activated()
	// Few rows take several panels at once, within the scratch memory that one panel of many rows needs.
	together := max(1, blockRows/rows)
	for ; first < last; first += together {
		end, begin := min(last, first+together), first*gate.mode.Columns()
		columns := (end - first) * gate.mode.Columns()
		a, b := floats(&w.gate, rows*columns), floats(&w.up, rows*columns)
		p.multiplyPanels(w, row, rows, gate, first, end, a, columns)
		p.multiplyPanels(w, row, rows, up, first, end, b, columns)
		width := min(columns, out.width-begin)
		if width == columns {
			p.kernel.SiLUMul(a, a, b)
		}
		for i := range rows {
			line := a[i*columns:][:width]
			if width < columns {
				p.kernel.SiLUMul(line, line, b[i*columns:][:width])
			}
			out.put(p.kernel, row+i, begin, line)
		}
	}
}

// multiplyPanels multiplies rows row..row+n-1 of the encoded operand by panels from..to-1 of x.
func (p *pass) multiplyPanels(w *worker, row, n int, x *matrix, from, to int, out []float32, stride int) {
	for from < to {
		packed, end, cols := x.run(p.kernel, &w.panel, from, to)
		switch in := &p.in; {
		case p.mode == kernel.ModeF32 && x.mode == kernel.ModeBF16:
			p.kernel.GemmMixed(n, cols, x.cols, in.data[row*in.rows.stride:], in.rows.stride, packed, out, stride, false)
		case p.mode == kernel.ModeF32:
			p.kernel.GemmF32(n, cols, x.cols, in.data[row*in.rows.stride:], in.rows.stride, packed, out, stride, false)
		case p.mode == kernel.ModeBF16:
			p.kernel.GemmBF16(n, cols, x.cols, in.halves[row*in.stride:], in.stride, packed, out, stride, false)
		case p.mode == kernel.ModeQ8:
			p.kernel.GemmQ8(n, cols, x.cols, in.bytes[row*in.stride:], in.stride, packed, out, stride, false)
		}
		if from = end; from < to {
			out = out[cols:]
		}
	}
}

// grid is how the rows and panels of a product are cut into tasks.
type grid struct {
	rows, block   int // rows in all and to a task
	panels, group int // panels in all and to a task
}

// cut aims at tasks that are worth a goroutine and at several of them for each thread. Blocks of rows are about equal.
func (p *pass) cut(rows, panels, inputs int) grid {
	g := grid{rows: rows, block: evenly(rows, blockRows), panels: panels, group: 1}
	for g.block > leastBlockRows && g.tasks() < tasksPerThread*len(p.pool.workers) {
		g.block = max(leastBlockRows, evenly(rows, (g.block+1)/2))
	}
	g.group = max(1, leastWork/(g.block*kernel.NR*inputs))
	if rows <= streamRows {
		g.group = max(g.group, panels/(tasksPerThread*len(p.pool.workers)))
	}
	g.group = min(g.group, panels)
	return g
}

// evenly returns the size of equal parts of n rows, none larger than most. Sizes are multiples of every kernel's tile
// height, so that only the last part has an incomplete tile.
func evenly(n, most int) int {
	const tile = 12
	parts := (n + most - 1) / most
	return min(n, most, ((n+parts-1)/parts+tile-1)/tile*tile)
}

func (g grid) tasks() int {
	return ((g.panels + g.group - 1) / g.group) * ((g.rows + g.block - 1) / g.block)
}

// task returns panels first..last-1 and rows row..row+n-1. Blocks of rows follow each other for the same panels, which then
// come from memory once.
func (g grid) task(i int) (first, last, row, n int) {
	down := (g.rows + g.block - 1) / g.block
	first, row = i/down*g.group, i%down*g.block
	return first, min(g.panels, first+g.group), row, min(g.block, g.rows-row)
}

// logits multiplies the first n wanted rows' last states by the output matrix and hands each row's logits (vocab) to judge,
// by its number among the wanted, in no particular order and from several goroutines at once. The slice is used again
// afterwards.
func (p *pass) logits(wanted int, judge func(i int, logits []float32)) error {
	head := &p.weights.head
	p.judge = judge
	all := p.in // encoded by the last normalisation
	for at := 0; at < wanted; at += logitRows {
		n := min(logitRows, wanted-at)
		p.dst, _ = rowsOf(floats(&p.buffer.logits, n*padded(head.rows)), n, head.rows)
		p.first, p.in = at, all.from(at)
		p.multiply(n, product{head, p.dst})
		p.do(n, p.steps.judge)
	}
	return p.err
}

func (p *pass) judgeTask(_ *worker, i int) { p.judge(p.first+i, p.dst.row(i)) }
