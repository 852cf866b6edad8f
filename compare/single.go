package compare

import (
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// Single is what one run's documents say about the error of its score, as shares of a perfect run.
type Single struct {
	Score    float64  `json:"score"`
	Interval Interval `json:"interval"`
	// Method is MethodWilson, MethodStudent, MethodClusters or MethodBootstrap.
	Method string `json:"method"`
	// Clusters is the number of clusters where documents share any, else 0.
	Clusters int `json:"clusters,omitempty"`
}

// The methods of a Single's interval.
const (
	// MethodWilson: Wilson's interval of a share of right answers (Wilson, JASA 22, 1927).
	MethodWilson = "wilson"
	// MethodStudent: Student's interval of a mean.
	MethodStudent = "student"
	// MethodClusters: Student's interval of a mean from the sums of the clusters.
	MethodClusters = "clusters"
	// MethodBootstrap: normal interval with the metric's bootstrapped standard error, for scores that are no means.
	MethodBootstrap = "bootstrap"
)

// ScoreInterval is the interval of one run's score on one task, from its samples in evaluation order; their first marks
// must be of the metric. It treats clusters as Compare does. Two such intervals that overlap say nothing about the
// difference of two runs on the same documents: that is Compare's question.
func ScoreInterval(m metrics.Metric, samples []results.Sample, level float64) (Single, error) {
	if !(level > 0 && level < 1) {
		return Single{}, fmt.Errorf("level %v is not between 0 and 1", level)
	}
	p := TaskPair{Docs: make([]DocPair, len(samples))}
	for i := range samples {
		p.Docs[i] = DocPair{&samples[i], &samples[i]}
	}
	if len(samples) > 0 {
		p.A.Task, p.B.Task = samples[0].Task, samples[0].Task
	}
	find := func(_, name string) (metrics.Metric, bool) { return m, name == m.Name }
	e, mismatch := newEvidence(p, Options{Metric: find})
	if mismatch != nil {
		return Single{}, mismatch
	}
	s := Single{Score: e.scores[0]}
	units, n, _ := e.units(nil, true)
	if n < len(samples) {
		s.Clusters = n
	}
	switch {
	case !additive(m):
		s.Method, s.Interval = MethodBootstrap, shareAround(s.Score, bootstrapHalf(m, e.a, level), level)
	case e.binary() && s.Clusters == 0:
		s.Method, s.Interval = MethodWilson, wilson(s.Score, len(samples), level)
	default:
		s.Method = MethodStudent
		if s.Clusters > 0 {
			s.Method = MethodClusters
		}
		s.Interval = shareAround(s.Score, studentHalf(e.each[0], units, n, level), level)
	}
	return s, nil
}

// shareAround is an interval of a share. An unknown half width leaves everything open.
func shareAround(middle, half, level float64) Interval {
	if math.IsNaN(half) {
		return Interval{0, 1, level}
	}
	return Interval{max(0, middle-half), min(1, middle+half), level}
}

func bootstrapHalf(m metrics.Metric, stats []metrics.Stat, level float64) float64 {
	if m.StdErr == nil {
		return math.NaN()
	}
	return normalQuantile(1-(1-level)/2) * m.StdErr(stats) / m.Max
}

// wilson is the score interval of k = share*n right answers.
func wilson(share float64, n int, level float64) Interval {
	z := normalQuantile(1 - (1-level)/2)
	size := float64(n)
	scale := 1 / (1 + z*z/size)
	middle := scale * (share + z*z/(2*size))
	half := scale * z * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	return Interval{max(0, middle-half), min(1, middle+half), level}
}

// studentHalf is half of Student's interval of the documents' mean, by units. It is NaN for a single unit, and the rule
// of three's where no unit differs from the others.
func studentHalf(each []float64, units []int, n int, level float64) float64 {
	if n < 2 {
		return math.NaN()
	}
	sums, sizes, mean := make([]float64, n), make([]float64, n), 0.0
	for i, v := range each {
		sums[units[i]] += v
		sizes[units[i]]++
		mean += v
	}
	mean /= float64(len(each))
	squares := 0.0
	for u, sum := range sums {
		d := sum - float64(sizes[u]*mean)
		squares += float64(d * d)
	}
	spread := math.Sqrt(squares*float64(n)/float64(n-1)) / float64(len(each))
	if spread < 1e-12 { // equal scores leave no more than rounding
		return max(3, -math.Log(1-level)) / float64(n)
	}
	return studentQuantile(1-(1-level)/2, n-1) * spread
}
