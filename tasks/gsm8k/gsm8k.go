// Package gsm8k is GSM8K as EleutherAI's harness asks it: a worked solution in the data set's own notation, of which
// only the figure after "#### " counts. The stop string ":" cuts every solution with a colon before that, which holds
// for one gold answer in eleven.
package gsm8k

import (
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// New returns the task.
func New() tasks.Task {
	return harness.Task{
		About: tasks.Spec{
			Name: "gsm8k", Reference: "gsm8k", Title: "GSM8K", Language: "en", Foreign: foreign,
			Shots: 8, Dataset: "gsm8k", Version: "0", Protocol: tasks.HarnessEN,
			Source: harness.SourceEN("gsm8k"), Metrics: []metrics.Metric{metrics.Accuracy("acc")},
		},
		Evaluated: "test", Training: "train",
		Read:  read,
		Query: func(d tasks.Doc) string { return "Question: " + d.Input + "\nAnswer:" },
		Ask:   harness.Until(":", "Question:", "Question"),
		Answer: func(_ tasks.Doc, responses []tasks.Response) []string {
			return []string{metrics.GSM8KAnswer(responses[0].Text)}
		},
	}
}

// read keeps the whole solution as the target, calculator marks included; its figure is what outputs are compared with.
func read(r *record.Record) tasks.Doc {
	answer := r.Filled("answer")
	figure := metrics.GSM8KAnswer(answer)
	if figure == metrics.Invalid {
		r.Fail(`field answer holds no "#### " with a number`)
	}
	return tasks.Doc{Input: r.Filled("question"), Target: " " + answer, Targets: []string{figure}}
}
