package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// repetitive returns prompts that repeat themselves, as few-shot formats do, some of them random, of all lengths.
func repetitive(r *rand.Rand, n, vocab, longest int) []engine.Prompt {
	prompts := make([]engine.Prompt, n)
	for i := range prompts {
		phrase := make([]int32, 2+r.IntN(6))
		for j := range phrase {
			phrase[j] = int32(r.IntN(vocab))
		}
		p := &prompts[i]
		for length := 1 + r.IntN(longest); len(p.Tokens) < length; {
			if r.IntN(4) == 0 {
				p.Tokens = append(p.Tokens, int32(r.IntN(vocab)))
			} else {
				p.Tokens = append(p.Tokens, phrase[:1+r.IntN(len(phrase))]...)
			}
		}
		p.MaxTokens = 1 + r.IntN(24)
		if r.IntN(3) == 0 {
			last := 1 + r.IntN(20)
			p.Stop = func(generated []int32) bool { return len(generated) == last }
		}
	}
	return prompts
}

// TestGuessesChangeNothing: continuations are the same with and without guessing, alone and many together, for every family
// (windows and pairs of positions included), arithmetic and size of batch; and guesses save passes.
func TestGuessesChangeNothing(t *testing.T) {
	var saved int64 // random models repeat themselves only by chance, so over all of them
	for name, shape := range shorttest.Fewer(families(), "biases", "gemma2") {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 3))
			dir := model(t, shape, 91)
			for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
				plain := load(t, dir, engine.Options{DType: d, Threads: 1, NoDrafts: true})
				config := plain.Config()
				prompts := repetitive(r, 9, config.VocabSize, config.MaxPositions-30)
				want := continued(t, plain, prompts)
				assert.Zero(t, plain.Drafts().Guessed)
				assert.Equal(t, plain.Drafts().Steps, plain.Drafts().Tokens)
				for _, opts := range []engine.Options{{DType: d}, {DType: d, Threads: 1, MaxBatchTokens: 5}} {
					m := load(t, dir, opts)
					require.Equal(t, want, continued(t, m, prompts), "%+v", opts)
					var alone []string
					for _, p := range prompts {
						alone = append(alone, continued(t, m, []engine.Prompt{p})...)
					}
					require.Equal(t, want, alone, "alone, %+v", opts)
					c := m.Drafts()
					assert.Positive(t, c.Guessed)
					assert.Equal(t, c.Tokens, c.Steps+c.Right)
					saved += c.Right
				}
			}
		})
	}
	assert.Positive(t, saved, "no guess was right")
}

// TestAnotherModelsGuessesChangeNothing: nor do those of a smaller model, of the same one, which is always right, or of one with
// more tokens, fewer positions, or room for few keys.
func TestAnotherModelsGuessesChangeNothing(t *testing.T) {
	shape := enginetest.Shape{Hidden: 64, Intermediate: 96, Layers: 3, Heads: 4, KVHeads: 2, Vocab: 300, MaxPositions: 160}
	dir := model(t, shape, 12)
	small := enginetest.Shape{Hidden: 32, Intermediate: 48, Layers: 1, Heads: 2, KVHeads: 1, Vocab: 300, MaxPositions: 160}
	wide, short := small, small
	wide.Vocab, short.MaxPositions = 900, 64
	r := rand.New(rand.NewPCG(5, 1))
	prompts := make([]engine.Prompt, shorttest.Few(7, 4))
	for i := range prompts { // without precedents, so that the other model is asked
		for range 3 + r.IntN(90) {
			prompts[i].Tokens = append(prompts[i].Tokens, int32(r.IntN(300)))
		}
		prompts[i].MaxTokens = 1 + r.IntN(40)
	}
	for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		want := continued(t, load(t, dir, engine.Options{DType: d, NoDrafts: true}), prompts)
		for name, c := range map[string]struct {
			dir  string
			opts engine.Options
		}{
			"the same":    {dir, engine.Options{DType: d}},
			"small":       {model(t, small, 13), engine.Options{DType: engine.F32, MaxBatchTokens: 9}},
			"more tokens": {model(t, wide, 14), engine.Options{}},
			"short":       {model(t, short, 15), engine.Options{}},
			"little room": {model(t, small, 13), engine.Options{MaxBatchTokens: 4, MemoryLimit: 700 << 10}},
		} {
			if testing.Short() && d != engine.F32 && name != "small" {
				continue
			}
			other, err := engine.Load(c.dir, c.opts)
			require.NoError(t, err, name)
			m, err := engine.Load(dir, engine.Options{DType: d, Draft: other})
			require.NoError(t, err)
			for range 2 { // caches of the first time are gone
				require.Equal(t, want, continued(t, m, prompts), name)
				var alone []string
				for _, p := range prompts {
					alone = append(alone, continued(t, m, []engine.Prompt{p})...)
				}
				require.Equal(t, want, alone, name)
			}
			counts := m.Drafts()
			assert.Positive(t, counts.Guessed, name)
			if name == "the same" {
				assert.Greater(t, 10*counts.Right, 8*counts.Guessed, "the same model is wrong only where the text itself was asked first, or a sequence ends")
			}
			require.NoError(t, m.Close())
			assert.ErrorIs(t, other.Close(), engine.ErrClosed)
		}
	}
}

// continued returns what a model makes of prompts.
func continued(t *testing.T, m *engine.Model, prompts []engine.Prompt) []string {
	t.Helper()
	got := make([]string, len(prompts))
	require.NoError(t, m.Generate(t.Context(), prompts, func(i int, g engine.Generated, err error) error {
		got[i] = fmt.Sprint(g.Tokens, g.Finish, err)
		return nil
	}))
	return got
}
