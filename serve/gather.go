package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/guard"
)

// errBusy refuses what would not fit into the queue, errEnding what comes while the server ends.
var (
	errBusy   = errors.New("the queue is full")
	errEnding = errors.New("the server is ending")
)

// job is what one request wants computed.
type job struct {
	ctx     context.Context
	prompts []engine.Prompt
	seqs    []engine.Sequence

	// The answers, complete when done is closed, unless err is set.
	generated []engine.Generated
	scored    []engine.Scored
	err       error
	done      chan struct{}

	left    int
	retried bool
}

func (j *job) size() int { return len(j.prompts) + len(j.seqs) }

// gatherer computes jobs, all that wait at one time together: the engine finds what they share and fills its batches.
type gatherer struct {
	engine Engine
	most   int // items that wait or are computed
	counts *counts

	mutex   sync.Mutex
	waiting []*job
	items   int
	ended   bool
	wake    chan struct{}
	stopped chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
}

func newGatherer(e Engine, most int, c *counts) *gatherer {
	g := &gatherer{engine: e, most: most, counts: c, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	go g.run()
	return g
}

// close ends what is computed and refuses what waits.
func (g *gatherer) close() {
	g.mutex.Lock()
	g.ended = true
	g.mutex.Unlock()
	g.cancel()
	<-g.stopped
}

// compute answers a job's items, or returns an error when it cannot or when the job's context ends.
func (g *gatherer) compute(j *job) error {
	j.generated, j.scored = make([]engine.Generated, len(j.prompts)), make([]engine.Scored, len(j.seqs))
	j.left, j.done = j.size(), make(chan struct{})
	if j.left == 0 {
		return nil
	}
	for i := range j.prompts {
		stop := j.prompts[i].Stop
		j.prompts[i].Stop = func(generated []int32) bool { // who has gone away needs no more tokens
			return j.ctx.Err() != nil || stop != nil && stop(generated)
		}
	}
	if err := g.admit(j); err != nil {
		return err
	}
	select {
	case <-j.done:
		return errors.Join(j.err, j.ctx.Err())
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

func (g *gatherer) admit(j *job) error {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	switch {
	case g.ended:
		return errEnding
	case j.size() > g.most:
		return &problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("%d prompts in one request, at most %d are taken", j.size(), g.most)}
	case g.items+j.size() > g.most:
		return errBusy
	}
	g.items += j.size()
	g.waiting = append(g.waiting, j)
	g.counts.waiting.Store(int64(g.items))
	g.signal()
	return nil
}

func (g *gatherer) signal() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// run computes round after round.
func (g *gatherer) run() {
	defer close(g.stopped)
	for {
		select {
		case <-g.ctx.Done():
			for _, j := range g.take() {
				g.finish(j, errEnding)
			}
			return
		case <-g.wake:
		}
		if jobs := g.take(); len(jobs) > 0 {
			g.round(jobs)
		}
	}
}

// take returns what waits, without those whose clients have gone.
func (g *gatherer) take() (jobs []*job) {
	g.mutex.Lock()
	waiting := g.waiting
	g.waiting = nil
	g.mutex.Unlock()
	for _, j := range waiting {
		if err := j.ctx.Err(); err != nil {
			g.finish(j, err)
			continue
		}
		jobs = append(jobs, j)
	}
	return jobs
}

func (g *gatherer) finish(j *job, err error) {
	g.mutex.Lock()
	g.items -= j.size()
	g.counts.waiting.Store(int64(g.items))
	g.mutex.Unlock()
	j.err = err
	close(j.done)
}

// place is an item's place in a round: its job, and its number there.
type place struct {
	job *job
	at  int
}

// round computes some jobs together.
func (g *gatherer) round(jobs []*job) {
	ctx, cancel := whileAnyLives(g.ctx, jobs)
	defer cancel()
	var prompts []engine.Prompt
	var seqs []engine.Sequence
	var ofPrompt, ofSeq []place
	for _, j := range jobs {
		for i, p := range j.prompts {
			prompts, ofPrompt = append(prompts, p), append(ofPrompt, place{j, i})
		}
		for i, s := range j.seqs {
			seqs, ofSeq = append(seqs, s), append(ofSeq, place{j, i})
		}
		j.left = j.size()
	}
	g.counts.rounds.Add(1)
	g.counts.items.Add(int64(len(prompts) + len(seqs)))
	settle := func(p place, err error) {
		j := p.job
		if j.left == 0 {
			return // it has failed already
		}
		if j.left--; err != nil {
			j.left = 0
		}
		if j.left == 0 {
			g.finish(j, err)
		}
	}
	err := guard.Call(func() error {
		return g.engine.Answer(ctx, prompts, seqs, func(i int, out engine.Generated, err error) error {
			ofPrompt[i].job.generated[ofPrompt[i].at] = out
			settle(ofPrompt[i], err)
			return nil
		}, func(i int, out engine.Scored, err error) error {
			ofSeq[i].job.scored[ofSeq[i].at] = out
			settle(ofSeq[i], err)
			return nil
		})
	})
	if err != nil {
		g.blame(jobs, append(ofPrompt, ofSeq...), err)
	}
}

// blame ends the jobs of a round that broke. Those that the engine does not name are computed once more, each by itself.
func (g *gatherer) blame(jobs []*job, places []place, err error) {
	var named *engine.ItemsError
	guilty := func(*job) bool { return true }
	if errors.As(err, &named) {
		guilty = func(j *job) bool {
			return slices.ContainsFunc(named.Items, func(i int) bool { return i < len(places) && places[i].job == j })
		}
	}
	var again []*job
	for _, j := range jobs {
		switch {
		case j.left == 0:
		case j.retried || guilty(j):
			g.finish(j, err)
		default:
			j.retried = true
			again = append(again, j)
		}
	}
	for _, j := range again {
		g.round([]*job{j})
	}
}

// whileAnyLives is a context that ends when all jobs' contexts have.
func whileAnyLives(parent context.Context, jobs []*job) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	var living atomic.Int64
	living.Store(int64(len(jobs)))
	stops := make([]func() bool, len(jobs))
	for i, j := range jobs {
		stops[i] = context.AfterFunc(j.ctx, func() {
			if living.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
