package jcommonsenseqa

import "github.com/swallow-eval/swallow-eval/tasks"

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		JPHarness: tasks.JPHarness{Name: "jcommonsenseqa", Hole: "its details list only the documents answered wrong, without likelihoods"},
		Swallow:   []tasks.SwallowColumn{{Name: "jcommonsenseqa", Rounded: true}},
	}
}
