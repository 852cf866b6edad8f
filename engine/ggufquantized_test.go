package engine_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestQuantisedGGUFLogLikelihoods: one model in every type of llama.cpp, log-probabilities within 1e-5 a token of those in
// float64 of the same dequantised values.
func TestQuantisedGGUFLogLikelihoods(t *testing.T) {
	type record struct {
		File         string
		ID           int
		Context      []int32   `json:"context_ids"`
		Continuation []int32   `json:"continuation_ids"`
		Tokens       []float64 `json:"token_logprobs"`
	}
	dir := shared.Path(t, "goldens/gguf")
	files := make(map[string][]record)
	for _, line := range shared.Lines(t, "goldens/gguf/loglikelihood.jsonl") {
		var r record
		require.NoError(t, json.Unmarshal(line, &r))
		if _, err := os.Stat(filepath.Join(dir, r.File)); err == nil {
			files[r.File] = append(files[r.File], r)
		}
	}
	require.NotEmpty(t, files)
	for name, records := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := load(t, filepath.Join(dir, name), engine.Options{Threads: 1})
			quantisation, _, _ := strings.Cut(strings.TrimSuffix(name, ".gguf"), "-")
			require.Equal(t, strings.ToLower(quantisation), m.Config().StoredDType)
			if quantisation != "Q8_0" {
				require.Zero(t, m.PackedBytes(), "weights of a few bits stay as they are stored")
			}
			var seqs []engine.Sequence
			for _, r := range records {
				seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(r.Context, r.Continuation), From: len(r.Context)})
			}
			worst := 0.0
			for i, got := range score(t, m, seqs) {
				for j, p := range got.LogProbs {
					worst = max(worst, math.Abs(p-records[i].Tokens[j]))
				}
			}
			require.LessOrEqual(t, worst, 1e-5)
			t.Logf("%d sequences, worst %.2g", len(seqs), worst)
		})
	}
}
