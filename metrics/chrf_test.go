package metrics

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCHRFCorpora(t *testing.T) {
	results := 0
	for _, c := range corpora(t, "chrf.jsonl.gz") {
		for _, raw := range c.Results {
			var r struct {
				Opts struct {
					Order  int
					Beta   float64
					Remove *bool `json:"remove_whitespace"`
				}
				Score float64
			}
			require.NoError(t, json.Unmarshal(raw, &r))
			results++
			m := CHRF{Order: r.Opts.Order, Beta: r.Opts.Beta, KeepSpace: r.Opts.Remove != nil && !*r.Opts.Remove}.Metric()
			got, _ := score(m, c.Hyps, c.targets())
			closeTo(t, r.Score, got, c.Name, r.Opts)
		}
	}
	require.Positive(t, results)
	t.Logf("%d results", results)
}

func TestCHRF(t *testing.T) {
	m := CHRF{}.Metric()
	one := func(output, target string) float64 { return m.Corpus(m.Each(output, []string{target}), 1) }
	assert.Equal(t, 1.0, one("東京 都", "東 京都"), "white space is removed")
	assert.Equal(t, 0.0, one("", "x"))
	assert.Equal(t, 0.0, one("", ""))
	assert.Equal(t, 1.0, one("a", "a"), "orders longer than the text do not count")
	assert.Equal(t, "nrefs:1|case:mixed|nc:6|nw:0|beta:2|space:no|version:1.5.0", m.Signature)
}
