// Package openbookqa is OpenBookQA as EleutherAI's harness asks it: the bare stem, often an unfinished sentence, and
// four continuations of which the likeliest wins. The published column is acc, without normalisation by length.
package openbookqa

import (
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// letters name the choices in the answer key.
const letters = "ABCD"

// New returns the task.
func New() tasks.Task {
	return harness.Task{
		About: tasks.Spec{
			Name: "openbookqa", Reference: "openbookqa", Title: "OpenBookQA", Language: "en", Foreign: foreign,
			Shots: 8, Dataset: "openbookqa", Version: "0", Protocol: tasks.HarnessEN,
			Source:  harness.SourceEN("openbookqa"),
			Metrics: []metrics.Metric{metrics.Accuracy("acc"), metrics.Accuracy("acc_norm")},
		},
		Evaluated: "test", Training: "train",
		Read: read, Unique: "id",
		Query:  func(d tasks.Doc) string { return d.Input },
		Ask:    harness.Choices,
		Answer: harness.Likeliest,
	}
}

// read takes a line of the published JSON Lines. The choices' own labels are not looked at: their order counts.
func read(r *record.Record) tasks.Doc {
	question := r.Object("question")
	d := tasks.Doc{Input: question.Filled("stem")}
	for _, choice := range question.Objects("choices") {
		d.Choices = append(d.Choices, choice.Filled("text"))
	}
	key := pytext.Strip(r.Filled("answerKey"))
	gold := strings.Index(letters, key)
	if len(key) != 1 || gold < 0 || gold >= len(d.Choices) {
		r.Fail("the answer %.20q is none of the %d choices", key, len(d.Choices))
		return d
	}
	d.Target, d.Targets = " "+d.Choices[gold], []string{strconv.Itoa(gold)}
	return d
}

// New04 returns the task as lm-eval 0.4.2 asks it: with 4 examples of its own draw, documents in file order.
func New04() tasks.Task {
	t := New().(harness.Task)
	t.About.Foreign = foreign04
	t.About.Shots, t.About.Version, t.About.Protocol = 4, "1.0", tasks.HarnessEN0411
	t.About.Source = harness.Source04("openbookqa/openbookqa.yaml")
	t.About.Metrics = []metrics.Metric{metrics.Accuracy04("acc"), metrics.Accuracy04("acc_norm")}
	t.Sampler = harness.PerTask
	return t
}
