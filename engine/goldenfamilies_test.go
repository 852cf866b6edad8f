package engine_test

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// familyGoldens are random models of every family, with answers in float64 from an independent program. A GGUF file beside
// them has the same answers, but where it cannot say what the folder says.
func familyGoldens() map[string]string {
	return shorttest.Fewer(map[string]string{
		"gemma2": "loglikelihood.jsonl", "gemma2-scalar": "", "llama-bias": "", "llama-yarn": "", "mistral-full": "loglikelihood.jsonl",
		"mistral-window": "loglikelihood-gguf.jsonl", "qwen2-tied": "loglikelihood.jsonl", "qwen2-untied": "loglikelihood.jsonl",
		"qwen3-untied": "loglikelihood.jsonl",
	}, "gemma2", "llama-bias", "llama-yarn", "mistral-window", "qwen2-tied", "qwen3-untied")
}

// tokenError is by how much a token's log-probability may be off on average, and worstError the most in float32: as much as
// plain float32 arithmetic is off on these models, 2.5 times that for Gemma 2, whose norms after every part magnify what rounding leaves.
const (
	tokenError = 1e-5
	worstError = 2e-5
)

type goldenSequence struct {
	ID           int       `json:"id"`
	Context      []int32   `json:"context_ids"`
	Continuation []int32   `json:"continuation_ids"`
	LogProb      float64   `json:"logprob"`
	Greedy       bool      `json:"is_greedy"`
	Tokens       []float64 `json:"token_logprobs"`
}

func goldenSequences(t *testing.T, place string) (records []goldenSequence, seqs []engine.Sequence) {
	for _, line := range shorttest.EveryNth(shared.Lines(t, place), 4) {
		var r goldenSequence
		require.NoError(t, json.Unmarshal(line, &r))
		records = append(records, r)
		seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(r.Context, r.Continuation), From: len(r.Context)})
	}
	require.NotEmpty(t, records)
	return records, seqs
}

// TestFamilyGoldens compares log-probabilities with those in float64: of folders and GGUF files, all at once and in chunks,
// and greedy continuations.
func TestFamilyGoldens(t *testing.T) {
	for name, gguf := range familyGoldens() {
		place := "goldens/engine2/" + name
		t.Run(name, func(t *testing.T) {
			dir := shared.Path(t, place)
			for _, batch := range []int{7, 0}[:shorttest.Few(2, 1)] {
				m := load(t, dir, engine.Options{MaxBatchTokens: batch})
				compareGoldens(t, m, place+"/loglikelihood.jsonl")
				compareGreedy(t, m, place+"/greedy.jsonl")
			}
			if gguf != "" {
				m := load(t, filepath.Join(dir, "model.gguf"), engine.Options{})
				compareGoldens(t, m, place+"/"+gguf)
				if gguf == "loglikelihood.jsonl" {
					compareGreedy(t, m, place+"/greedy.jsonl")
				}
			}
		})
	}
}

func compareGoldens(t *testing.T, m *engine.Model, place string) {
	records, seqs := goldenSequences(t, place)
	worst, sum, tokens := 0.0, 0.0, 0
	for i, got := range score(t, m, seqs) {
		r := records[i]
		require.Len(t, got.LogProbs, len(r.Tokens))
		greedy := true
		for j, p := range got.LogProbs {
			worst = max(worst, math.Abs(p-r.Tokens[j]))
			sum, tokens = sum+math.Abs(p-r.Tokens[j]), tokens+1
			greedy = greedy && got.Greedy[j]
		}
		assert.Equal(t, r.Greedy, greedy, "%s record %d", place, r.ID)
	}
	limit := worstError
	if m.Config().LogitCap != 0 {
		limit *= 2.5
	}
	assert.LessOrEqual(t, worst, limit, place)
	assert.LessOrEqual(t, sum/float64(tokens), tokenError, place)
	t.Logf("%s: %d tokens, off by %.2g on average and by %.2g at most", place, tokens, sum/float64(tokens), worst)
}

func compareGreedy(t *testing.T, m *engine.Model, place string) {
	var prompts []engine.Prompt
	var want [][]int32
	for _, line := range shorttest.EveryNth(shared.Lines(t, place), 3) {
		var r struct {
			Context   []int32 `json:"context_ids"`
			MaxTokens int     `json:"max_new_tokens"`
			Output    []int32 `json:"output_ids"`
		}
		require.NoError(t, json.Unmarshal(line, &r))
		prompts = append(prompts, engine.Prompt{Tokens: r.Context, MaxTokens: r.MaxTokens})
		want = append(want, r.Output)
	}
	require.NotEmpty(t, prompts)
	for i, g := range generate(t, m, prompts) {
		assert.Equal(t, want[i], g.Tokens, "%s record %d", place, i)
	}
}

// TestFamilyErrors: how far the lesser arithmetics are from float64, on average. These models magnify rounding two to five times
// as much as those of TestGoldenErrors, in float32 as well. More than this is a mistake.
func TestFamilyErrors(t *testing.T) {
	for name := range familyGoldens() {
		place := "goldens/engine2/" + name
		dir := shared.Path(t, place)
		for d, bound := range map[engine.DType]float64{engine.BF16: 4e-2, engine.Q8: 1.2e-1} {
			if name == "gemma2" || name == "gemma2-scalar" {
				bound *= 2.5
			}
			records, seqs := goldenSequences(t, place+"/loglikelihood.jsonl")
			sum, worst, n, greedy := 0.0, 0.0, 0, 0
			for i, got := range score(t, load(t, dir, engine.Options{DType: d}), seqs) {
				for j, p := range got.LogProbs {
					e := math.Abs(p - records[i].Tokens[j])
					sum, worst, n = sum+e, max(worst, e), n+1
				}
				if records[i].Greedy == !slices.Contains(got.Greedy, false) {
					greedy++
				}
			}
			assert.LessOrEqual(t, sum/float64(n), bound, "%s %s", name, d)
			t.Logf("%s %s: mean %.2g, largest %.2g, %d of %d greedy flags", name, d, sum/float64(n), worst, greedy, len(seqs))
		}
	}
}
