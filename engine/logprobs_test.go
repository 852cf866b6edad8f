package engine

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// TestLogProbsAreThoseOfTheLogits compares what Score says with the logits that Generate shows, over vocabularies of less
// than a block, of whole blocks and of parts, with equal logits in one block and in different ones.
func TestLogProbsAreThoseOfTheLogits(t *testing.T) {
	for _, vocab := range []int{33, blockLogits, blockLogits + 1, 2*blockLogits - 31, 4 * blockLogits} {
		for _, dtype := range []DType{F32, BF16, Q8} {
			shape, dir := enginetest.Tiny(), t.TempDir()
			shape.Vocab = vocab
			require.NoError(t, enginetest.Write(dir, shape, int64(vocab)))
			m, err := Load(dir, Options{Threads: 2, DType: dtype})
			require.NoError(t, err)
			repeatRows(m)

			prompt := []int32{1, 5, 3, 9, 2, 30, 7}
			var logits []float32
			require.NoError(t, m.Generate(t.Context(), []Prompt{{Tokens: prompt, MaxTokens: 1, Pick: func(_ int, l []float32) int32 {
				logits = slices.Clone(l)
				return 0
			}}}, func(_ int, _ Generated, err error) error { return err }))
			require.Len(t, logits, vocab)
			best, sum := int(m.kernel.ArgMax(logits)), 0.0
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

			var seqs []Sequence
			for next := range vocab {
				seqs = append(seqs, Sequence{Tokens: append(slices.Clone(prompt), int32(next)), From: len(prompt)})
			}
			require.NoError(t, m.Score(t.Context(), seqs, func(i int, s Scored, err error) error {
				assert.InDelta(t, float64(logits[i])-math.Log(sum), s.LogProbs[0], 1e-12)
				assert.Equal(t, i == best, s.Greedy[0], "token %d of %d", i, vocab)
				return err
			}))
			require.NoError(t, m.Close())
		}
	}
}

// repeatRows makes the output matrix repeat its first 66 rows, so that every logit of those comes again.
func repeatRows(m *Model) {
	head := &m.weights.head
	row := head.cols * head.format.Size()
	data := slices.Clone(head.data)
	for i := 66; i < head.rows; i++ {
		copy(data[i*row:(i+1)*row], data[i%66*row:])
	}
	head.data, head.packed = data, nil
}
