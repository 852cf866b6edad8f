package report

import (
	"math"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results"
)

// level is the level of the tables' intervals.
const level = 0.95

// taskScores are a task's scores, one a run.
type taskScores []runScore

// runScore is one run's score of a task with its documents' own scores.
type runScore struct {
	// cell is nil where the run has no number.
	cell *cell
	// each are the documents' scores as shares, NaN where there is none; nil where the metric is unknown.
	each []float64
}

// cell is one number of the tables, on their scale of 0 to 1.
type cell struct {
	Score float64 `json:"score"`
	// Low and High are the ends of the interval, Method how it was found: one of compare's, "stderr" for the manifest's
	// own standard error, "" for no interval.
	Low      *float64 `json:"low,omitempty"`
	High     *float64 `json:"high,omitempty"`
	Method   string   `json:"method,omitempty"`
	Clusters int      `json:"clusters,omitempty"`
}

// methodStdErr is the method of an interval that rests on the standard error in the manifest alone.
const methodStdErr = "stderr"

// normal95 is the 0.975 quantile of the normal distribution.
const normal95 = 1.959963984540054

func scoreAll(tasks []task, runs int, o Options) []taskScores {
	all := make([]taskScores, len(tasks))
	for t, x := range tasks {
		all[t] = make(taskScores, runs)
		for k := range runs {
			all[t][k] = scoreOne(x, k, o)
		}
	}
	return all
}

func scoreOne(t task, k int, o Options) runScore {
	var r runScore
	s := t.scores[k]
	if s != nil && s.Hole == "" && len(s.Values) > 0 && s.Values[0].Max > 0 {
		r.cell = manifestCell(s.Values[0])
	}
	var samples []results.Sample
	for _, d := range t.docs {
		if x := d.samples[k]; x != nil {
			samples = append(samples, *x)
		}
	}
	if len(samples) == 0 || len(samples[0].Marks) == 0 {
		return r
	}
	m, known := o.Metric(t.name, samples[0].Marks[0].Metric)
	if !known {
		return r
	}
	r.each = make([]float64, len(t.docs))
	for i, d := range t.docs {
		r.each[i] = math.NaN()
		if x := d.samples[k]; x != nil && len(x.Marks) > 0 && x.Marks[0].Metric == m.Name && len(x.Marks[0].Stat) == m.Width {
			r.each[i] = m.Corpus(x.Marks[0].Stat, 1) / m.Max
		}
	}
	if r.cell == nil {
		return r
	}
	// The samples speak for the number only where they are all of its documents.
	if single, err := compare.ScoreInterval(m, samples, level); err == nil && (s.N == 0 || s.N == len(samples)) {
		shift := r.cell.Score - single.Score // a score that is no mean, as ROUGE's bootstrap median
		low, high := max(0, single.Interval.Low+shift), min(1, single.Interval.High+shift)
		r.cell.Low, r.cell.High, r.cell.Method, r.cell.Clusters = &low, &high, single.Method, single.Clusters
	}
	return r
}

func manifestCell(v results.Value) *cell {
	c := &cell{Score: v.Value / v.Max}
	if v.StdErr != nil {
		half := normal95 * *v.StdErr / v.Max
		low, high := max(0, c.Score-half), min(1, c.Score+half)
		c.Low, c.High, c.Method = &low, &high, methodStdErr
	}
	return c
}

// tenThousandths are the documents' scores, one array a run, nil for a run without any.
func (s taskScores) tenThousandths() [][]*int {
	out := make([][]*int, len(s))
	for k, r := range s {
		if r.each == nil {
			continue
		}
		out[k] = make([]*int, len(r.each))
		for i, v := range r.each {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				n := int(math.Round(v * 1e4))
				out[k][i] = &n
			}
		}
	}
	return out
}

// binary says whether every document of every run is right or wrong.
func (s taskScores) binary() bool {
	found := false
	for _, r := range s {
		for _, v := range r.each {
			if math.IsNaN(v) {
				continue
			}
			if v != 0 && v != 1 {
				return false
			}
			found = true
		}
	}
	return found
}
