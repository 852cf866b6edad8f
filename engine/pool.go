package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// pool runs numbered tasks on a fixed set of goroutines, which wait between runs. Which worker takes which task is
// left to chance; tasks write to places of their own, so it cannot show.
type pool struct {
	workers []*worker
	jobs    []chan *job // one per goroutine; the caller of run is worker 0 and has none
	gone    sync.WaitGroup
}

// worker is the scratch memory of one goroutine; buffers grow to the largest size asked for and stay.
type worker struct {
	panel        []float32
	gate, up     []float32
	scores, sums []float32
	mixed        []float32
}

// floats returns n elements of a scratch buffer, undefined in content.
func floats(buffer *[]float32, n int) []float32 {
	if cap(*buffer) < n {
		*buffer = make([]float32, n)
	}
	return (*buffer)[:n]
}

type job struct {
	ctx   context.Context
	tasks int64
	next  atomic.Int64
	do    func(w *worker, task int)
	done  sync.WaitGroup

	mu     sync.Mutex
	failed error // the first panic
}

func newPool(threads int) *pool {
	p := &pool{workers: make([]*worker, threads)}
	for i := range p.workers {
		p.workers[i] = &worker{}
		if i == 0 {
			continue
		}
		jobs := make(chan *job, 1)
		p.jobs = append(p.jobs, jobs)
		p.gone.Go(func() {
			for j := range jobs {
				j.work(p.workers[i])
				j.done.Done()
			}
		})
	}
	return p
}

// close ends the goroutines and waits for them.
func (p *pool) close() {
	for _, jobs := range p.jobs {
		close(jobs)
	}
	p.gone.Wait()
}

// run does tasks 0 to n-1 and returns when none is running any more. After a panic in a task, or when ctx ends, tasks
// not yet begun are left out and the cause is returned. Only one run may go on at a time.
func (p *pool) run(ctx context.Context, n int, do func(w *worker, task int)) error {
	j := &job{ctx: ctx, tasks: int64(n), do: do}
	helpers := p.jobs[:max(0, min(len(p.jobs), n-1))]
	j.done.Add(len(helpers))
	for _, jobs := range helpers {
		jobs <- j
	}
	j.work(p.workers[0])
	j.done.Wait()
	if j.failed != nil {
		return j.failed
	}
	return ctx.Err()
}

// work takes tasks until there are none. A panic ends the job, not the program. Memory faults are made panics, too:
// weights are mapped files, and one that somebody cuts short faults on access.
func (j *job) work(w *worker) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			j.mu.Lock()
			defer j.mu.Unlock()
			if j.failed == nil {
				j.failed = &panicError{cause: cause, stack: debug.Stack()}
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

// panicError is a panic that happened in a task.
type panicError struct {
	cause any
	stack []byte // where; for tests and debuggers, the message is one line
}

func (e *panicError) Error() string { return fmt.Sprintf("engine panicked: %v", e.cause) }
