package graph

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

const (
	// tasksPerThread is how many tasks a product has for each thread at least, if it can be cut so far: what is left to do
	// when the first thread finds nothing more is at most one.
	tasksPerThread = 4
	// elementRows is how many rows a task of element-wise work takes at most.
	elementRows = 16
)

// Pass takes batches through a network, one at a time, layer after layer or whole. After the first error its methods do
// nothing. What the step under way works on are its fields, and its tasks are functions made once, so that no step
// allocates.
type Pass struct {
	net    *Network
	kernel *kernel.Kernel
	pool   *Pool
	mode   kernel.Mode
	ctx    context.Context
	b      *Batch
	rows   int // rows of the step under way
	some   int // rows of each of its tasks, if it is element-wise
	tasks  tasks
	err    error
	spills bool // keys and values may lie in files

	attending     *attend // the layer's attention, while that is under way
	dst, src      rows
	summand       rows // what normaliseTask adds to src first, if it has data
	weight        []float32
	keys, queries bool       // what rotateTask rotates
	attention     *attention // what attendTask looks at
	together      int        // heads to a task of it
	products      [3]product
	gated         *gatedMLP // what gatedTask computes
	cuts          grid
	firstRow      int // number of the first row of logits that exist
	judge         func(i int, logits []float32)
	wants         []Want // what blockTask looks for
	wantsOf       []int  // by wanted row: its first want
	sums          blockSums
}

// tasks are the methods of a pass that run on the pool.
type tasks struct {
	embed, normalise, normaliseOutput, encode, rotate, attend, multiply, multiplyGated, judge, sumBlock, sumRows func(w *Worker, task int)
}

// NewPass returns a pass through a network that has been started. spills tells whether the pages of a stock of the batches'
// segments may lie in files.
func NewPass(n *Network, spills bool) *Pass {
	p := &Pass{net: n, spills: spills, kernel: n.kernel, pool: n.pool, mode: n.mode}
	p.tasks = tasks{p.embedTask, p.normaliseTask, p.normaliseOutputTask, p.encodeTask, p.rotateTask, p.attendTask, p.multiplyTask, p.gatedTask, p.judgeTask, p.blockTask, p.rowsTask}
	return p
}

// Forward runs all layers over a batch. Every span's segment gets its keys and values; the batch holds the last layer's
// normalised output for the wanted rows afterwards, in their order. In the last layer the other rows are only worth their
// keys and values.
func (p *Pass) Forward(ctx context.Context, b *Batch) error {
	if err := p.Begin(ctx, b); err != nil {
		return err
	}
	p.net.reaching.pace()
	for i := range p.net.layers {
		p.Layer(i)
	}
	return p.err
}

// Begin lays out a filled batch and makes it the input of the first layer.
func (p *Pass) Begin(ctx context.Context, b *Batch) error {
	if p.err = p.net.layOut(b); p.err != nil {
		return p.err
	}
	p.Continue(ctx, b)
	b.live = b.n
	p.eachRow(b.n, p.tasks.embed)
	p.rest()
	p.normalise(b.x, rows{}, b.normed, p.net.first.weight)
	return p.err
}

// Continue goes on with a batch that has been begun, and may have gone through some layers: its activations are its own,
// so several can be on their way.
func (p *Pass) Continue(ctx context.Context, b *Batch) { p.ctx, p.b = ctx, b }

// Layer runs layer i over the batch, which has been through those before it.
func (p *Pass) Layer(i int) error {
	l := &p.net.layers[i]
	wait, ahead := p.fetchSpilled(i+1), p.lookAhead(i+1)
	for j, s := range l.steps {
		p.need(l.units[j])
		s.run(p)
		p.through(l.units[j])
	}
	wait()
	ahead()
	p.putSpilled(i)
	return p.err
}

// do runs n tasks on the pool.
func (p *Pass) do(n int, task func(w *Worker, i int)) {
	if p.err == nil && n > 0 {
		p.err = p.pool.Run(p.ctx, n, task)
	}
}

// eachRow runs a step of which every task takes some of n rows.
func (p *Pass) eachRow(n int, task func(w *Worker, i int)) {
	p.rows, p.some = n, min(elementRows, max(1, n/(tasksPerThread*p.pool.Size())))
	p.do((n+p.some-1)/p.some, task)
}

// share returns the rows of a task of eachRow.
func (p *Pass) share(task int) (from, to int) {
	return task * p.some, min(p.rows, (task+1)*p.some)
}
