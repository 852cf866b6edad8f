package eval

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestNumbersOverNothing are holes with a reason beside the numbers that there are, and the score's own hole where the column has none.
func TestNumbersOverNothing(t *testing.T) {
	all, some := metrics.Accuracy04("acc"), metrics.Accuracy04Of("acc_stem")
	var s results.Score
	give(&s, []metrics.Metric{all, some}, [][]metrics.Stat{{{1}, {0}}, {{0, 0}, {0, 0}}})
	assert.Len(t, s.Values, 1)
	assert.Equal(t, []results.Unmeasured{{Metric: "acc_stem", Hole: "of 2 documents none belongs to it"}}, s.Unmeasured)

	give(&s, []metrics.Metric{all, some}, [][]metrics.Stat{{{1}, {0}}, {{1, 1}, {0, 0}}})
	assert.Equal(t, []float64{0.5, 1}, []float64{s.Values[0].Value, s.Values[1].Value})
	assert.Equal(t, []int{0, 1}, []int{s.Values[0].N, s.Values[1].N})
	assert.Empty(t, s.Unmeasured)
	assert.Empty(t, s.Hole)

	give(&s, []metrics.Metric{some, all}, [][]metrics.Stat{{{0, 0}}, {{1}}})
	assert.Equal(t, results.Score{Hole: "of 1 documents none belongs to it"}, s)

	_, hole := Score(all, []metrics.Stat{{math.NaN()}})
	assert.Equal(t, "acc of these documents is NaN", hole)
}

// endless is a task whose column is infinite.
type endless struct{ sums }

func (e endless) Spec() tasks.Spec {
	s := e.sums.Spec()
	s.Metrics[0].CorpusOf = func([]metrics.Stat) float64 { return math.Inf(1) }
	return s
}

// TestAColumnWithoutANumberIsAHoleAgain: scoring what was stored says what the run said, and no other metric stands in for the column.
func TestAColumnWithoutANumberIsAHoleAgain(t *testing.T) {
	task := endless{sums{name: "sums", n: 4}}
	m, o := setup(task)
	run, err := Run(context.Background(), newOracle(7), o)
	require.NoError(t, err)
	assert.Equal(t, "acc of these documents is +Inf", run.Scores[0].Hole)
	again, err := Rescore("s", m.files["sums"], func(string) (tasks.Task, error) { return task, nil })
	require.NoError(t, err)
	assert.Equal(t, run.Scores[0].Hole, again.Hole)
	assert.Empty(t, again.Values)
	assert.Empty(t, again.Unmeasured)
}
