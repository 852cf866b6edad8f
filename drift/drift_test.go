package drift

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// The logits that a forced text leaves are those that scoring it has: the log-probabilities agree to the last bits.
func TestProbeLogitsAreTheScores(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	shape := enginetest.Tiny()
	shape.MaxPositions, shape.Vocab = 256, tokenizertest.VocabSize
	require.NoError(t, enginetest.Write(dir, shape, 7))
	m, err := embedded.Open(dir, "made-up", 0, engine.Options{Threads: 2})
	require.NoError(t, err)
	p := Fixed()
	assert.Len(t, p.Passages, 11)
	run, err := Compute(context.Background(), m, p)
	require.NoError(t, err)
	bos, ok := m.Tokenizer().BOS()
	require.True(t, ok)
	var sequences []engine.Sequence
	for _, text := range p.Passages {
		tokens := append([]int32{bos}, m.Tokenizer().Encode(text)...)
		sequences = append(sequences, engine.Sequence{Tokens: tokens[:min(len(tokens), 256)], From: 1})
	}
	scored := make([][]float64, len(sequences))
	require.NoError(t, m.Engine().Score(context.Background(), sequences, func(i int, s engine.Scored, err error) error {
		scored[i] = s.LogProbs
		return err
	}))
	at := 0
	for i, s := range sequences {
		for k, next := range s.Tokens[1:] {
			require.Equal(t, next, run.Head.Tokens[at])
			largest, total := math.Inf(-1), 0.0
			for _, v := range run.row(at) {
				largest = max(largest, float64(v))
			}
			for _, v := range run.row(at) {
				total += math.Exp(float64(v) - largest)
			}
			require.InDelta(t, scored[i][k], float64(run.row(at)[next])-largest-math.Log(total), 1e-9, "passage %d, position %d", i, k)
			at++
		}
	}
	assert.Equal(t, run.Positions(), at)
	require.NoError(t, m.Close())
}
