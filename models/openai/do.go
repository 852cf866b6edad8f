package openai

import (
	"context"
	"fmt"
	"sync/atomic"

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

// askAll asks all questions, each of one server, and passes the answers on from the calling goroutine.
func (m *Model) askAll(ctx context.Context, list []question) error {
	answers := make(chan func() error)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for _, s := range m.servers {
		for range s.options.Concurrent {
			group.Go(func() error {
				for {
					i := int(next.Add(1)) - 1
					if i >= len(list) {
						return nil
					}
					deliver, err := list[i].ask(ctx, s)
					if err != nil {
						if ctx.Err() != nil {
							return ctx.Err()
						}
						return list[i].fail(fmt.Errorf("%s: %w", s.Root, err))
					}
					select {
					case answers <- deliver:
					case <-ctx.Done():
						return ctx.Err()
					}
				}
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
