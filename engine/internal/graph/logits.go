package graph

// logitRows is how many rows of logits exist at once.
const logitRows = 128

// Logits multiplies the last states of n wanted rows of the batch, from number from on, by the output matrix and hands each
// row's logits (vocab) to judge, by its number after from, in no particular order and from several goroutines at once. The
// slice is used again afterwards.
func (p *Pass) Logits(from, n int, judge func(i int, logits []float32)) error {
	b, head := p.b, p.net.head
	all := b.in // encoded by the last normalisation
	p.judge = judge
	if n > 0 {
		p.reach(head)
	}
	for at := 0; at < n; at += logitRows {
		some := min(logitRows, n-at)
		p.dst, _ = rowsOf(floats(&b.buffers.logits, some*padded(head.rows)), some, head.rows)
		p.firstRow, b.in = at, all.from(from+at)
		p.multiplyRows(some, product{linear{w: head}, p.dst})
		p.do(some, p.tasks.judge)
	}
	b.in = all
	return p.err
}

func (p *Pass) judgeTask(_ *Worker, i int) {
	logits := p.dst.row(i)
	p.capLogits(logits)
	p.judge(p.firstRow+i, logits)
}

// capLogits bounds logits, where the model does.
func (p *Pass) capLogits(logits []float32) {
	if limit := p.net.config.LogitCap; limit != 0 {
		p.kernel.Cap(logits, 1, float32(limit))
	}
}
