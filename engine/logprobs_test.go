package engine_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// TestLogProbsAreThoseOfTheLogits compares what Score says with the logits that Generate shows, over vocabularies of less
// than a block, of whole blocks and of parts, with equal logits in one block and in different ones.
func TestLogProbsAreThoseOfTheLogits(t *testing.T) {
	const block = 256 // logits whose exponentials are summed together
	for _, vocab := range []int{33, block, block + 1, 2*block - 31, 4 * block} {
		for _, dtype := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
			shape := enginetest.Tiny()
			shape.Vocab = vocab
			dir := model(t, shape, int64(vocab))
			repeatRows(t, dir, vocab)
			m, err := engine.Load(dir, engine.Options{Threads: 2, DType: dtype})
			require.NoError(t, err)

			prompt := []int32{1, 5, 3, 9, 2, 30, 7}
			var logits []float32
			require.NoError(t, m.Generate(t.Context(), []engine.Prompt{{Tokens: prompt, MaxTokens: 1, Pick: func(_ int, l []float32) int32 {
				logits = slices.Clone(l)
				return 0
			}}}, func(_ int, _ engine.Generated, err error) error { return err }))
			require.Len(t, logits, vocab)
			best, sum := slices.Index(logits, slices.Max(logits)), 0.0
			for _, l := range logits {
				sum += math.Exp(float64(l))
			}
			ties := 0
			for _, l := range logits {
				if l == logits[best] {
					ties++
				}
			}
			require.Equal(t, ties > 1, vocab > 66, "the largest logit is there again")

			var seqs []engine.Sequence
			for next := range vocab {
				// Only every other one asks for the best, beside others that share its row.
				seqs = append(seqs, engine.Sequence{Tokens: append(slices.Clone(prompt), int32(next)), From: len(prompt), Best: next%2 == 1})
			}
			require.NoError(t, m.Score(t.Context(), seqs, func(i int, s engine.Scored, err error) error {
				assert.InDelta(t, float64(logits[i])-math.Log(sum), s.LogProbs[0], 1e-12)
				assert.Equal(t, i == best, s.Greedy[0], "token %d of %d", i, vocab)
				if i%2 == 0 {
					assert.Nil(t, s.Best)
				} else if assert.Len(t, s.Best, 1) {
					assert.Equal(t, int32(best), s.Best[0].Token)
					assert.InDelta(t, float64(logits[best])-math.Log(sum), s.Best[0].LogProb, 1e-12)
				}
				if i == best && i%2 == 1 {
					assert.Equal(t, s.LogProbs[0], s.Best[0].LogProb)
				}
				return err
			}))
			require.NoError(t, m.Close())
		}
	}
}

// repeatRows makes the output matrix repeat its first 66 rows, so that every logit of those comes again.
func repeatRows(t *testing.T, dir string, rows int) {
	change(t, dir, weightsName, func(content []byte) []byte {
		begin, end := place(t, content, "lm_head.weight")
		row := (end - begin) / rows
		for i := 66; i < rows; i++ {
			copy(content[begin+i*row:][:row], content[begin+i%66*row:])
		}
		return content
	})
}
