package metrics

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

func TestRouge2Pairs(t *testing.T) {
	lines := shared.Lines(t, "goldens/metrics/rouge2.jsonl.gz")
	pieces := map[string]func(string) []string{"default": RougeWords, "whitespace": pytext.Fields, "codepoint": CodePoints}
	for _, line := range lines {
		var texts struct{ Target, Prediction string }
		var scores map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(line, &texts))
		require.NoError(t, json.Unmarshal(line, &scores))
		for name, split := range pieces {
			var want struct{ Precision, Recall, FMeasure float64 }
			require.NoError(t, json.Unmarshal(scores[name], &want))
			got := Rouge2(name, split).Each(texts.Prediction, []string{texts.Target})
			require.Equal(t, Stat{want.Precision, want.Recall, want.FMeasure}, got, "%s of %s", name, line)
		}
	}
	t.Logf("%d pairs", len(lines))
}

// aggregatorGolden is what rouge_score's BootstrapAggregator gave under numpy.
type aggregatorGolden struct {
	Percentile []struct {
		Values json.RawMessage
		Q, Out []float64
	}
	Aggregator struct {
		Cases []struct {
			N      int
			Scores []Stat
			Mid    float64   `json:"mid_fmeasure_x100"`
			Plain  float64   `json:"plain_mean_x100"`
			First  []float64 `json:"first3_bootstrap_mean_f"`
			Result struct{ Mid []float64 }
		}
	} `json:"rouge_bootstrap_aggregator"`
}

func TestRougeAggregator(t *testing.T) {
	var want aggregatorGolden
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/numpy_bootstrap.json"), &want))
	require.NotEmpty(t, want.Aggregator.Cases)
	m := Rouge2("none", nil)
	for _, c := range want.Aggregator.Cases {
		require.Equal(t, c.Mid, m.Score(c.Scores), "n = %d", c.N)
		closeTo(t, c.Plain, m.Corpus(m.Sum(c.Scores), c.N), c.N)
		require.Equal(t, c.First, bootstrapMeans(c.Scores, rougeF1)[:len(c.First)], "n = %d", c.N)
		for component := range rougeWidth {
			require.Equal(t, c.Result.Mid[component], percentile(bootstrapMeans(c.Scores, component), 50), "n = %d", c.N)
		}
	}
}

func TestPercentile(t *testing.T) {
	var want aggregatorGolden
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/random/numpy_bootstrap.json"), &want))
	require.NotEmpty(t, want.Percentile)
	for _, c := range want.Percentile {
		var values []float64
		if json.Unmarshal(c.Values, &values) != nil { // "0.1*i for i in 0..999"
			for i := range 1000 {
				values = append(values, 0.1*float64(i))
			}
		}
		for i, q := range c.Q {
			require.Equal(t, c.Out[i], percentile(values, q), "percentile %v of %d values", q, len(values))
		}
	}
}

func TestRouge2(t *testing.T) {
	m := Rouge2("whitespace", pytext.Fields)
	assert.Equal(t, Stat{0, 0, 0}, m.Each("a", []string{"a"}), "one piece has no bigram")
	assert.Equal(t, Stat{1, 0.5, 2.0 / 3}, m.Each("a b", []string{"a b c"}))
	assert.Empty(t, CodePoints(""))
	assert.Equal(t, []string{"日", "é"}, CodePoints("日é"))
	assert.Equal(t, []string{"abc", "1"}, RougeWords("ABC, 日1"))
}
