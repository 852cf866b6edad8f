package eval

import (
	"maps"
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// bySubject are a metric's values over the documents of each subject, by name; nil where there are no subjects.
func bySubject(m metrics.Metric, subjects []string, stats []metrics.Stat) []results.Subject {
	of := map[string][]metrics.Stat{}
	for i, name := range subjects {
		if name != "" {
			of[name] = append(of[name], stats[i])
		}
	}
	var list []results.Subject
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if v, hole := Score(m, of[name]); hole == "" {
			list = append(list, results.Subject{Name: name, N: len(of[name]), Value: v})
		}
	}
	return list
}
