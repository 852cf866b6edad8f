package wrapper

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestBF16Scores: which requests' log-likelihoods are rounded: those of one wrapper, of models that are stored in bfloat16, by whatever word
// their files call it.
func TestBF16Scores(t *testing.T) {
	for _, p := range []tasks.Protocol{tasks.HarnessEN, tasks.HarnessJP, tasks.HarnessJP0411, tasks.HarnessEN0407, tasks.HarnessEN0411, tasks.LMEval04} {
		for dtype, stored := range map[string]bool{"bfloat16": true, "bf16": true, "BF16": true, "float16": false, "float32": false, "mixed": false, "q8_0": false, "": false} {
			e := small(t, 64).Of(tasks.Family{Type: "llama", DType: dtype})
			_, s, err := e.Prepare(tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: "a", Continuation: " b"})
			require.NoError(t, err)
			assert.Equal(t, stored && p == tasks.HarnessEN0411, s.BF16, "%s %q", p, dtype)
		}
	}
}

// TestBF16Rounding is the rule by which a continuation's log-likelihood is made: every token's is rounded to bfloat16, to even, they are added, and
// the sum is rounded.
func TestBF16Rounding(t *testing.T) {
	e := small(t, 64).Of(tasks.Family{Type: "llama", DType: "bfloat16"})
	for _, c := range []struct {
		logs []float64
		want float64
	}{
		{[]float64{-1}, -1},
		{[]float64{-1.003}, -1},             // 0.0078 apart above 1
		{[]float64{-1.00390625}, -1},        // in the middle: to even
		{[]float64{-1.01171875}, -1.015625}, // in the middle: to even
		{[]float64{-1.004}, -1.0078125},
		{[]float64{-100.2, -0.3}, -100.5},         // half apart above 64: -100 and -0.30078125
		{[]float64{-2.01, -2.01, -2.01}, -6.0625}, // 3 times -2.015625 is -6.046875, in the middle: to even
		{[]float64{0}, 0},
	} {
		s, err := e.PlanScoring([]int32{300}, ids(len(c.logs)), tasks.HarnessEN0411)
		require.NoError(t, err)
		require.True(t, s.BF16)
		greedy := make([]bool, len(c.logs))
		assert.InDelta(t, c.want, s.Response(c.logs, greedy).LogProb, 0, "%v", c.logs)
		s.BF16 = false
		sum := 0.0
		for _, l := range c.logs {
			sum += l
		}
		assert.InDelta(t, sum, s.Response(c.logs, greedy).LogProb, 1e-12)
	}
}
