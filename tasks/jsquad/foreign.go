package jsquad

import "github.com/swallow-eval/swallow-eval/tasks"

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		JPHarness: tasks.JPHarness{Name: "jsquad", Hole: "its exact_match and f1 are of the harness's own jasquad metric, which is none of this program's"},
		Swallow:   []tasks.SwallowColumn{{Name: "jsquad", Rounded: true}},
	}
}
