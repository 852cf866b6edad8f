package tasks

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// Names are the tasks' names.
func Names(list []Task) []string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Spec().Name
	}
	return names
}

// Datasets are the data sets that the tasks read.
func Datasets(list []Task) map[string]bool {
	used := map[string]bool{}
	for _, t := range list {
		used[t.Spec().Dataset] = true
	}
	return used
}

// Need says whether a metric of one of the tasks needs that.
func Need(list []Task, what metrics.Need) bool {
	return slices.ContainsFunc(list, func(t Task) bool {
		return slices.ContainsFunc(t.Spec().Metrics, func(m metrics.Metric) bool { return m.Needs == what })
	})
}
