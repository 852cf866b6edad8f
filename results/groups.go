package results

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Group is an average over several tasks, as a task file of the user's asks for it.
type Group struct {
	Name  string `json:"group"`
	Title string `json:"title"`
	// Tasks are its members, in the order of the file.
	Tasks []string `json:"tasks"`
	// N is the number of documents that the members scored, Total the number that they have.
	N      int          `json:"n"`
	Total  int          `json:"total"`
	Values []GroupValue `json:"values,omitempty"`
	// Unmeasured are the metrics of which there is no average, with the reason.
	Unmeasured []Unmeasured `json:"unmeasured,omitempty"`
}

// GroupValue is one metric's average. It has the members' own name of the metric.
type GroupValue struct {
	Value
	// BySize tells that every document counts alike, a task by its number of them; without it every task does.
	BySize bool `json:"weight_by_size"`
}

// How says what counts alike.
func (v GroupValue) How() string {
	if v.BySize {
		return "by document"
	}
	return "by task"
}

// Averages are the groups of which the run has, or was to have, every task, with their numbers. asked are their names, tasks and
// metrics alone.
//
// The average and, of one by document, its standard error are lm-eval's (aggregate_subtask_metrics and pooled_sample_stderr of
// lm_eval/api/metrics.py at 0c44a15). lm-eval prints the same standard error under an average by task; here it is that of a mean of
// independent numbers.
func Averages(r Run, asked []Group) []Group {
	var list []Group
	for _, g := range asked {
		scores := make([]Score, 0, len(g.Tasks))
		known := true
		for _, task := range g.Tasks {
			s, ok := r.Score(task)
			if !ok {
				s = Score{Task: task, Hole: "it was not finished"}
				known = known && slices.Contains(r.Unfinished, task)
			}
			scores = append(scores, s)
		}
		if known {
			list = append(list, g.over(scores))
		}
	}
	return list
}

// over is the group with its numbers over the members' scores.
func (g Group) over(scores []Score) Group {
	asked := g.Values
	g.N, g.Total, g.Values, g.Unmeasured = 0, 0, nil, nil
	for _, s := range scores {
		g.Total += s.Total
		if s.Hole == "" {
			g.N += s.N
		}
	}
	for _, v := range asked {
		if why := v.average(scores); why != "" {
			g.Unmeasured = append(g.Unmeasured, Unmeasured{v.Metric, why})
			continue
		}
		g.Values = append(g.Values, v)
	}
	return g
}

// average gives v its number, or says why there is none.
func (v *GroupValue) average(scores []Score) (why string) {
	v.Value = Value{Metric: v.Metric}
	if len(scores) == 0 { // task files have no such groups, a run.json may say anything
		return "the group has no tasks"
	}
	var members []Value
	var signatures []string
	for _, s := range scores {
		at := slices.IndexFunc(s.Values, func(m Value) bool { return m.Metric == v.Metric })
		switch {
		case s.Hole != "":
			return fmt.Sprintf("%s has no number: %s", s.Name(), s.Hole)
		case at < 0:
			return fmt.Sprintf("%s has no number of %s", s.Name(), v.Metric)
		}
		m := s.Values[at]
		if m.N == 0 {
			m.N = s.N
		}
		if len(members) > 0 && m.Max != members[0].Max {
			return fmt.Sprintf("%s is on another scale than the tasks before it", s.Name())
		}
		if !slices.Contains(signatures, m.Signature) {
			signatures = append(signatures, m.Signature)
		}
		members = append(members, m)
	}
	v.Max, v.Signature = members[0].Max, "avg:"+strings.ReplaceAll(v.How(), " ", "-")+"|"+strings.Join(signatures, "+")
	sum, weights := 0.0, 0.0
	for _, m := range members {
		w := 1.0
		if v.BySize {
			w = float64(m.N)
		}
		sum += float64(m.Value * w)
		weights += w
	}
	v.Value.Value = sum / weights
	v.deviate(members)
	return ""
}

// deviate gives v its standard error where every member has one.
func (v *GroupValue) deviate(members []Value) {
	squares, n := 0.0, 0.0
	for _, m := range members {
		if m.StdErr == nil {
			return
		}
		size := float64(m.N)
		n += size
		if v.BySize {
			squares += (size - 1) * (*m.StdErr * *m.StdErr) * size
		} else {
			squares += *m.StdErr * *m.StdErr
		}
	}
	k := float64(len(members))
	se := math.Sqrt(squares) / k
	if v.BySize {
		if n <= k {
			return
		}
		se = math.Sqrt(squares / (n - k) / n)
	}
	v.StdErr = &se
}
