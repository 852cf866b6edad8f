package graph

import (
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

const (
	// blockRows is how many rows at most one task of a product takes. It bounds the time between two looks at the
	// context, and is a multiple of every kernel's tile height.
	blockRows = 480
	// leastBlockRows keeps the cost of packing a panel well below that of using it.
	leastBlockRows = 96
	// leastWork is the number of multiply-adds below which waking another goroutine costs more than it saves.
	leastWork = 1 << 15
	// manyPanels is how many panels a task of many rows in float32 takes together, for each part of the inputs: these then come
	// from the caches near the core for all panels but the first.
	manyPanels = 4
	// manyInputs is how many inputs of blocks become float32 at a time for many rows: whole parts of the kernels.
	manyInputs = kernel.PartRows / blockInputs * blockInputs
	// streamRows is up to how many rows weights stream from memory: then tasks take runs of neighbouring panels, of which
	// the kernels fetch the next part ahead.
	streamRows = 64
	// claimAhead is how many rows ahead their parts are claimed: processors foresee no lines that lie a whole row apart.
	claimAhead = 8
)

// product is a weight matrix with its bias, and where x W^T goes.
type product struct {
	linear
	out rows
}

// multiply computes x W^T for the live rows, as they are encoded, and up to three matrices with the same inputs.
func (p *Pass) multiply(products ...product) { p.multiplyRows(p.b.live, products...) }

func (p *Pass) multiplyRows(n int, products ...product) {
	total := 0
	for _, product := range products {
		total += product.w.panels()
	}
	if n == 0 {
		return
	}
	p.products = [3]product{}
	copy(p.products[:], products)
	p.cuts = p.cut(n, total, p.b.in.width)
	p.do(p.cuts.tasks(), p.tasks.multiply)
}

func (p *Pass) multiplyTask(w *Worker, task int) {
	first, last, row, rows := p.cuts.task(task)
	w.fetchMeanwhile(rows, p.nextPanel(task))
	for i := range p.products {
		x, out := p.products[i].w, p.products[i].out
		if x == nil || first >= last {
			return
		}
		if n := x.panels(); first < n {
			end, at := min(last, n), row*out.stride+first*x.columns()
			p.multiplyPanels(w, row, rows, x, first, end, out.data[at:], out.stride)
			p.addBias(p.products[i].linear, first, end, rows, out.data[at:], out.stride)
		}
		first, last = max(0, first-x.panels()), last-x.panels()
	}
}

// fetchMeanwhile has products of many rows fetch what the worker multiplies by after them, which may be nothing. Products of few
// rows fetch what they read themselves.
func (w *Worker) fetchMeanwhile(rows int, next []byte) {
	if rows <= streamRows {
		next = nil
	}
	w.products.Next = next
}

// nextFirst is the first panel of what a worker does after a task, if every worker takes as long: the task as many further on as
// there are workers, where there is one. Of few rows nobody wants to know.
func (p *Pass) nextFirst(task int) (first int, ok bool) {
	if p.cuts.block <= streamRows {
		return 0, false
	}
	if task += p.pool.Size(); task >= p.cuts.tasks() {
		return 0, false
	}
	first, _, _, _ = p.cuts.task(task)
	return first, true
}

// nextPanel is what a worker multiplies by after a task, or nothing.
func (p *Pass) nextPanel(task int) []byte {
	first, ok := p.nextFirst(task)
	if !ok {
		return nil
	}
	for i := range p.products {
		x := p.products[i].w
		if first < x.panels() {
			return x.packedPanel(first)
		}
		first -= x.panels()
	}
	return nil
}

// packedPanel is the bytes of a panel, or nothing where panels are made of what is stored when they are used.
func (x *matrix) packedPanel(i int) []byte {
	if x.packed == nil {
		return nil
	}
	size := x.panelSize()
	return x.packed[i*size:][:size]
}

// addBias adds the bias of the outputs of panels first..last-1, if there is one, to n rows of these.
func (p *Pass) addBias(l linear, first, last, n int, out []float32, stride int) {
	if l.bias == nil {
		return
	}
	columns := l.w.columns()
	bias := l.bias[first*columns : min(last*columns, len(l.bias))]
	for i := range n {
		p.kernel.Add(out[i*stride:][:len(bias)], bias)
	}
}

// multiplyGated computes act(x Gate^T) * (x Up^T), the first half of a SwiGLU or GeGLU layer, panel by panel, so that the two
// products never exist as a whole, and makes it what the next products multiply.
func (p *Pass) multiplyGated(s *gatedMLP) {
	n := p.b.live
	if n == 0 {
		return
	}
	p.gated = s
	p.cuts = p.cut(n, s.panels(), 2*p.b.in.width)
	p.do(p.cuts.tasks(), p.tasks.multiplyGated)
	if p.mode == kernel.ModeBF16 {
		p.b.in = p.activated()
	} else {
		p.encode(p.b.act)
	}
}

// activated is the operand that gatedTask puts its rows into. In bfloat16 it has a room of its own, for the one that is
// multiplied meanwhile is in use.
func (p *Pass) activated() operand {
	return operand{rows: p.b.act, mode: p.mode, stride: padded(p.b.act.width), bf16: p.b.actBF16}
}

func (p *Pass) gatedTask(w *Worker, task int) {
	first, last, row, rows := p.cuts.task(task)
	wide, out := p.gated.columns(), p.activated()
	// Few rows take more panels at once, within the scratch memory that those of many rows need.
	together := max(1, manyPanels*blockRows/rows)
	for ; first < last; first += together {
		end, begin := min(last, first+together), first*wide
		columns := (end - first) * wide
		gate, up := p.gated.gate, p.gated.up
		a, stride := out.room(row, begin)
		if a == nil {
			a, stride = floats(&w.gate, rows*columns), columns
		}
		b := floats(&w.up, rows*columns)
		w.fetchMeanwhile(rows, up.w.packedPanel(begin/up.w.columns()))
		p.multiplyColumns(w, row, rows, gate, begin, end*wide, a, stride)
		w.fetchMeanwhile(rows, nil)
		if next, ok := p.nextFirst(task); ok {
			w.fetchMeanwhile(rows, gate.w.packedPanel(next*wide/gate.w.columns()))
		}
		p.multiplyColumns(w, row, rows, up, begin, end*wide, b, columns)
		width := min(columns, out.width-begin)
		for i := range rows {
			if next := i + claimAhead; next < rows {
				p.kernel.Claim(a[next*stride:][:width])
			}
			line := a[i*stride:][:width]
			p.activate(line, b[i*columns:][:width])
			out.put(p.kernel, row+i, begin, line)
		}
	}
}

// columns is how many outputs of both matrices a task takes at least. Stored differently, they may have panels of different
// widths, each a multiple of the narrower.
func (s *gatedMLP) columns() int { return max(s.gate.w.columns(), s.up.w.columns()) }

// panels is the number of such runs of outputs.
func (s *gatedMLP) panels() int { return (s.gate.w.rows + s.columns() - 1) / s.columns() }

// multiplyColumns multiplies by the panels of outputs begin..end-1, of which the last may not exist, and adds the bias.
func (p *Pass) multiplyColumns(w *Worker, row, n int, l linear, begin, end int, out []float32, stride int) {
	columns := l.w.columns()
	first, last := begin/columns, min(end/columns, l.w.panels())
	p.multiplyPanels(w, row, n, l.w, first, last, out, stride)
	p.addBias(l, first, last, n, out, stride)
}

// activate makes gate act(gate) * up.
func (p *Pass) activate(gate, up []float32) {
	if p.gated.gelu {
		p.kernel.GELUMul(gate, gate, up)
		return
	}
	p.kernel.SiLUMul(gate, gate, up)
}

// multiplyPanels multiplies rows row..row+n-1 of the encoded operand by panels from..to-1 of x.
func (p *Pass) multiplyPanels(w *Worker, row, n int, x *matrix, from, to int, out []float32, stride int) {
	for from < to {
		if x.blocks != blocks.None && (x.packed == nil || x.woven) {
			end := from + 1
			if n > streamRows && x.packed != nil {
				end = to
			}
			p.multiplyBlocks(w, row, n, x, from, end, out, stride)
			out = out[min((end-from)*x.columns(), len(out)):]
			from = end
			continue
		}
		packed, end, cols := x.run(p.kernel, w, from, to)
		switch in := &p.b.in; {
		case p.mode == kernel.ModeF32 && x.mode == kernel.ModeBF16:
			p.kernel.GemmMixed(n, cols, x.cols, in.data[row*in.rows.stride:], in.rows.stride, packed, out, stride, false, &w.products)
		case p.mode == kernel.ModeF32:
			p.kernel.GemmF32(n, cols, x.cols, in.data[row*in.rows.stride:], in.rows.stride, packed, out, stride, false, &w.products)
		case p.mode == kernel.ModeBF16:
			p.kernel.GemmBF16(n, cols, x.cols, in.bf16[row*in.stride:], in.stride, packed, out, stride, false)
		case p.mode == kernel.ModeQ8:
			p.kernel.GemmQ8(n, cols, x.cols, in.bytes[row*in.stride:], in.stride, packed, out, stride, false)
		}
		if from = end; from < to {
			out = out[cols:]
		}
	}
}

// multiplyBlocks multiplies by some panels or strips of blocks, of which rows must have been packed where they are more than one,
// some inputs at a time, so that what is made of them stays in the nearest caches until it has been used. Cut so, products have the
// same bits. A single row is multiplied with the blocks themselves.
func (p *Pass) multiplyBlocks(w *Worker, row, n int, x *matrix, from, to int, out []float32, stride int) {
	in := &p.b.in
	if n == 1 && p.mode == kernel.ModeF32 && x.packed != nil {
		cols := min(x.columns(), x.rows-from*x.columns())
		p.kernel.DotStrip(out[:cols], x.blocks, x.packedPanel(from), in.data[row*in.rows.stride:][:x.cols])
		return
	}
	if x.packed == nil {
		x.takeRows(w, from)
	}
	after := w.products.Next
	most := blockInputs
	if p.mode == kernel.ModeF32 && n > streamRows {
		most = manyInputs
	}
	for at := 0; at < x.cols; at += most {
		some := min(most, x.cols-at)
		for panel := from; panel < to; panel++ {
			w.products.Next = x.following(from, to, panel, at, most, after)
			p.multiplySome(w, row, n, x, panel, at, some, out[(panel-from)*x.columns():], stride)
		}
	}
}

// following is what multiplyBlocks reads of the strips from..to-1, most inputs at a time, after those of one of them from at on.
func (x *matrix) following(from, to, panel, at, most int, after []byte) []byte {
	if panel++; panel == to {
		panel, at = from, at+most
	}
	if x.packed == nil || at >= x.cols {
		return after[:min(len(after), len(after)*most/x.cols)]
	}
	strip := x.packedPanel(panel)
	return strip[at*len(strip)/x.cols : min(at+most, x.cols)*len(strip)/x.cols]
}

// multiplySome multiplies some inputs, from at on, by those of a panel or strip, and adds to what the inputs before gave.
func (p *Pass) multiplySome(w *Worker, row, n int, x *matrix, panel, at, some int, out []float32, stride int) {
	in, cols, more := &p.b.in, min(x.columns(), x.rows-panel*x.columns()), at > 0
	packed := x.packSome(p.kernel, w, panel, at, some)
	switch p.mode {
	case kernel.ModeF32:
		p.kernel.GemmF32(n, cols, some, in.data[row*in.rows.stride+at:], in.rows.stride, packed, out, stride, more, &w.products)
	case kernel.ModeBF16:
		p.kernel.GemmBF16(n, cols, some, in.bf16[row*in.stride+at:], in.stride, packed, out, stride, more)
	case kernel.ModeQ8:
		p.kernel.GemmQ8(n, cols, some, in.bytes[row*in.stride+kernel.RowSizeQ8(at):], in.stride, packed, out, stride, more)
	}
}

// grid is how the rows and panels of a product are cut into tasks.
type grid struct {
	rows, block   int // rows in all and to a task
	panels, group int // panels in all and to a task
	single        int // how many of the panels, the last ones, have tasks of their own: all threads are to end at about the same time
	runs          int // into how many runs of neighbours tasks are dealt by turns; 0 leaves them in order
}

// cut aims at tasks that are worth a goroutine and at several of them for each thread. Blocks of rows are about equal.
func (p *Pass) cut(rows, panels, inputs int) grid {
	g := grid{rows: rows, block: evenly(rows, blockRows), panels: panels, group: 1}
	for g.block > leastBlockRows && g.tasks() < tasksPerThread*p.pool.Size() {
		g.block = max(leastBlockRows, evenly(rows, (g.block+1)/2))
	}
	g.group = max(1, leastWork/(g.block*kernel.NR*inputs))
	if rows <= streamRows {
		g.group = max(g.group, panels/(tasksPerThread*p.pool.Size()))
		g.runs = p.pool.Size()
	}
	g.group = min(g.group, panels)
	if down := g.blocks(); p.mode == kernel.ModeF32 && g.block >= leastBlockRows && g.group == 1 {
		g.group, g.single = manyPanels, min(panels, (tasksPerThread*p.pool.Size()+down-1)/down)
	}
	return g
}

// blocks is the number of blocks of rows, groups that of runs of panels.
func (g grid) blocks() int { return (g.rows + g.block - 1) / g.block }
func (g grid) groups() int { return (g.panels - g.single + g.group - 1) / g.group }

// evenly returns the size of equal parts of n rows, none larger than most. Sizes are multiples of every kernel's tile
// height, so that only the last part has an incomplete tile.
func evenly(n, most int) int {
	const tile = 12
	parts := (n + most - 1) / most
	return min(n, most, ((n+parts-1)/parts+tile-1)/tile*tile)
}

func (g grid) tasks() int {
	return (g.groups() + g.single) * g.blocks()
}

// dealt is which of so many things the i'th taker has, where takers take turns and each has neighbours one after the other: what it fetches
// beyond the end of one is the beginning of its next.
func dealt(i, things, takers int) int {
	taker, turn := i%takers, i/takers
	return taker*(things/takers) + min(taker, things%takers) + turn
}

// task returns panels first..last-1 and rows row..row+n-1. Blocks of rows follow each other for the same panels, which then
// come from memory once.
func (g grid) task(i int) (first, last, row, n int) {
	if g.runs > 1 {
		i = dealt(i, g.tasks(), g.runs)
	}
	down, single := g.blocks(), g.panels-g.single
	first, row = i/down*g.group, i%down*g.block
	last, n = min(single, first+g.group), min(g.block, g.rows-row)
	if alone := i/down - g.groups(); alone >= 0 {
		first, last = single+alone, single+alone+1
	}
	return first, last, row, n
}
