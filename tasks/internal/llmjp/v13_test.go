package llmjp

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestLaterPredictions compares what is read of a completion with the reference's.
func TestLaterPredictions(t *testing.T) {
	for _, line := range shared.Lines(t, "goldens/swallow-202411/metrics/llmjp_predictions.jsonl.gz") {
		var c struct{ Output, Prediction string }
		require.NoError(t, json.Unmarshal(line, &c))
		assert.Equal(t, c.Prediction, Predict13(c.Output), "%q", c.Output)
	}
}

func TestPredict13(t *testing.T) {
	for in, want := range map[string][2]string{
		" A\n\nB": {"A", " A"}, "A\nB": {"A\nB", "A\nB"}, "\n\nA": {"", ""}, "ＡＢ　": {"AB", "AB "}, "A\n": {"A", "A\n"},
	} {
		assert.Equal(t, want, [2]string{Predict13(in), Predict13Unstripped(in)}, "%q", in)
	}
}

// TestPrompt13 holds the prompt's fixed parts.
func TestPrompt13(t *testing.T) {
	assert.Equal(t, "以下は、タスクを説明する指示と、文脈のある入力の組み合わせです。要求を適切に満たす応答を書きなさい。\n\n### 指示:\nI\n\n### 入力:\na\n\n### 応答:\nb\n\n### 入力:\nq\n\n### 応答:\n",
		Prompt13("I", [][2]string{{"a", "b"}}, "q"))
	assert.NotContains(t, Prompt13("I", nil, "q"), "\n\n\n")
}
