package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// partsAhead is how many parts may be under way, from the first with a request that is not answered on: requests are kept until their
// part is answered.
const partsAhead = 4

// part is some requests that came together.
type part struct {
	requests []tasks.Request
	first    int // index of the first among all
	left     int // not answered
}

// asking is one call of DoParts.
type asking struct {
	m       *Model
	next    func() ([]tasks.Request, error)
	done    func(i int, r tasks.Response) error
	came    int              // requests, so far
	ended   bool             // there are no more
	parts   []*part          // in order, the first is not answered wholly
	waiting []group          // not published yet
	pending map[string]group // published, by the batch's id
}

// Do has workers answer the requests.
func (m *Model) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	return m.DoParts(ctx, eval.Once(requests), done)
}

// DoParts has workers answer requests that come in parts. The next one is taken while those before are being answered, as soon as
// the broker may have more.
func (m *Model) DoParts(ctx context.Context, next func() ([]tasks.Request, error), done func(i int, r tasks.Response) error) error {
	a := &asking{m: m, next: next, done: done, pending: map[string]group{}}
	if err := a.more(); err != nil || len(a.waiting) == 0 {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	answers, lost, received := make(chan answer), make(chan error, 1), make(chan struct{})
	go func() { defer close(received); lost <- m.receive(ctx, answers) }()
	defer func() { cancel(); <-received }() // the next call goes on where this one was
	told := time.NewTicker(a.m.options.Tell)
	defer told.Stop()
	before := m.counts()
	for {
		if err := a.publish(ctx); err != nil {
			return err
		}
		if len(a.waiting)+len(a.pending) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-lost:
			return err
		case <-told.C:
			now := m.counts()
			m.options.Say("%s", rates(before, now, m.options.Tell))
			before = now
		case got := <-answers:
			if err := a.take(got); err != nil {
				return err
			}
		}
	}
}

// more takes parts for as long as all that came is published and the broker may have more.
func (a *asking) more() error {
	for !a.ended && len(a.waiting) == 0 && len(a.pending) < a.m.options.Outstanding && len(a.parts) < partsAhead {
		requests, err := a.next()
		if err != nil {
			return err
		}
		if len(requests) == 0 {
			a.ended = true
			return nil
		}
		p := &part{requests, a.came, len(requests)}
		list, bad, err := groups(requests, batchRequests)
		if err != nil {
			return &eval.RequestError{Index: p.first + bad, Err: err}
		}
		for i := range list {
			list[i].of = p
		}
		a.came += len(requests)
		a.parts, a.waiting = append(a.parts, p), list
	}
	return nil
}

// publish hands out what waits, as far as so much may be under way.
func (a *asking) publish(ctx context.Context) error {
	for {
		if err := a.more(); err != nil {
			return err
		}
		if len(a.waiting) == 0 || len(a.pending) >= a.m.options.Outstanding {
			return nil
		}
		g := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.m.batches++
		id := fmt.Sprintf("%s-%d", a.m.name, a.m.batches)
		a.pending[id] = g
		if err := a.m.broker.publish(ctx, workSubject+kindOf(a.m.Identity())+"."+a.m.name, id, g.batch(id, a.m.name, g.of.requests)); err != nil {
			return err
		}
	}
}

// take passes an answer on, once: what is not awaited any more came twice.
func (a *asking) take(got answer) error {
	g, awaited := a.pending[got.ID]
	if !awaited {
		return nil
	}
	delete(a.pending, got.ID)
	blamed := func(k int, format string, args ...any) error {
		return &eval.RequestError{Index: g.of.first + g.requests[k], Err: fmt.Errorf(format, args...)}
	}
	switch {
	case got.Deadly > 0 && len(g.requests) > 1:
		a.m.options.Say("%d workers died of a batch of %d requests, which are tried one by one", got.Deadly, len(g.requests))
		for _, i := range g.requests {
			a.waiting = append(a.waiting, group{g.of.requests[i].Prompt, []int{i}, g.of})
		}
		return nil
	case got.Deadly > 0:
		return blamed(0, "%d workers died of it", got.Deadly)
	case got.Failed != "":
		if got.Index < 0 || got.Index >= len(g.requests) {
			return fmt.Errorf("worker %s: an error about request %d of %d: %s", got.Worker, got.Index, len(g.requests), got.Failed)
		}
		return blamed(got.Index, "worker %s: %s", got.Worker, got.Failed)
	case len(got.Responses) != len(g.requests):
		return blamed(0, "worker %s: %d answers to %d requests", got.Worker, len(got.Responses), len(g.requests))
	}
	a.m.tell(got)
	g.of.left -= len(g.requests)
	for len(a.parts) > 0 && a.parts[0].left == 0 {
		a.parts = a.parts[1:]
	}
	for k, i := range g.requests {
		if err := a.done(g.of.first+i, got.Responses[k].tasks()); err != nil {
			return err
		}
	}
	return nil
}
