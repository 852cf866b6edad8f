// Package mmlu is MMLU as lm-eval 0.4.2 asks it: 57 subjects, each with the five examples of its own development split, and
// the likelihood of the letters A to D. The column is the accuracy over all 14042 questions, so that a subject counts by its size.
package mmlu

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// letters name the choices.
const letters = "ABCD"

// maxShots is the size of a subject's development split, which is never drawn from: its rows are taken in order.
const maxShots = 5

type task struct{ about tasks.Spec }

// New returns the task.
func New() tasks.Task {
	about := tasks.Spec{
		Name: "mmlu", Reference: "mmlu", Title: "MMLU", Language: "en", Foreign: foreign, Parted: true,
		Shots: 5, MaxShots: maxShots, Dataset: "mmlu", Version: "0.0", Protocol: tasks.HarnessEN0411,
		Source:  harness.Source04("mmlu/default/_default_template_yaml"),
		Metrics: []metrics.Metric{metrics.Accuracy04("acc")},
	}
	for _, g := range groups() {
		about.Metrics = append(about.Metrics, metrics.Accuracy04Of("acc_"+g))
	}
	return task{about}
}

func (t task) Spec() tasks.Spec { return t.about }

// Docs returns the questions by the names of the subjects, those of a subject in file order.
func (t task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	if shots < 0 || shots > maxShots {
		return nil, fmt.Errorf("%d shots: the reference has 0 to %d", shots, maxShots)
	}
	docs, err := read(src, "test")
	if err != nil {
		return nil, err
	}
	examples := map[string][]tasks.Doc{}
	if shots > 0 {
		dev, err := read(src, "dev")
		if err != nil {
			return nil, err
		}
		for _, d := range dev {
			if len(examples[d.Subject]) < shots {
				examples[d.Subject] = append(examples[d.Subject], d)
			}
		}
	}
	for i := range docs {
		docs[i].Shots = examples[docs[i].Subject]
		if len(docs[i].Shots) < shots {
			return nil, fmt.Errorf("%d shots: %s has %d examples", shots, docs[i].Subject, len(docs[i].Shots))
		}
	}
	return docs, nil
}

// read makes the documents of a split. Their identifiers are subject and row of the subject.
func read(src tasks.Source, split string) ([]tasks.Doc, error) {
	file, rows, err := src.Rows("mmlu", split)
	if err != nil {
		return nil, err
	}
	docs, counts := make([]tasks.Doc, len(rows)), map[string]int{}
	for i, raw := range rows {
		r := record.Read(file, i, raw)
		d := tasks.Doc{Subject: r.Filled("subject"), Input: r.Text("question"), Choices: r.Texts("choices")}
		if len(d.Choices) != len(letters) {
			r.Fail("field choices has %d elements, want %d", len(d.Choices), len(letters))
		}
		if groupOf(d.Subject) == "" {
			r.Fail("there is no subject %.40q", d.Subject)
		}
		gold := r.Gold(r.Int("answer"), len(letters))
		if err := r.Err(); err != nil {
			return nil, err
		}
		d.Target, d.Targets = " "+letters[gold:gold+1], []string{strconv.Itoa(gold)}
		d.ID = tasks.TextID(d.Subject + "-" + strconv.Itoa(counts[d.Subject]))
		counts[d.Subject]++
		docs[i] = d
	}
	slices.SortStableFunc(docs, func(a, b tasks.Doc) int { return cmp.Compare(a.Subject, b.Subject) })
	return docs, nil
}

func query(d tasks.Doc) string {
	var b strings.Builder
	b.WriteString(pytext.Strip(d.Input))
	for i, c := range d.Choices {
		fmt.Fprintf(&b, "\n%c. %s", letters[i], c)
	}
	return b.String() + "\nAnswer:"
}

// prompt begins with the description, of whose two line feeds the harness's templates lose one.
func prompt(d tasks.Doc) string {
	about := "The following are multiple choice questions (with answers) about " + strings.ReplaceAll(d.Subject, "_", " ") + ".\n"
	return about + harness.Prompt(d.Shots, func(s tasks.Doc) string { return query(s) + s.Target }, query(d))
}

// Requests asks for the likelihood of every letter.
func (t task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	built := prompt(d)
	requests := make([]tasks.Request, len(letters))
	for i := range requests {
		requests[i] = tasks.Request{Kind: tasks.LogLikelihood, Protocol: t.about.Protocol, Prompt: built, Continuation: " " + letters[i:i+1]}
	}
	return requests
}

// Outputs gives the likeliest choice for acc and for the metric of the subject's group; "" tells the others that the document is
// none of theirs.
func (t task) Outputs(d tasks.Doc, responses []tasks.Response) []string {
	choice := harness.Choose(responses)
	outputs := []string{choice}
	for _, g := range groups() {
		if g == groupOf(d.Subject) {
			outputs = append(outputs, choice)
		} else {
			outputs = append(outputs, "")
		}
	}
	return outputs
}
