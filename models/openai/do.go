package openai

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// scored are a continuation's log-probabilities.
type scored struct {
	logProbs []float64
	greedy   []bool
}

// generated is a continuation.
type generated struct {
	tokens []int32
	finish string
}

// question is one request to a server, and how its answer is passed on. Exactly one of ask's results is set.
type question struct {
	ask  func(ctx context.Context, s *server) (deliver func() error, err error)
	fail func(err error) error
}

// Do answers the requests. The answers come in any order.
func (m *Model) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	plan, err := m.Plan(requests, done)
	if err != nil {
		return err
	}
	if m.cannot != nil && len(plan.Scorings) > 0 {
		return plan.ScoringError(0, m.cannot)
	}
	if err := plan.Settle(); err != nil {
		return err
	}
	return m.askAll(ctx, questions(plan, requests))
}

// questions are a plan's, those that score and those that generate as they come: neighbours share their beginnings.
func questions(plan *wrapper.Plan, requests []tasks.Request) (list []question) {
	for k, p := range plan.Scorings {
		protocol := requests[plan.ScoringUser(k)].Protocol
		list = append(list, question{
			ask: func(ctx context.Context, s *server) (func() error, error) {
				got, err := s.dialect.score(ctx, s, p.Tokens, p.From, protocol)
				if err != nil {
					return nil, err
				}
				return func() error { return plan.Scored(k, got.logProbs, got.greedy) }, nil
			},
			fail: func(err error) error { return plan.ScoringError(k, err) },
		})
	}
	for k, g := range plan.Generations {
		protocol := requests[plan.GenerationUser(k)].Protocol
		list = append(list, question{
			ask: func(ctx context.Context, s *server) (func() error, error) {
				got, err := s.dialect.generate(ctx, s, g, protocol)
				if err != nil {
					return nil, err
				}
				if kept, ended := g.Until(got.tokens); ended {
					got = generated{kept, finishStop}
				}
				return func() error { return plan.Generated(k, got.tokens, got.finish) }, nil
			},
			fail: func(err error) error { return plan.GenerationError(k, err) },
		})
	}
	return list
}

// Why a continuation ended, in the wrapper's words.
const (
	finishEOS    = "eos"
	finishStop   = "stop"
	finishLength = "length"
)

// askAll asks all questions, each of one server, and passes the answers on from the calling goroutine. What a server that died has
// not answered goes to the others.
func (m *Model) askAll(ctx context.Context, list []question) error {
	answers := make(chan func() error)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	q := newQueue(ctx, len(list))
	for _, s := range m.servers {
		for range s.options.Concurrent {
			group.Go(func() error {
				for !s.gone.Load() {
					i, some := q.take()
					if !some {
						return ctx.Err()
					}
					deliver, err := list[i].ask(ctx, s)
					switch {
					case err != nil && ctx.Err() != nil:
						return ctx.Err()
					case err != nil && passing(err) && m.pool.leave(s, err) && q.again(i):
						continue
					case err != nil:
						return list[i].fail(fmt.Errorf("%s: %w", s.Root, err))
					}
					select {
					case answers <- deliver:
						q.done()
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				return nil
			})
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait(); close(answers) }()
	var failed error
	for deliver := range answers {
		if failed != nil {
			continue
		}
		if failed = deliver(); failed != nil {
			cancel()
		}
	}
	if err := <-ended; failed == nil {
		return err
	}
	return failed
}
