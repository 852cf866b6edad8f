package engine_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

type answers struct {
	generated []engine.Generated
	scored    []engine.Scored
	failed    []error // of prompts, then of sequences
}

func answer(t *testing.T, m *engine.Model, prompts []engine.Prompt, seqs []engine.Sequence) answers {
	t.Helper()
	a := answers{make([]engine.Generated, len(prompts)), make([]engine.Scored, len(seqs)), make([]error, len(prompts)+len(seqs))}
	calls := make([]int, len(a.failed))
	require.NoError(t, m.Answer(t.Context(), prompts, seqs, func(i int, g engine.Generated, err error) error {
		a.generated[i], a.failed[i] = g, err
		calls[i]++
		return nil
	}, func(i int, s engine.Scored, err error) error {
		a.scored[i], a.failed[len(prompts)+i] = s, err
		calls[len(prompts)+i]++
		return nil
	}))
	for i, n := range calls {
		require.Equal(t, 1, n, "item %d", i)
	}
	return a
}

// separately asks for the same in two calls.
func separately(t *testing.T, m *engine.Model, prompts []engine.Prompt, seqs []engine.Sequence) answers {
	t.Helper()
	g, s := answer(t, m, prompts, nil), answer(t, m, nil, seqs)
	return answers{g.generated, s.scored, append(g.failed, s.failed...)}
}

// mixed returns prompts and sequences of all sorts of relations: continuations of prompts, of their beginnings, equal ones
// and strangers.
func mixed(vocab, n int, rng *rand.Rand) (prompts []engine.Prompt, seqs []engine.Sequence) {
	for i, s := range related(vocab, n) {
		if i%2 == 0 {
			prompts = append(prompts, engine.Prompt{Tokens: s, MaxTokens: rng.IntN(9)})
		}
		for range rng.IntN(4) {
			tokens := slices.Clone(s)
			for range rng.IntN(12) {
				tokens = append(tokens, int32(rng.IntN(vocab)))
			}
			if len(tokens) > 1 {
				seqs = append(seqs, engine.Sequence{Tokens: tokens, From: max(1, min(len(tokens)-1, len(s)-rng.IntN(3)))})
			}
		}
	}
	return prompts, seqs
}

func TestAnswerIsGenerateAndScore(t *testing.T) { // G1
	for name, shape := range shapes() {
		t.Run(name, func(t *testing.T) {
			dir := model(t, shape, 7)
			rng := rand.New(rand.NewPCG(41, 42))
			prompts, seqs := mixed(shape.Vocab, shorttest.Few(16, 8), rng)
			prompts = append(prompts, engine.Prompt{}, engine.Prompt{Tokens: []int32{1, int32(shape.Vocab)}, MaxTokens: 2})
			seqs = append(seqs, engine.Sequence{Tokens: []int32{1}, From: 1}, engine.Sequence{Tokens: []int32{1, -5}, From: 1})
			want := separately(t, load(t, dir, engine.Options{NoPrefixReuse: true, Threads: 1}), prompts, seqs)
			for _, opts := range variants() {
				require.Equal(t, want, answer(t, load(t, dir, opts), prompts, seqs), "%+v", opts)
			}
			for _, dtype := range []engine.DType{engine.BF16, engine.Q8} {
				m := load(t, dir, engine.Options{DType: dtype, MaxBatchTokens: 50})
				require.Equal(t, separately(t, m, prompts, seqs), answer(t, m, prompts, seqs), dtype)
			}
		})
	}
}

func TestAnswerWithinMemory(t *testing.T) {
	dir := model(t, enginetest.Tiny(), 7)
	prompts, seqs := mixed(97, 30, rand.New(rand.NewPCG(43, 44)))
	open := func(limit int64) (*engine.Model, error) {
		return engine.Load(dir, engine.Options{MaxBatchTokens: 32, Threads: 1, MemoryLimit: limit})
	}
	smallest := int64(64 << 10)
	for ; ; smallest += 4 << 10 {
		if m, err := open(smallest); err == nil {
			require.NoError(t, m.Close())
			break
		}
	}
	failed := 0
	for limit := smallest; limit < smallest+200<<10; limit += int64(shorttest.Few(20, 60)) << 10 {
		m, err := open(limit)
		require.NoError(t, err)
		want := separately(t, m, prompts, seqs)
		require.Equal(t, want, answer(t, m, prompts, seqs), limit)
		require.NoError(t, m.Close())
		for _, err := range want.failed {
			if err != nil {
				failed++
			}
		}
	}
	assert.Positive(t, failed, "some limits are too small for some")
}

func TestAnswerFailsAlone(t *testing.T) { // A9
	shape := enginetest.Tiny()
	shape.DType = "F32"
	dir := model(t, shape, 5)
	prompts := []engine.Prompt{{Tokens: []int32{1, 2, 3, 4}, MaxTokens: 5}}
	seqs := []engine.Sequence{{Tokens: []int32{1, 2, 3, 4, 96, 7}, From: 4}, {Tokens: []int32{1, 2, 3, 4, 5, 7}, From: 4}}
	want := answer(t, load(t, model(t, shape, 5), engine.Options{}), prompts, seqs[1:])
	poison(t, dir, 96, float32(math.NaN()))
	got := answer(t, load(t, dir, engine.Options{}), prompts, seqs)
	require.ErrorIs(t, got.failed[1], engine.ErrNotFinite)
	require.ErrorContains(t, got.failed[1], "before token 5")
	require.Equal(t, want.scored[0], got.scored[1])
	require.Equal(t, want.generated, got.generated)
}
