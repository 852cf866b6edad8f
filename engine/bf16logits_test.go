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

// TestLogitsRoundedToBF16: a sequence that asks for it has the log-probabilities of rounded logits, the others do not, and of equal ones the lowest
// token is the most probable.
func TestLogitsRoundedToBF16(t *testing.T) {
	shape := enginetest.Tiny()
	m, err := engine.Load(model(t, shape, 3), engine.Options{Threads: 2})
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	prompt := []int32{1, 5, 3, 9}
	var logits []float32
	require.NoError(t, m.Generate(t.Context(), []engine.Prompt{{Tokens: prompt, MaxTokens: 1, Pick: func(_ int, l []float32) int32 {
		logits = slices.Clone(l)
		return 0
	}}}, func(_ int, _ engine.Generated, err error) error { return err }))
	rounded, sum, exact := make([]float64, len(logits)), 0.0, 0.0
	for i, l := range logits {
		bits := math.Float32bits(l)
		low := bits & 0xffff
		bits &^= 0xffff
		if low > 0x8000 || low == 0x8000 && bits>>16&1 == 1 {
			bits += 1 << 16
		}
		rounded[i] = float64(math.Float32frombits(bits))
		sum += math.Exp(rounded[i])
		exact += math.Exp(float64(l))
	}
	best := slices.Index(rounded, slices.Max(rounded))
	var seqs []engine.Sequence
	for next := range logits {
		seqs = append(seqs, engine.Sequence{Tokens: append(slices.Clone(prompt), int32(next)), From: len(prompt), BF16: true})
	}
	differ := 0
	require.NoError(t, m.Score(t.Context(), seqs, func(i int, s engine.Scored, err error) error {
		assert.InDelta(t, rounded[i]-math.Log(sum), s.LogProbs[0], 1e-6)
		assert.Equal(t, i == best, s.Greedy[0], "token %d", i)
		if math.Abs(float64(logits[i])-math.Log(exact)-s.LogProbs[0]) > 1e-5 {
			differ++
		}
		return err
	}))
	assert.Greater(t, differ, len(logits)/2, "rounding shows")
}
