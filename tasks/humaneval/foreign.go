package humaneval

import "github.com/swallow-eval/swallow-eval/tasks"

// foreign is HumanEval by other names. lm-eval's humaneval (since 0.4.8) asks with stripped prompts and keeps no verdicts a file: its
// files are none of this task.
func foreign() tasks.Foreign { return columns("humaneval-unstripped") }

// foreignJA is JHumanEval by other names.
func foreignJA() tasks.Foreign { return columns("jhumaneval-unstripped") }

// columns are those of scripts/column-path-key.csv.
func columns(name string) tasks.Foreign {
	return tasks.Foreign{Swallow: []tasks.SwallowColumn{{Name: name + "@1"}, {Name: name + "@10", Metric: "pass@10"}}}
}
