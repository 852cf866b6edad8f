package eval

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestZeroOptions: nothing has to be given but what is to be evaluated.
func TestZeroOptions(t *testing.T) {
	run, err := Run(context.Background(), newOracle(1), Options{})
	require.NoError(t, err)
	assert.Empty(t, run.Scores)
	assert.False(t, run.Started.IsZero())

	p := tasks.Profile{Name: "mine", Tasks: []tasks.Task{sums{name: "sums", n: 4}}}
	source := func() Source { return rows{} }
	run, err = Run(context.Background(), newOracle(1), Options{Profile: p, Source: source})
	require.NoError(t, err)
	require.Len(t, run.Scores, 1, "the profile's tasks where none are chosen")
	assert.Equal(t, "mine", run.Profile)
	assert.Equal(t, 4, run.Scores[0].N)
	assert.Empty(t, run.Scores[0].SamplesFile)
	assert.NotEmpty(t, run.Scores[0].SamplesDigest)

	run, err = Run(context.Background(), newOracle(1), Options{Profile: p, Tasks: []tasks.Task{}})
	require.NoError(t, err)
	assert.Empty(t, run.Scores, "none chosen is not all")
}

func TestATaskThatReadsNeedsASource(t *testing.T) {
	run, err := Run(context.Background(), newOracle(1), Options{Tasks: []tasks.Task{sums{name: "sums", n: 4}}})
	require.ErrorIs(t, err, ErrNoSource)
	assert.Equal(t, ErrNoSource.Error(), run.Scores[0].Hole)
}

// late is sums with a metric that counts in the model's pieces.
type late struct{ sums }

func (l late) Spec() tasks.Spec {
	s := l.sums.Spec()
	s.Metrics = []metrics.Metric{s.Metrics[0], metrics.Rouge2OfModel()}
	s.Unmet = "there are no pieces"
	return s
}

// TestMetricsAreBoundByTheRun: a task whose metric lacks what it counts in is a hole with the task's words, and not asked.
func TestMetricsAreBoundByTheRun(t *testing.T) {
	o := Options{Tasks: []tasks.Task{late{sums{name: "sums", n: 4}}}, Source: func() Source { return rows{} }}
	model := newOracle(1)
	run, err := Run(context.Background(), model, o)
	require.NoError(t, err)
	assert.Equal(t, "there are no pieces", run.Scores[0].Hole)
	assert.Equal(t, "incomplete", run.Status)
	assert.Zero(t, model.calls)

	o.Env.Pieces = func(text string) []string { return strings.Split(text, "") }
	run, err = Run(context.Background(), model, o)
	require.NoError(t, err)
	assert.Empty(t, run.Scores[0].Hole)
	require.Len(t, run.Scores[0].Values, 2)
	assert.Equal(t, "rouge2", run.Scores[0].Values[1].Metric)
}

// TestAskOnly: the model is asked everything, and nothing is made of its answers.
func TestAskOnly(t *testing.T) {
	m, o := setup(sums{name: "sums", n: 4})
	o.AskOnly = true
	model := newOracle(1)
	run, err := Run(context.Background(), model, o)
	require.NoError(t, err)
	assert.Equal(t, 8, model.calls)
	assert.Equal(t, "asked, and nothing made of the answers", run.Scores[0].Hole)
	assert.Empty(t, run.Scores[0].Values)
	assert.Empty(t, m.files["sums"].String())
}
