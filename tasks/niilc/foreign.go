package niilc

import "github.com/swallow-eval/swallow-eval/tasks"

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		Swallow: []tasks.SwallowColumn{{Name: "niilc", Rounded: true}},
	}
}
