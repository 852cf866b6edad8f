package metrics

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

var update = flag.Bool("update", false, "write testdata from the reference material")

// translationFile keeps, of the pairs that the JP harness scored, the statistics alone: their texts are newstest2020's.
const translationFile = "testdata/translation.jsonl"

// translated is what the JP harness printed for a list of items, standard errors included.
type translated struct {
	Name          string    `json:"name"`
	BLEU          float64   `json:"bleu"`
	CHRF          float64   `json:"chrf"`
	TER           float64   `json:"ter"`
	BLEUStdErr    float64   `json:"bleu_stderr"`
	BLEUResamples []float64 `json:"bleu_first3_resamples"`
	CHRFStdErr    float64   `json:"chrf_stderr"`
	CHRFResamples []float64 `json:"chrf_first3_resamples"`
	// Stats are the items' statistics for the three metrics.
	Stats [3][]Stat `json:"stats"`
}

// check compares what follows from the statistics with what the harness printed.
func (c translated) check(t *testing.T) {
	t.Helper()
	for i, test := range []struct {
		metric        Metric
		score, stdErr float64
		resamples     []float64
	}{
		{BLEU{}.Metric(), c.BLEU, c.BLEUStdErr, c.BLEUResamples},
		{CHRF{}.Metric(), c.CHRF, c.CHRFStdErr, c.CHRFResamples},
		{TER{}.Metric(), c.TER, -1, nil}, // the reference gives TER no standard error
	} {
		m, stats := test.metric, c.Stats[i]
		closeTo(t, test.score, m.Score(stats), c.Name, m.Name)
		for i, s := range bootstrap(stats, m.Width, m.Corpus, len(test.resamples)) {
			closeTo(t, test.resamples[i], s, c.Name, m.Name, i)
		}
		if test.stdErr >= 0 {
			closeTo(t, test.stdErr, m.StdErr(stats), c.Name, m.Name)
		}
	}
}

// TestTranslationStats scores the kept statistics.
func TestTranslationStats(t *testing.T) {
	content, err := os.ReadFile(translationFile)
	require.NoError(t, err)
	n := 0
	for line := range bytes.Lines(content) {
		var c translated
		require.NoError(t, json.Unmarshal(line, &c))
		c.check(t)
		n++
	}
	assert.Positive(t, n)
}

// TestTranslationHarness scores items as the JP harness does, and compares the kept statistics with theirs.
func TestTranslationHarness(t *testing.T) {
	var file bytes.Buffer
	for _, line := range shared.Lines(t, "goldens/metrics/wmt_harness.jsonl.gz") {
		var c translated
		var texts struct{ Items [][2]json.RawMessage }
		require.NoError(t, json.Unmarshal(line, &c))
		require.NoError(t, json.Unmarshal(line, &texts))
		for _, item := range texts.Items {
			var ref string
			var hyps []string
			require.NoError(t, json.Unmarshal(item[0], &ref))
			require.NoError(t, json.Unmarshal(item[1], &hyps))
			require.Len(t, hyps, 1)
			for i, m := range []Metric{BLEU{}.Metric(), CHRF{}.Metric(), TER{}.Metric()} {
				c.Stats[i] = append(c.Stats[i], m.Each(hyps[0], []string{ref}))
			}
		}
		c.check(t)
		require.NoError(t, json.NewEncoder(&file).Encode(c))
	}
	if *update {
		require.NoError(t, os.WriteFile(translationFile, file.Bytes(), 0o644))
	}
	kept, err := os.ReadFile(translationFile)
	require.NoError(t, err)
	assert.Equal(t, file.String(), string(kept))
}
