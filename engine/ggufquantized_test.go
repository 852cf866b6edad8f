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
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
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
			require.LessOrEqual(t, m.PackedBytes(), m.WeightBytes()*5/4, "weights of a few bits stay as small as they are stored, but for whole strips")
			var seqs []engine.Sequence
			records := shorttest.EveryNth(records, 8)
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

// TestEightBitsOfFewer: with --dtype q8, weights of fewer bits are packed in eight where there is memory for it, so that
// products need not quantise them anew, and in no more than their own where there is not. Answers are the same.
func TestEightBitsOfFewer(t *testing.T) {
	path := filepath.Join(shared.Path(t, "goldens/gguf"), "Q4_K_S-pure.gguf")
	options := engine.Options{DType: engine.Q8, Threads: 1, MaxBatchTokens: 64}
	ample := load(t, path, options)
	require.Greater(t, ample.PackedBytes(), ample.WeightBytes()*5/4)
	seqs := []engine.Sequence{{Tokens: []int32{1, 5, 9, 30, 77, 102, 4, 250}, From: 1}, {Tokens: []int32{1, 8}, From: 1}}
	want := score(t, ample, seqs)
	scarce := 0
	for options.MemoryLimit = ample.PackedBytes(); ; options.MemoryLimit += ample.PackedBytes() / 8 {
		m, err := engine.Load(path, options)
		if err != nil {
			continue // not even a batch fits
		}
		packed, streams := m.PackedBytes(), m.StreamedBytes() > 0
		require.Equal(t, want, score(t, m, seqs))
		require.NoError(t, m.Close())
		if packed == ample.PackedBytes() {
			break
		}
		if !streams {
			scarce++
			require.LessOrEqual(t, packed, ample.WeightBytes()*5/4)
		}
	}
	require.Positive(t, scarce, "there are limits with which weights are in memory in no more than their own bits")
}
