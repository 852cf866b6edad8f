// Package hellaswag is HellaSwag as EleutherAI's harness asks it: a scene and four endings of which the likeliest wins.
// The published column is acc, without normalisation by length.
package hellaswag

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// endings is how many a record has.
const endings = 4

// New returns the task.
func New() tasks.Task {
	return harness.Task{
		About: tasks.Spec{
			Name: "hellaswag", Reference: "hellaswag", Title: "HellaSwag", Language: "en", Foreign: foreign,
			Shots: 8, Dataset: "hellaswag", Version: "0", Protocol: tasks.HarnessEN,
			Source:  harness.SourceEN("hellaswag"),
			Metrics: []metrics.Metric{metrics.Accuracy("acc"), metrics.Accuracy("acc_norm")},
		},
		Evaluated: "validation", Training: "train",
		Read:   read,
		Query:  func(d tasks.Doc) string { return d.Input },
		Ask:    harness.Choices,
		Answer: harness.Likeliest,
	}
}

// read joins and cleans the record's parts. A label is a number in some copies and a string in others.
func read(r *record.Record) tasks.Doc {
	scene := r.Text("activity_label") + ": " + r.Text("ctx_a") + " " + capitalize(r.Text("ctx_b"))
	d := tasks.Doc{Input: clean(scene)}
	for _, ending := range r.Texts("endings") {
		d.Choices = append(d.Choices, clean(ending))
	}
	if len(d.Choices) != endings {
		r.Fail("field endings has %d elements, want %d", len(d.Choices), endings)
		return d
	}
	gold := r.Gold(r.IntText("label"), endings)
	d.Target, d.Targets = " "+d.Choices[gold], []string{strconv.Itoa(gold)}
	return d
}

// bracketed is the shortest span in square brackets within a line: WikiHow's "[title]", "[step]", "[substeps]".
var bracketed = regexp.MustCompile(`\[.*?\]`)

// clean is the harness's preprocess, step by step. Nothing is stripped at the end, so a text that begins with a tag
// keeps the space after it, and three spaces become two.
func clean(text string) string {
	text = pytext.Strip(text)
	text = strings.ReplaceAll(text, " [title]", ". ")
	text = bracketed.ReplaceAllString(text, "")
	return strings.ReplaceAll(text, "  ", " ")
}

// capitalize is str.capitalize: the first character in title case and the rest, all of it, in lower case.
func capitalize(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	first := s[:n]
	// Lower-casing the whole string keeps the context that a final sigma depends on.
	rest := pytext.Lower(s)[len(pytext.Lower(first)):]
	return cases.Title(language.Und, cases.NoLower).String(first) + rest
}

// New04 returns the task as lm-eval 0.4.2 asks it: with 4 examples of its own draw, documents in file order.
func New04() tasks.Task {
	t := New().(harness.Task)
	t.About.Foreign = foreign04
	t.About.Shots, t.About.Version, t.About.Protocol = 4, "1.0", tasks.HarnessEN0411
	t.About.Source = harness.Source04("hellaswag/hellaswag.yaml")
	t.About.Metrics = []metrics.Metric{metrics.Accuracy04("acc"), metrics.Accuracy04("acc_norm")}
	t.Sampler = harness.PerTaskSpare
	return t
}
