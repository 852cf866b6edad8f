package eval

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
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
