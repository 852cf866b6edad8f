package tasks

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// only is a task of which nothing but the Spec is asked.
type only struct {
	Task
	spec Spec
}

func (o only) Spec() Spec { return o.spec }

// TestLists: names in the tasks' order, their data sets each once, and whether any metric needs something.
func TestLists(t *testing.T) {
	list := []Task{only{spec: Spec{Name: "b", Dataset: "x"}}, only{spec: Spec{Name: "a", Dataset: "x", Metrics: []metrics.Metric{{}, {Needs: metrics.ModelPieces}}}}}
	assert.Equal(t, []string{"b", "a"}, Names(list))
	assert.Equal(t, map[string]bool{"x": true}, Datasets(list))
	assert.True(t, Need(list, metrics.ModelPieces))
	assert.False(t, Need(list, metrics.JapaneseWords))
	assert.Empty(t, Datasets(nil))
}
