package planned

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
)

// TestNothingToRead: a text that begins with no token costs what it generates, and no number of it is none.
func TestNothingToRead(t *testing.T) {
	m := &Model{config: engine.Config{HiddenSize: 8, VocabSize: 16, Layers: 1, Heads: 1, KVHeads: 1, HeadDim: 8, Intermediate: 16}}
	var task Task
	m.count(&task, &wrapper.Plan{Generations: []*wrapper.Generation{{Max: 3}}})
	require.Len(t, task.parts, 1)
	p := task.parts[0]
	require.Len(t, p.texts, 1)
	for _, v := range []float64{p.perToken, p.texts[0].own, p.texts[0].ready, task.Read, task.Generate} {
		assert.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%v", v)
	}
	assert.Equal(t, 3, task.Generated)
	assert.Positive(t, task.Generate)
}
