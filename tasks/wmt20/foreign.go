package wmt20

import "github.com/swallow-eval/swallow-eval/tasks"

// named is the direction by other names.
func named(column string) func() tasks.Foreign {
	return func() tasks.Foreign { return tasks.Foreign{Swallow: []tasks.SwallowColumn{{Name: column}}} }
}
