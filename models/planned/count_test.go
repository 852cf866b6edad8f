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

// TestScoredBeginnings: a prompt that is also scored is read once, but is the text's own, which alone goes on looking at it; what texts
// have in common is not.
func TestScoredBeginnings(t *testing.T) {
	m := &Model{config: engine.Config{HiddenSize: 8, VocabSize: 16, Layers: 1, Heads: 1, KVHeads: 1, HeadDim: 8, Intermediate: 16}}
	prompt := func(begin int32, n int) []int32 {
		list := make([]int32, n)
		for i := range list {
			list[i] = begin + int32(i%7)
		}
		return list
	}
	one := prompt(1, 100)
	for name, c := range map[string]struct {
		plan  wrapper.Plan
		ready float64 // of the last text
		own   float64 // of each
	}{
		"scored, too": {wrapper.Plan{
			Generations: []*wrapper.Generation{{Prompt: one, Max: 3}},
			Scorings:    []*wrapper.Scoring{{Tokens: append(prompt(1, 100), 9, 9), From: 100}},
		}, 50.25, 100},
		"two of one beginning": {wrapper.Plan{
			Generations: []*wrapper.Generation{{Prompt: append(prompt(1, 100), 8), Max: 3}, {Prompt: append(prompt(1, 100), 9), Max: 3}},
		}, 102, 51},
	} {
		var task Task
		m.count(&task, &c.plan)
		texts := task.parts[0].texts
		for _, x := range texts {
			assert.InDelta(t, c.own, x.own, 1e-9, name)
		}
		assert.InDelta(t, c.ready, texts[len(texts)-1].ready, .01, name)
	}
}
