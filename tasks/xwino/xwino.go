// Package xwino is the English part of XWinograd as EleutherAI's harness asks it: the sentence up to the blank with
// each option filled in, scored by the likelihood of what follows the blank (partial evaluation).
//
// The published file orders the two options at random. The order decides which comes first in a tie and nothing else.
package xwino

import (
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// New returns the task.
func New() tasks.Task {
	return harness.Task{
		About: tasks.Spec{
			Name: "xwino", Reference: "xwinograd_en", Title: "XWINO", Language: "en", Foreign: foreign,
			Shots: 8, Dataset: "xwinograd", Version: "0", Protocol: tasks.HarnessEN,
			Source: harness.SourceEN("xwinograd"), Metrics: []metrics.Metric{metrics.Accuracy("acc")},
		},
		Evaluated: "test", Equal: equal,
		Read: read, Edit: pairs,
		Solved: solved,
		Ask:    ask,
		Answer: func(_ tasks.Doc, responses []tasks.Response) []string { return []string{harness.Choose(responses)} },
	}
}

// read splits the sentence at its first blank. Context is what precedes it, Target what follows.
func read(r *record.Record) tasks.Doc {
	sentence := r.Filled("sentence")
	before, after, found := strings.Cut(sentence, "_")
	if !found {
		r.Fail("field sentence has no blank _")
	}
	d := tasks.Doc{
		Context: before, Input: sentence, Choices: []string{r.Filled("option1"), r.Filled("option2")},
		Target: " " + pytext.Strip(after),
	}
	d.Targets = []string{strconv.Itoa(r.Gold(r.IntText("answer")-1, len(d.Choices)))}
	return d
}

// equal is the equality of two records: same sentence, options and answer.
func equal(a, b tasks.Doc) bool {
	return a.Input == b.Input && slices.Equal(a.Choices, b.Choices) && a.Targets[0] == b.Targets[0]
}

// pairs groups neighbouring records that ask about the same two candidates, in either order: the twin sentences of a
// Winograd schema. A record alone is its own cluster. The result expects the documents in file order.
func pairs() func(d *tasks.Doc) {
	var first tasks.Doc
	return func(d *tasks.Doc) {
		swapped := []string{d.Choices[1], d.Choices[0]}
		if !slices.Equal(d.Choices, first.Choices) && !slices.Equal(swapped, first.Choices) {
			first = *d
		}
		d.Cluster = "schema at " + first.ID.String()
	}
}

// filled is the sentence up to the blank and the option in its place, as it stands: "The" stays a capital there.
func filled(d tasks.Doc, choice int) string { return d.Context + d.Choices[choice] }

// right is the right choice.
func right(d tasks.Doc) int {
	if d.Targets[0] == "1" {
		return 1
	}
	return 0
}

// solved is a document as an example.
func solved(d tasks.Doc) string { return filled(d, right(d)) + d.Target }

// ask asks for the likelihood of what follows the blank after each option in its place.
func ask(t harness.Task, d tasks.Doc) []tasks.Request {
	built := harness.Prompt(d.Shots, solved, filled(d, right(d)))
	requests := make([]tasks.Request, len(d.Choices))
	for i := range d.Choices {
		requests[i] = tasks.Request{
			Kind: tasks.LogLikelihood, Protocol: t.About.Protocol,
			Prompt: instead(built, filled(d, i)), Continuation: d.Target,
		}
	}
	return requests
}

// instead is a prompt with its last block, as blank lines part it, replaced. The reference builds the prompt with the
// right option and replaces no more than that block (append_context), so whatever stands before a blank line in the
// sentence, or in the right option, is asked twice. No published record has one.
func instead(prompt, block string) string {
	blocks := strings.Split(prompt, harness.Separator)
	blocks[len(blocks)-1] = block
	return strings.Join(blocks, harness.Separator)
}

// New04 returns the task as lm-eval 0.4.2 asks it. It draws its examples from the split of the documents and no more than
// asked for, so that a document that draws itself has one fewer.
func New04() tasks.Task {
	t := New().(harness.Task)
	t.About.Foreign = foreign04
	t.About.Shots, t.About.Version, t.About.Protocol = 4, "1.0", tasks.HarnessEN0411
	t.About.Source = harness.Source04("xwinograd/xwinograd_en.yaml")
	t.About.Metrics = []metrics.Metric{metrics.Accuracy04("acc")}
	t.Sampler = harness.PerTask
	t.Ask = ask04
	return t
}

// ask04 appends the sentence with each option to the examples.
func ask04(t harness.Task, d tasks.Doc) []tasks.Request {
	requests := make([]tasks.Request, len(d.Choices))
	for i := range d.Choices {
		requests[i] = tasks.Request{
			Kind: tasks.LogLikelihood, Protocol: t.About.Protocol,
			Prompt: harness.Prompt(d.Shots, solved, filled(d, i)), Continuation: d.Target,
		}
	}
	return requests
}
