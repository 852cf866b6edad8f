package eval

import (
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// Values are the metrics' numbers from the statistics of documents in evaluation order, and the metrics that have none.
func Values(ms []metrics.Metric, stats [][]metrics.Stat) (values []results.Value, unmeasured []results.Unmeasured) {
	for k, m := range ms {
		v, hole := Score(m, stats[k])
		if hole != "" {
			unmeasured = append(unmeasured, results.Unmeasured{Metric: m.Name, Hole: hole})
			continue
		}
		values = append(values, v)
	}
	return values, unmeasured
}

// give puts the metrics' numbers into a score. Where the first of them, the column's, has none there is no number at all.
func give(score *results.Score, ms []metrics.Metric, stats [][]metrics.Stat) {
	score.Values, score.Unmeasured = Values(ms, stats)
	if len(score.Unmeasured) > 0 && score.Unmeasured[0].Metric == ms[0].Name {
		score.Hole, score.Values, score.Unmeasured = score.Unmeasured[0].Hole, nil, nil
	}
}

// Score is a metric's value over documents in evaluation order, or why there is none.
func Score(m metrics.Metric, stats []metrics.Stat) (v results.Value, hole string) {
	v = results.Value{Metric: m.Name, Signature: m.Signature, Max: m.Max}
	switch over := m.Over(stats); {
	case over == 0:
		return v, fmt.Sprintf("of %d documents none belongs to it", len(stats))
	case m.Subset:
		v.N = over
	}
	if v.Value = m.Score(stats); math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		return v, fmt.Sprintf("%s of these documents is %v", m.Name, v.Value)
	}
	if m.StdErr != nil {
		if se := m.StdErr(stats); !math.IsNaN(se) {
			v.StdErr = &se
		}
	}
	return v, ""
}
