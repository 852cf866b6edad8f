// Package gsm8k is GSM8K as EleutherAI's harness asks it: a worked solution in the data set's own notation, of which
// only the figure after "#### " counts. The stop string ":" cuts every solution with a colon before that, which holds
// for one gold answer in eleven.
package gsm8k

import (
	"strings"

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

// New04 returns the task as lm-eval 0.4.2 asks it: a colon ends nothing any more, and solutions are compared without
// commas, dollar signs and a final point. flexible_match, which takes the last number, is in no table.
func New04() tasks.Task {
	t := New().(harness.Task)
	t.About.Foreign = foreign04
	t.About.Shots, t.About.Version, t.About.Protocol = 4, "3.0", tasks.HarnessEN0411
	t.About.Source = harness.Source04("gsm8k/gsm8k.yaml")
	t.About.Metrics = []metrics.Metric{metrics.GSM8KMatch04("strict_match"), metrics.GSM8KMatch04("flexible_match")}
	t.Sampler = harness.PerTask
	t.Equal = func(a, b tasks.Doc) bool { return a.Input == b.Input && a.Target == b.Target }
	t.Read = read04
	t.Ask = harness.Until("Question:", "</s>", "<|im_end|>")
	t.Answer = func(_ tasks.Doc, responses []tasks.Response) []string {
		return []string{metrics.GSM8KStrict04(responses[0].Text), metrics.GSM8KFlexible04(responses[0].Text)}
	}
	return t
}

// read04 keeps the whole solution as the gold answer, of which the metric takes the figure.
func read04(r *record.Record) tasks.Doc {
	d := read(r)
	d.Targets = []string{strings.TrimPrefix(d.Target, " ")}
	return d
}
