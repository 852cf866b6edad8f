package graph

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/memfault"
)

// Pool runs numbered tasks on a fixed set of goroutines, which wait between runs. Which worker takes which task is
// left to chance; tasks write to places of their own, so it cannot show. A run allocates nothing.
type Pool struct {
	workers []*Worker
	// wake has room for one signal to each goroutine that sleeps; the caller of run is worker 0 and needs none.
	wake    []chan struct{}
	asleep  []atomic.Bool // by worker
	round   atomic.Int64  // counts runs; workers that are awake watch it
	closing atomic.Bool
	// waiting says that the caller of run sleeps until it gets a signal through finished.
	waiting  atomic.Bool
	finished chan struct{}
	job      job
	gone     sync.WaitGroup
}

// Worker is the scratch memory of one goroutine; buffers grow to the largest size asked for and stay.
type Worker struct {
	panel        []byte
	gate, up     []float32
	logits       []float32
	scores, sums []float32
	mixed        []float32
	weights      []uint16 // of values
	bf16         []uint16 // a key or value
	none         []float32
	alone        []byte   // a pair of values of which one counts
	stored, cut  [][]byte // rows of blocks, and some of their blocks
	blocks       kernel.BlockScratch
	products     kernel.Scratch
}

// floats returns n elements of a scratch buffer, undefined in content.
func floats(buffer *[]float32, n int) []float32 { return grown(buffer, n) }

type job struct {
	ctx   context.Context
	tasks int64
	next  atomic.Int64
	do    func(w *Worker, task int)
	busy  atomic.Int64 // workers that have not yet said that they are through with this run

	mu     sync.Mutex
	failed error // the first panic
}

// patience is how many looks a worker takes at the next run before it sleeps: the pause between two steps of a layer is
// shorter than waking somebody, but while nothing is to be done the processor belongs to others.
const patience = 16_000

// NewPool returns a pool of a number of goroutines, of which the caller of Run is one.
func NewPool(threads int) *Pool {
	p := &Pool{workers: make([]*Worker, threads), wake: make([]chan struct{}, threads), asleep: make([]atomic.Bool, threads), finished: make(chan struct{}, 1)}
	for i := range p.workers {
		p.workers[i] = &Worker{}
		if i == 0 {
			continue
		}
		p.wake[i] = make(chan struct{}, 1)
		p.gone.Go(func() { p.serve(i) })
	}
	return p
}

// serve takes part in every run until the pool closes.
func (p *Pool) serve(i int) {
	for seen := int64(0); ; {
		for look := 0; p.round.Load() == seen; look++ {
			if look < patience {
				if look%64 == 63 {
					runtime.Gosched()
				}
				continue
			}
			// Whoever begins a round after this line sees the flag; one that began before it shows in the number.
			p.asleep[i].Store(true)
			if p.round.Load() != seen && p.asleep[i].CompareAndSwap(true, false) {
				break
			}
			<-p.wake[i]
		}
		seen++
		if p.closing.Load() {
			return
		}
		p.job.work(p.workers[i])
		if p.job.busy.Add(-1) == 0 && p.waiting.CompareAndSwap(true, false) {
			p.finished <- struct{}{}
		}
	}
}

// Size is the number of goroutines.
func (p *Pool) Size() int { return len(p.workers) }

// start begins a round and wakes whoever sleeps.
func (p *Pool) start() {
	p.round.Add(1)
	for i := range p.asleep {
		if p.asleep[i].CompareAndSwap(true, false) {
			p.wake[i] <- struct{}{}
		}
	}
}

// Close ends the goroutines and waits for them.
func (p *Pool) Close() {
	p.closing.Store(true)
	p.start()
	p.gone.Wait()
}

// Run does tasks 0 to n-1 and returns when none is running any more. After a panic in a task, or when ctx ends, tasks
// not yet begun are left out and the cause is returned. Only one run may go on at a time.
func (p *Pool) Run(ctx context.Context, n int, do func(w *Worker, task int)) error {
	j := &p.job
	j.ctx, j.tasks, j.do, j.failed = ctx, int64(n), do, nil
	j.next.Store(0)
	if n > 1 && len(p.workers) > 1 {
		j.busy.Store(int64(len(p.workers) - 1))
		p.start()
	}
	j.work(p.workers[0])
	p.await()
	j.ctx, j.do = nil, nil
	if j.failed != nil {
		return j.failed
	}
	return ctx.Err()
}

// await returns when every worker is through with the run.
func (p *Pool) await() {
	for look := 0; p.job.busy.Load() > 0; look++ {
		if look < patience {
			if look%64 == 63 {
				runtime.Gosched()
			}
			continue
		}
		// A worker that was the last one of an earlier run may signal late: hence the loop.
		p.waiting.Store(true)
		if p.job.busy.Load() == 0 && p.waiting.CompareAndSwap(true, false) {
			return
		}
		<-p.finished
	}
}

// work takes tasks until there are none. A panic ends the job, not the program. Memory faults are made panics, too:
// weights are mapped files, and one that somebody cuts short faults on access.
func (j *job) work(w *Worker) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			j.mu.Lock()
			defer j.mu.Unlock()
			if j.failed == nil {
				j.failed = &PanicError{cause: cause, stack: debug.Stack()}
			}
			j.next.Store(j.tasks)
		}
	}()
	for j.ctx.Err() == nil {
		task := j.next.Add(1) - 1
		if task >= j.tasks {
			return
		}
		j.do(w, int(task))
	}
}

// PanicError is a panic that happened in a task, or an access to memory that is no longer there.
type PanicError struct {
	cause any
	stack []byte // where; for tests and debuggers, the message is one line
}

// Error is one line.
func (e *PanicError) Error() string { return fmt.Sprintf("engine panicked: %v", e.cause) }

// Fault tells that memory was not there, as behind the end of a mapped file that somebody has cut short.
func (e *PanicError) Fault() bool { return memfault.Is(e.cause) }
