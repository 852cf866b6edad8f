package engine_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// goldenModels are the models whose answers were computed in float64 by an independent program.
func goldenModels() []string {
	return []string{"mha-bf16", "gqa-f16-tied", "llama3rope-f32-sharded"}
}

func load(t testing.TB, dir string, opts engine.Options) *engine.Model {
	t.Helper()
	m, err := engine.Load(dir, opts)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// score collects the answers for sequences that must all succeed.
func score(t testing.TB, m *engine.Model, seqs []engine.Sequence) []engine.Scored {
	t.Helper()
	out, calls := make([]engine.Scored, len(seqs)), make([]int, len(seqs))
	require.NoError(t, m.Score(context.Background(), seqs, func(i int, s engine.Scored, err error) error {
		out[i] = s
		calls[i]++
		return err
	}))
	for i := range seqs {
		require.Equal(t, 1, calls[i], "done is called once for sequence %d", i)
	}
	return out
}

// generate collects the answers for prompts that must all succeed.
func generate(t testing.TB, m *engine.Model, prompts []engine.Prompt) []engine.Generated {
	t.Helper()
	out, calls := make([]engine.Generated, len(prompts)), make([]int, len(prompts))
	require.NoError(t, m.Generate(context.Background(), prompts, func(i int, g engine.Generated, err error) error {
		out[i] = g
		calls[i]++
		return err
	}))
	for i := range prompts {
		require.Equal(t, 1, calls[i], "done is called once for prompt %d", i)
	}
	return out
}

func TestGoldenLogLikelihoods(t *testing.T) {
	for _, name := range goldenModels() {
		t.Run(name, func(t *testing.T) {
			m := load(t, shared.Path(t, "goldens/engine/"+name), engine.Options{})
			type record struct {
				ID           int       `json:"id"`
				Context      []int32   `json:"context_ids"`
				Continuation []int32   `json:"continuation_ids"`
				LogProb      float64   `json:"logprob"`
				Greedy       bool      `json:"is_greedy"`
				Tokens       []float64 `json:"token_logprobs"`
			}
			var records []record
			var seqs []engine.Sequence
			for _, line := range shorttest.EveryNth(shared.Lines(t, "goldens/engine/"+name+"/loglikelihood.jsonl"), 12) {
				var r record
				require.NoError(t, json.Unmarshal(line, &r))
				records = append(records, r)
				seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(r.Context, r.Continuation), From: len(r.Context)})
			}
			require.NotEmpty(t, records)
			worst, worstSum, tokens := 0.0, 0.0, 0
			for i, got := range score(t, m, seqs) {
				r := records[i]
				require.Len(t, got.LogProbs, len(r.Tokens))
				sum, greedy := 0.0, true
				for j, p := range got.LogProbs {
					worst = max(worst, math.Abs(p-r.Tokens[j]))
					require.InDelta(t, r.Tokens[j], p, 1e-4, "record %d token %d", r.ID, j)
					sum += p
					greedy = greedy && got.Greedy[j]
					tokens++
				}
				worstSum = max(worstSum, math.Abs(sum-r.LogProb))
				assert.InDelta(t, r.LogProb, sum, 1e-3, "record %d", r.ID)
				assert.Equal(t, r.Greedy, greedy, "record %d", r.ID)
			}
			t.Logf("%d sequences, %d tokens: largest error %.2g per token, %.2g per sequence", len(seqs), tokens, worst, worstSum)
		})
	}
}

func TestGoldenGreedy(t *testing.T) {
	for _, name := range goldenModels() {
		t.Run(name, func(t *testing.T) {
			m := load(t, shared.Path(t, "goldens/engine/"+name), engine.Options{})
			type record struct {
				ID        int       `json:"id"`
				Context   []int32   `json:"context_ids"`
				MaxTokens int       `json:"max_new_tokens"`
				Output    []int32   `json:"output_ids"`
				Margins   []float64 `json:"margins"`
			}
			var records []record
			var prompts []engine.Prompt
			for _, line := range shorttest.EveryNth(shared.Lines(t, "goldens/engine/"+name+"/greedy.jsonl"), 6) {
				var r record
				require.NoError(t, json.Unmarshal(line, &r))
				records = append(records, r)
				prompts = append(prompts, engine.Prompt{Tokens: r.Context, MaxTokens: r.MaxTokens})
			}
			require.NotEmpty(t, records)
			compared := 0
			for i, got := range generate(t, m, prompts) {
				r := records[i]
				for j, want := range r.Output {
					if r.Margins[j] <= 1e-3 {
						break // a tie as far as float32 goes: what follows is another story
					}
					require.Less(t, j, len(got.Tokens), "record %d", r.ID)
					require.Equal(t, want, got.Tokens[j], "record %d token %d", r.ID, j)
					compared++
				}
			}
			t.Logf("%d prompts, %d tokens equal", len(prompts), compared)
		})
	}
}

func TestStories260K(t *testing.T) {
	m := load(t, shared.Path(t, "models/stories260k"), engine.Options{})
	var golden struct {
		Logits   []float64 `json:"logits_after_bos_first16"`
		IDs      []int32   `json:"expected_greedy_ids"`
		LogProbs []float64 `json:"expected_greedy_logprobs"`
		Cases    []struct {
			Context      []int32   `json:"context_ids_with_bos"`
			Continuation []int32   `json:"continuation_ids"`
			LogProbs     []float64 `json:"token_logprobs"`
			Sum          float64   `json:"sum_logprob"`
			Greedy       bool      `json:"is_greedy"`
		} `json:"loglikelihood_cases"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "models/stories260k/golden.json"), &golden))
	require.Len(t, golden.IDs, 200)
	assert.Equal(t, []int32{1}, m.Config().BOS)
	assert.Equal(t, []int32{2}, m.Config().EOS)
	assert.EqualValues(t, 260032, m.Parameters())

	var first []float32
	got := generate(t, m, []engine.Prompt{
		{Tokens: []int32{1}, MaxTokens: 200},
		{Tokens: []int32{1}, MaxTokens: 1, Pick: func(_ int, logits []float32) int32 {
			first = slices.Clone(logits)
			return 0
		}},
	})
	assert.Equal(t, golden.IDs, got[0].Tokens)
	for i, want := range golden.Logits {
		assert.InDelta(t, want, first[i], 1e-4)
	}

	// The same tokens scored, and the file's other cases.
	seqs := []engine.Sequence{{Tokens: append([]int32{1}, golden.IDs...), From: 1}}
	for _, c := range golden.Cases {
		seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(c.Context, c.Continuation), From: len(c.Context)})
	}
	scored := score(t, m, seqs)
	worst := 0.0
	for i, want := range golden.LogProbs {
		worst = max(worst, math.Abs(want-scored[0].LogProbs[i]))
		assert.True(t, scored[0].Greedy[i], i)
	}
	require.Len(t, scored[0].LogProbs, len(golden.LogProbs))
	for i, c := range golden.Cases {
		sum := 0.0
		for j, p := range scored[i+1].LogProbs {
			sum += p
			worst = max(worst, math.Abs(c.LogProbs[j]-p))
		}
		assert.InDelta(t, c.Sum, sum, 1e-3)
		assert.Equal(t, c.Greedy, !slices.Contains(scored[i+1].Greedy, false))
	}
	assert.Less(t, worst, 1e-4)
	t.Logf("largest error %.2g", worst)
}
