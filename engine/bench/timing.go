package bench

import (
	"context"
	"slices"
	"time"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// tokens returns n tokens that differ from seed to seed.
func (m measurement) tokens(n, seed int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32((i*7919 + seed*104729 + 17) % m.Config().VocabSize)
	}
	return tokens
}

// pack has all weights packed, and returns what that takes.
func (m measurement) pack(ctx context.Context) (spent, error) {
	begin := now()
	err := m.Measure(ctx, func(n *graph.Network, _ *schedule.Scheduler) error { return n.PackRest(ctx) })
	return now().since(begin), err
}

// timePrefill returns the seconds to score what follows the first from of n tokens, and the next.
func (m measurement) timePrefill(ctx context.Context, n, from int) (seconds float64, err error) {
	begin := time.Now()
	err = m.Score(ctx, []engine.Sequence{{Tokens: m.tokens(n+1, 0), From: from}}, func(_ int, _ engine.Scored, err error) error { return err })
	return time.Since(begin).Seconds(), err
}

// timeScored measures scoring, prefill and layers in turns.
func (m measurement) timeScored(ctx context.Context, n int) (ScoredReport, error) {
	var prefills, layers []float64
	seconds, err := median(m.opt.Repeats, func() (float64, error) {
		prefill, err := m.timePrefill(ctx, n, n)
		if err != nil {
			return 0, err
		}
		all, err := m.timeLayers(ctx, n)
		if err != nil {
			return 0, err
		}
		prefills, layers = append(prefills, prefill), append(layers, all)
		return m.timePrefill(ctx, n, 1)
	})
	if err != nil {
		return ScoredReport{}, err
	}
	return ScoredReport{
		Tokens: n, Seconds: seconds, TokensPerSecond: float64(n) / seconds,
		Cost: seconds/middle(prefills[1:]) - 1, OutputCost: seconds/middle(layers[1:]) - 1,
	}, nil
}

// timeLayers returns the seconds to take n tokens through all layers at every position, as for scoring.
func (m measurement) timeLayers(ctx context.Context, n int) (seconds float64, err error) {
	begin := time.Now()
	err = m.Measure(ctx, func(_ *graph.Network, s *schedule.Scheduler) error {
		return s.Layers(ctx, schedule.NewScoring(0, 0, m.tokens(n+1, 0), 1))
	})
	return time.Since(begin).Seconds(), err
}

// timeDecode returns the seconds of a step, averaged over the steps after the first, which is the prompts'.
func (m measurement) timeDecode(ctx context.Context, n, length int) (seconds float64, err error) {
	_, step, err := m.continued(ctx, continuing{n, benchPrompt, 0, length})
	return step.wall, err
}

// continuing is sequences that are continued together.
type continuing struct {
	sequences int
	prompt    int // tokens of each
	shared    int // tokens that all begin with
	length    int // tokens that each generates
}

// continued returns what reading the prompts takes, and what each step after their first tokens.
func (m measurement) continued(ctx context.Context, c continuing) (read, step spent, err error) {
	var first, last moment
	header, prompts := m.tokens(c.shared, 0), make([]engine.Prompt, c.sequences)
	for i := range prompts {
		prompts[i] = engine.Prompt{Tokens: slices.Concat(header, m.tokens(c.prompt, i)), MaxTokens: c.length, IgnoreEOS: true}
	}
	// Stop is called for every token: the last prompt's calls mark the ends of steps.
	prompts[c.sequences-1].Stop = func(generated []int32) bool {
		if last = now(); len(generated) == 1 {
			first = last
		}
		return false
	}
	begin := now()
	err = m.Generate(ctx, prompts, func(_ int, _ engine.Generated, err error) error { return err })
	read, step = first.since(begin), last.since(first)
	steps := float64(c.length - 1)
	return read, spent{step.wall / steps, step.processor / steps}, err
}

// median runs a measurement once to warm caches and memory, then n times.
func median(n int, measure func() (float64, error)) (float64, error) {
	all := make([]float64, n+1)
	for i := range all {
		var err error
		if all[i], err = measure(); err != nil {
			return 0, err
		}
	}
	return middle(all[1:]), nil
}

// middle returns the median of some numbers, the upper one of two.
func middle(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// prefillFLOPs counts the operations that a prompt of n tokens and one row of logits need: matrices and attention, which
// of the last layer only the row for the logits needs beyond its keys and values.
func (m measurement) prefillFLOPs(n int) float64 {
	c := m.Config()
	hidden, queries, keys := float64(c.HiddenSize), float64(c.Heads*c.HeadDim), float64(c.KVHeads*c.HeadDim)
	stored := 2 * hidden * 2 * keys
	rest := 2 * hidden * (2*queries + 3*float64(c.Intermediate))
	attention := 4 * queries // in scores and in values, for each position that is seen
	tokens := float64(n)
	before := tokens*rest + attention*tokens*(tokens+1)/2
	return float64(c.Layers)*tokens*stored + float64(c.Layers-1)*before + rest + attention*tokens + 2*hidden*float64(c.VocabSize)
}
