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
	// elementRows is how many rows a task of element-wise work takes.
	elementRows = 16
	// logitRows is how many rows of logits exist at once.
	logitRows = 128
)

// pass is one batch on its way through the model. After the first error its methods do nothing.
type pass struct {
	*Model
	ctx context.Context
	b   *batch
	err error
}

// forward runs the layers over a batch: b.x holds the last layer's output afterwards, and every span's cache its keys
// and values.
func (m *Model) forward(ctx context.Context, b *batch) (*pass, error) {
	m.layOut(b)
	p := &pass{Model: m, ctx: ctx, b: b}
	p.embed()
	for i := range m.weights.layers {
		w := &m.weights.layers[i]

		p.normalise(b.normed, b.x, w.attentionNorm)
		p.multiply(b.normed, b.n, product{&w.query, b.q}, product{&w.key, b.k}, product{&w.value, b.v})
		p.rotateAndStore(i)
		p.attend(i)
		p.multiply(b.mixed, b.n, product{&w.output, b.normed})
		p.add(b.x, b.normed)

		p.normalise(b.normed, b.x, w.mlpNorm)
		p.multiplyGated(b.normed, b.n, &w.gate, &w.up, b.act)
		p.multiply(b.act, b.n, product{&w.down, b.normed})
		p.add(b.x, b.normed)
	}
	return p, p.err
}

// do runs n tasks on the pool.
func (p *pass) do(n int, task func(w *worker, i int)) {
	if p.err == nil {
		p.err = p.pool.run(p.ctx, n, task)
	}
}

// eachRow calls f for rows 0 to n-1, several to a task.
func (p *pass) eachRow(n int, f func(i int)) {
	p.do((n+elementRows-1)/elementRows, func(_ *worker, task int) {
		for i := task * elementRows; i < min(n, (task+1)*elementRows); i++ {
			f(i)
		}
	})
}

// embed writes each token's embedding to b.x.
func (p *pass) embed() {
	p.eachRow(p.b.n, func(i int) { p.weights.embedding.row(p.b.x.row(i), int(p.b.tokens[i])) })
}

func (p *pass) normalise(dst, src rows, weight []float32) {
	eps := float32(p.config.RMSNormEps)
	p.eachRow(p.b.n, func(i int) { p.kernel.RMSNorm(dst.row(i), src.row(i), weight, eps) })
}

func (p *pass) add(dst, src rows) {
	p.eachRow(p.b.n, func(i int) { p.kernel.Add(dst.row(i), src.row(i)) })
}

// rotateAndStore turns queries and keys to their positions and puts keys and values into the caches.
func (p *pass) rotateAndStore(layer int) {
	b, dim, group := p.b, p.config.HeadDim, p.group()
	p.eachRow(b.n, func(i int) {
		position, cache := b.positions[i], b.owner[i].cache
		q, k, v := b.q.row(i), b.k.row(i), b.v.row(i)
		for head := range p.config.KVHeads {
			for g := range group {
				p.rope.turn(b.turned[((head*b.n+i)*group+g)*dim:], q[(head*group+g)*dim:], position)
			}
			key := k[head*dim:][:dim]
			p.rope.turn(key, key, position)
			cache.storeKey(layer, head, position, key)
			cache.storeValue(layer, head, position, v[head*dim:][:dim])
		}
	})
}

func (p *pass) attend(layer int) {
	p.do(len(p.b.attention), func(w *worker, i int) { p.attendTask(w, p.b, layer, p.b.attention[i]) })
}

// product is a weight matrix and where x W^T goes.
type product struct {
	w   *matrix
	out rows
}

// multiply computes in W^T of rows 0 to n-1 for matrices with the same inputs.
func (p *pass) multiply(in rows, n int, products ...product) {
	total := 0
	for _, product := range products {
		total += panels(product.w.rows)
	}
	g := p.cut(n, total, in.width)
	p.do(g.tasks(), func(w *worker, task int) {
		first, last, row, rows := g.task(task)
		for panel := first; panel < last; panel++ {
			at, i := panel, 0
			for ; at >= panels(products[i].w.rows); i++ {
				at -= panels(products[i].w.rows)
			}
			out := products[i].out
			p.multiplyPanel(&w.panel, in, row, rows, products[i].w, at, out.data[row*out.stride+at*kernel.NR:], out.stride)
		}
	})
}

// multiplyGated computes silu(in Gate^T) * (in Up^T), the first half of a SwiGLU layer, panel by panel, so that the two
// products never exist as a whole.
func (p *pass) multiplyGated(in rows, n int, gate, up *matrix, out rows) {
	g := p.cut(n, panels(gate.rows), 2*in.width)
	p.do(g.tasks(), func(w *worker, task int) {
		first, last, row, rows := g.task(task)
		a, b := floats(&w.gate, rows*kernel.NR), floats(&w.up, rows*kernel.NR)
		for panel := first; panel < last; panel++ {
			p.multiplyPanel(&w.panel, in, row, rows, gate, panel, a, kernel.NR)
			p.multiplyPanel(&w.panel, in, row, rows, up, panel, b, kernel.NR)
			width := min(kernel.NR, out.width-panel*kernel.NR)
			if width == kernel.NR {
				p.kernel.SiLUMul(a, a, b)
			}
			for i := range rows {
				line := a[i*kernel.NR:][:width]
				if width < kernel.NR {
					p.kernel.SiLUMul(line, line, b[i*kernel.NR:][:width])
				}
				copy(out.row(row + i)[panel*kernel.NR:], line)
			}
		}
	})
}

// multiplyPanel widens and packs one panel of w and multiplies rows row..row+n-1 of in by it.
func (p *pass) multiplyPanel(scratch *[]float32, in rows, row, n int, w *matrix, panel int, out []float32, stride int) {
	cols := min(kernel.NR, w.rows-panel*kernel.NR)
	packed := floats(scratch, w.cols*kernel.NR)
	p.kernel.PackRows(packed, w.data, w.format, w.cols, panel*kernel.NR, cols)
	p.kernel.Gemm(n, cols, w.cols, in.data[row*in.stride:], in.stride, packed, kernel.NR, out, stride, false)
}

// grid is how the rows and panels of a product are cut into tasks.
type grid struct {
	rows, block   int // rows in all and to a task
	panels, group int // panels in all and to a task
}

// cut aims at tasks that are worth a goroutine and at several of them for each thread.
func (p *pass) cut(rows, panels, inputs int) grid {
	g := grid{rows: rows, block: min(rows, blockRows), panels: panels, group: 1}
	for g.block > leastBlockRows && g.tasks() < 4*len(p.pool.workers) {
		g.block = max(leastBlockRows, (g.block+1)/2)
	}
	g.group = min(panels, max(1, leastWork/(g.block*kernel.NR*inputs)))
	return g
}

func (g grid) tasks() int {
	return ((g.panels + g.group - 1) / g.group) * ((g.rows + g.block - 1) / g.block)
}

// task returns panels first..last-1 and rows row..row+n-1.
func (g grid) task(i int) (first, last, row, n int) {
	across := (g.panels + g.group - 1) / g.group
	first, row = i%across*g.group, i/across*g.block
	return first, min(g.panels, first+g.group), row, min(g.block, g.rows-row)
}

// logits multiplies the normalised last states of some of the batch's rows by the output matrix and hands each row's
// logits (vocab) to f, in no particular order and from several goroutines at once. The slice is used again afterwards.
func (p *pass) logits(wanted []int, f func(i int, logits []float32)) {
	eps, head := float32(p.config.RMSNormEps), &p.weights.head
	for at := 0; at < len(wanted); at += logitRows {
		part := wanted[at:min(len(wanted), at+logitRows)]
		last := p.rowsOf(&p.buffer.last, len(part), p.config.HiddenSize)
		out := p.rowsOf(&p.buffer.logits, len(part), head.rows)
		p.eachRow(len(part), func(i int) { p.kernel.RMSNorm(last.row(i), p.b.x.row(part[i]), p.weights.norm, eps) })
		p.multiply(last, len(part), product{head, out})
		p.do(len(part), func(_ *worker, i int) { f(at+i, out.row(i)) })
	}
}
