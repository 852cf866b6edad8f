package metrics

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// TestPassAtIsTheReferences compares with estimate_pass_at_k.
func TestPassAtIsTheReferences(t *testing.T) {
	lines := shared.Lines(t, "goldens/swallow-202411/metrics/pass_at_k.jsonl.gz")
	require.Len(t, lines, 20)
	for _, line := range lines {
		var want struct {
			N       int
			Correct []int
			Pass    map[string]float64 `json:"pass_at_k"`
		}
		require.NoError(t, json.Unmarshal(line, &want))
		for text, value := range want.Pass {
			k, err := strconv.Atoi(text)
			require.NoError(t, err)
			m := PassAt(k)
			var stats []Stat
			for _, c := range want.Correct {
				stats = append(stats, m.Each(Passes(c, want.N), nil))
			}
			assert.InDelta(t, value, m.Score(stats), 1e-15, "%d of %d", k, want.N)
		}
	}
}

func TestPassAt(t *testing.T) {
	m := PassAt(10)
	assert.Equal(t, Stat{1}, m.Each("1/10", nil))
	assert.Equal(t, Stat{0}, m.Each("0/10", nil))
	assert.Equal(t, Stat{0.5}, m.Each("1/20", nil))
	for _, bad := range []string{"", "3", "x/10", "11/10", "-1/10", "9/9"} {
		assert.Equal(t, Stat{0}, m.Each(bad, nil), bad)
	}
	assert.Equal(t, Stat{0.30000000000000004}, PassAt(1).Each("3/10", nil), "1 less a product of seven tenths, as the reference has it")
	assert.Equal(t, "pass@1", PassAt(1).Name)
}
