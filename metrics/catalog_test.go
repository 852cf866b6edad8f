package metrics

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCatalog(t *testing.T) {
	names := Names()
	seen := make(map[string]bool)
	for _, name := range names {
		require.False(t, seen[name], "%s is listed twice", name)
		seen[name] = true
		_, ok := ByName(name)
		require.True(t, ok, name)
	}
	_, ok := ByName("meteor")
	assert.False(t, ok)
	for _, name := range []string{"exact_match", "char_f1", "acc", "bleu", "chrf", "ter", "rouge2", "em", "squad2-exact"} {
		assert.True(t, seen[name], name)
	}
}

// TestMetricPromises checks what every metric promises: the width of its statistics, a version in its signature, Max for
// perfect outputs, and a standard error of zero or more where there are enough documents.
func TestMetricPromises(t *testing.T) {
	targets := [][]string{{"東京 は 日本 の 首都 です"}, {"the quick brown fox jumps over 13 dogs"}, {"a b c d e f g"}}
	for _, e := range Catalog() {
		t.Run(e.Name, func(t *testing.T) {
			m := e.Metric
			require.NotEmpty(t, m.Name)
			require.NotEmpty(t, e.About)
			fields := strings.Split(m.Signature, "|")
			require.True(t, strings.HasPrefix(fields[0], "nrefs:"), m.Signature)
			require.True(t, strings.HasPrefix(fields[len(fields)-1], "version:"), m.Signature)
			var perfect, wrong []Stat
			for _, target := range targets {
				output := target[0]
				target := target
				switch e.Name {
				case "mgsm":
					output, target = "答えは13です。", []string{"13"}
				case "gsm8k":
					output, target = "so\n#### 1,300", []string{"x\n#### 1,300"}
				case "gsm8k-strict", "gsm8k-flexible":
					output, target = "so\n#### 1,300", []string{"x\n#### 1300"}
				case "bbh":
					output = "So the answer is " + target[0] + "."
				case "rouge2":
					output, target = "a b c", []string{"a b c"}
				}
				if strings.HasPrefix(m.Name, "NoAns") {
					output, target = "", []string{""}
				}
				if strings.HasPrefix(m.Name, "best") {
					output = SQuADPrediction{Text: output}.Output()
				}
				stat := m.Each(output, target)
				require.Len(t, stat, m.Width)
				perfect = append(perfect, stat)
				stat = m.Each("とても 12 zz", target)
				require.Len(t, stat, m.Width)
				wrong = append(wrong, stat)
			}
			best := m.Max
			if m.Name == "ter" {
				best = 0
			}
			require.InDelta(t, best, m.Score(perfect), 1e-9)
			if !strings.HasPrefix(m.Name, "best") { // its wrong output is not in its form, which gives NaN
				require.Greater(t, math.Abs(m.Score(wrong)-best), 1e-3)
			}
			// Where the reference has none and the score is no mean, there is none: an export then says N/A, as lm-eval's does.
			none := m.Name == "ter" || m.Name == "rouge2" || strings.HasPrefix(m.Name, "best")
			require.Equal(t, none, m.StdErr == nil, "no standard error")
			if none {
				return
			}
			require.InDelta(t, 0, m.StdErr(perfect), 1e-9)
			mixed := m.StdErr(append(wrong, perfect...))
			require.Greater(t, mixed, 0.0)
			require.True(t, math.IsNaN(m.StdErr(perfect[:1])), "one document has no standard error")
		})
	}
}

func TestExtractedAccuracy(t *testing.T) {
	assert.Equal(t, Stat{1}, MGSM().Each("合計は 1,200 円", []string{"1200"}))
	assert.Equal(t, Stat{0}, MGSM().Each("わからない", []string{Invalid}), "no answer is never right")
	assert.Equal(t, Stat{1}, GSM8K().Each("#### 5", []string{"5"}))
	assert.Equal(t, Stat{1}, GSM8K().Each("#### 1,000", []string{"a\n#### 1000"}))
	assert.Equal(t, Stat{0}, GSM8K().Each("5", []string{"5"}))
	assert.Equal(t, Stat{0}, GSM8K().Each("none", []string{"none"}))
}
