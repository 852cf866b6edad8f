package jemhopqa

import "github.com/swallow-eval/swallow-eval/tasks"

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		Swallow: []tasks.SwallowColumn{{Name: "jemhopqa", Rounded: true}},
	}
}
