package named

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPrepared: a completion is cut, normalised or searched as the metric's task does before it is scored.
func TestPrepared(t *testing.T) {
	for _, c := range []struct {
		name, output, target   string
		wantOutput, wantTarget string
		value                  float64
	}{
		{"exact_match", "Ａ１\nmore", "A1", "A1", "A1", 1},
		{"char_f1", "東京\n大阪", "東京", "東京", "東京", 100},
		{"mgsm", "答えは 5", "5", "5", "5", 1},
		{"gsm8k", "so\n#### 1,234", "thus\n#### 1234", "1234", "1234", 1},
	} {
		m, ok := Find(c.name)
		require.True(t, ok, c.name)
		output, targets := m.Prepare(c.output, []string{c.target})
		assert.Equal(t, c.wantOutput, output, c.name)
		assert.Equal(t, []string{c.wantTarget}, targets, c.name)
		assert.Equal(t, c.value, m.Each(output, targets)[0], c.name)
	}
	_, ok := Find(RougeOfModel)
	assert.False(t, ok, "it needs a model's pieces")
	assert.Equal(t, RougeOfModel, Names()[len(Names())-1])
	m := OfModel(func(text string) []string { return []string{text} }, "sha256:00")
	output, _ := m.Prepare(" as it stands\n", nil)
	assert.Equal(t, " as it stands\n", output)
}
