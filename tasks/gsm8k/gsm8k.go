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

type task struct{}

// New returns the task.
func New() tasks.Task { return task{} }

func (task) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "gsm8k", Reference: "gsm8k", Title: "GSM8K", Language: "en", Foreign: foreign,
		Shots: 8, Dataset: "gsm8k", Version: "0", Protocol: tasks.HarnessEN,
		Source: harness.SourceEN("gsm8k"), Metrics: []metrics.Metric{metrics.Accuracy("acc")},
	}
}

func (task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	test, err := harness.Load(src, "gsm8k", "test", read)
	if err != nil {
		return nil, err
	}
	train, err := harness.Training(src, "gsm8k", "train", shots, read)
	if err != nil {
		return nil, err
	}
	return test.Order(shots, train)
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

func query(d tasks.Doc) string { return "Question: " + d.Input + "\nAnswer:" }

func (task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: tasks.HarnessEN, MaxTokens: harness.MaxTokens,
		Prompt: harness.Prompt(d.Shots, func(s tasks.Doc) string { return query(s) + s.Target }, query(d)),
		Stop:   []string{":", "Question:", "Question"},
	}}
}

func (task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	return []string{metrics.GSM8KAnswer(responses[0].Text)}
}
