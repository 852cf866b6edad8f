package metrics

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// harnessCase is one line of goldens/metrics/harness_en.jsonl.gz.
type harnessCase struct {
	Family          string          `json:"family"`
	N               int             `json:"n"`
	Input, Expected json.RawMessage `json:",omitempty"`
}

// harnessCases decodes the cases of one family and calls check for each; it fails where there is none.
func harnessCases[In, Out any](t *testing.T, family string, check func(n int, in In, want Out)) {
	t.Helper()
	count := 0
	for _, line := range shared.Lines(t, "goldens/metrics/harness_en.jsonl.gz") {
		var c harnessCase
		require.NoError(t, json.Unmarshal(line, &c))
		if c.Family != family {
			continue
		}
		var in In
		var want Out
		require.NoError(t, json.Unmarshal(c.Input, &in))
		require.NoError(t, json.Unmarshal(c.Expected, &want))
		check(c.N, in, want)
		count++
	}
	require.Positive(t, count, "cases of %s", family)
	t.Logf("%d cases of %s", count, family)
}

// score runs a metric over a corpus as the evaluation does.
func score(m Metric, outputs []string, targets [][]string) (float64, []Stat) {
	stats := make([]Stat, len(outputs))
	for i, o := range outputs {
		stats[i] = m.Each(o, targets[i])
	}
	return m.Corpus(m.Sum(stats), len(stats)), stats
}

func TestMeanStdErr(t *testing.T) {
	harnessCases(t, "mean_stderr", func(n int, in struct{ Values []float64 }, want struct{ Mean, StdErr float64 }) {
		require.Equal(t, want.Mean, mean(in.Values), "case %d", n)
		require.Equal(t, want.StdErr, meanStdErr(in.Values), "case %d", n)
	})
	assert.True(t, math.IsNaN(meanStdErr([]float64{1})), "one document has no standard error")
}

// TestReplayMGSM rescores what real models wrote: every extracted answer, and both figures to the last bit.
func TestReplayMGSM(t *testing.T) {
	for _, name := range []string{"cyberagent-open-calm-1b", "rinna-japanese-gpt-neox-3.6b"} {
		var result struct {
			Results map[string]struct {
				Acc     float64 `json:"acc"`
				StdErr  float64 `json:"acc_stderr"`
				Details []struct {
					Completion string          `json:"completion"`
					Extracted  json.RawMessage `json:"extracted_answer"`
					Answer     json.Number     `json:"answer"`
					Acc        bool            `json:"acc"`
				} `json:"details"`
			} `json:"results"`
		}
		require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/replay/"+name+".result.mgsm.json"), &result))
		require.Len(t, result.Results, 1, name)
		for task, r := range result.Results {
			require.NotEmpty(t, r.Details, name)
			var outputs []string
			var targets [][]string
			for i, d := range r.Details {
				got := MGSMAnswer(d.Completion)
				require.Equal(t, strings.Trim(string(d.Extracted), `"`), got, "%s %d", name, i)
				require.Equal(t, d.Acc, got == d.Answer.String(), "%s %d", name, i)
				outputs, targets = append(outputs, got), append(targets, []string{d.Answer.String()})
			}
			m := Accuracy("acc")
			acc, stats := score(m, outputs, targets)
			require.Equal(t, r.Acc, acc, "%s %s", name, task)
			require.Equal(t, r.StdErr, m.StdErr(stats), "%s %s", name, task)
		}
	}
}

func TestAccuracyCompares(t *testing.T) {
	for _, m := range []Metric{Accuracy("acc"), ExactMatch()} {
		for _, wrong := range []string{" 2", "2 ", "2.", "", "２", "2\n"} {
			assert.Equal(t, Stat{0}, m.Each(wrong, []string{"2"}), "%q", wrong)
		}
		assert.Equal(t, Stat{1}, m.Each("2", []string{"2"}))
		assert.Equal(t, Stat{1}, m.Each("", []string{""}))
		assert.Equal(t, Stat{1}, m.Each("b", []string{"a", "b"}))
	}
}
