package schedule

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// TestContextsAreComputedOnce counts the tokens that go through the network when every context is both continued and scored:
// no more than for continuing them, but for the scored tokens and two before them.
func TestContextsAreComputedOnce(t *testing.T) {
	const documents, header, context, generated, scored, vocab = 9, 40, 20, 5, 3, 97
	s := scheduler(t, vocab, kernel.Available()[0], kernel.ModeF32, 1)
	var items []item
	for d := range documents {
		text := append(tokens(header, 1, vocab), tokens(context, 10+d, vocab)...)
		items = append(items, item{generating: &Generating{Index: d, Prompt: Prompt{Tokens: text, MaxTokens: generated, IgnoreEOS: true}}})
		items = append(items, item{scoring: NewScoring(d, d, slices.Concat(text, tokens(scored, 50, vocab)), len(text))})
	}
	answered := 0
	w := s.newWalk(items, true, Done{
		Generated: func(_ *Generating, err error) error { answered++; return err },
		Scored:    func(_ *Scoring, err error) error { answered++; return err },
	})
	computed := 0
	for !w.through() {
		require.NoError(t, w.fill(t.Context()))
		require.NoError(t, w.compute(t.Context()))
		computed += w.batch.Len()
		require.NoError(t, w.deliver())
	}
	// Of the context, all but two tokens are kept in common: the last is the first to be continued, and pairs stay together.
	assert.Equal(t, header+documents*(context-2)+documents*(generated+1+scored+1), computed)
	assert.Equal(t, 2*documents, answered)
	assert.Zero(t, w.used, "everything is given back")
}

// TestMemoryIsKeptWithin walks sequences and prompts of all sorts through little memory: kept pages stay within it, every item
// is answered once, and all memory is given back.
func TestMemoryIsKeptWithin(t *testing.T) {
	const vocab = 97
	s := scheduler(t, vocab, kernel.Available()[0], kernel.ModeF32, 1)
	rng := rand.New(rand.NewPCG(31, 32))
	for range runs(60) {
		s.batchMax, s.cacheLimit = 1+rng.IntN(60), s.full.Bytes(40+rng.IntN(300))
		var texts [][]int32
		for range 1 + rng.IntN(25) {
			var text []int32
			if len(texts) > 0 && rng.IntN(4) > 0 {
				from := texts[rng.IntN(len(texts))]
				text = slices.Clone(from[:rng.IntN(len(from)+1)])
			}
			for range 1 + rng.IntN(25) {
				text = append(text, int32(rng.IntN(3)))
			}
			texts = append(texts, text)
		}
		var generating []*Generating
		var scoring []*Scoring
		for i, text := range texts {
			g := &Generating{Index: i, Prompt: Prompt{Tokens: text, MaxTokens: 1 + rng.IntN(9), IgnoreEOS: true}}
			if rng.IntN(2) == 0 && s.full.Bytes(g.Shared())+s.full.Bytes(g.Own()) <= s.cacheLimit {
				generating = append(generating, g)
			} else if len(text) > 1 && (len(text)-1 <= s.batchMax || s.full.Bytes(len(text)-1) <= s.cacheLimit) {
				scoring = append(scoring, NewScoring(i, i, text, 1+rng.IntN(len(text)-1)))
			}
		}
		answers := map[int]int{}
		for _, share := range []bool{true, false} {
			var items []item
			for _, g := range generating {
				items = append(items, item{generating: &Generating{Index: g.Index, Prompt: g.Prompt}})
			}
			for _, x := range scoring {
				items = append(items, item{scoring: x})
			}
			shared, alone := []item(nil), items
			if share {
				shared, alone = s.divide(items)
			}
			for i, some := range [][]item{alone, shared} {
				w := s.newWalk(some, i == 1, Done{
					Generated: func(g *Generating, err error) error { answers[g.Index]++; return err },
					Scored:    func(x *Scoring, err error) error { answers[x.Index]++; return err },
				})
				for !w.through() {
					require.NoError(t, w.fill(t.Context()))
					require.LessOrEqual(t, w.used, s.cacheLimit)
					require.LessOrEqual(t, w.batch.Len(), s.batchMax)
					require.NoError(t, w.compute(t.Context()))
					require.NoError(t, w.deliver())
				}
				require.Zero(t, w.used, "everything is given back")
			}
		}
		require.Len(t, answers, len(generating)+len(scoring))
		for _, n := range answers {
			require.Equal(t, 2, n)
		}
	}
}

func TestExplain(t *testing.T) {
	s := scheduler(t, 97, kernel.Available()[0], kernel.ModeF32, 1)
	w := s.newWalk([]item{{scoring: NewScoring(0, 4, tokens(9, 1, 97), 1)}, {scoring: NewScoring(1, 5, tokens(9, 1, 97), 1)}}, true, Done{})
	require.NoError(t, w.fill(t.Context()))
	other := errors.New("other")
	assert.Equal(t, other, w.explain(other))
	var items *ItemsError
	require.ErrorAs(t, w.explain(&graph.PanicError{}), &items)
	assert.Equal(t, []int{4, 5}, items.Items)
	items = &ItemsError{Items: []int{0, 1, 2, 3, 4, 5, 6, 7}, Err: other}
	assert.EqualError(t, items, "items 0, 1, 2, 3, 4, 5, 6, 7: other")
	items.Items = append(items.Items, 8)
	assert.EqualError(t, items, "items 0, 1, 2, 3, 4, 5, 6, 7, 1 more: other")
}
