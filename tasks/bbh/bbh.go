// Package bbh is BIG-Bench Hard as lm-eval 0.4.2 asks it (bbh_cot_fewshot): three worked examples that are part of each task's text, a
// chain of thought, and what follows "the answer is" compared as text.
//
// Any capital Q ends the chain, an answer without a full stop loses its last letter, and seven gold answers hold a Q in what leads
// to them. The column is the share of all 6511 questions.
package bbh

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const (
	// shots are those of the text, of which no other number can be asked for.
	shots     = 3
	maxTokens = 1024
)

type task struct{ about tasks.Spec }

// New returns the task.
func New() tasks.Task {
	return task{tasks.Spec{
		Name: "bbh", Reference: "bbh_cot_fewshot", Title: "BBH", Language: "en", Foreign: foreign, Parted: true,
		Shots: shots, MinShots: shots, MaxShots: shots, Dataset: "bbh", Version: "2.0", Protocol: tasks.HarnessEN0411,
		Source: harness.Source04("bbh/cot_fewshot"), Metrics: []metrics.Metric{metrics.BBH()},
	}}
}

func (t task) Spec() tasks.Spec { return t.about }

// Docs returns the questions by the names of the tasks, those of a task in file order. The text before a question is its Context.
func (t task) Docs(src tasks.Source, n int, _ tasks.Budget) ([]tasks.Doc, error) {
	if n != shots {
		return nil, fmt.Errorf("%d shots: the reference's %d examples are part of its text", n, shots)
	}
	texts, err := prompts(src)
	if err != nil {
		return nil, err
	}
	file, rows, err := src.Rows("bbh", "test")
	if err != nil {
		return nil, err
	}
	docs, counts := make([]tasks.Doc, len(rows)), map[string]int{}
	for i, raw := range rows {
		r := record.Read(file, i, raw)
		d := tasks.Doc{Subject: r.Filled("subject"), Input: r.Filled("input"), Target: r.Filled("target")}
		text, ok := texts[d.Subject]
		if !ok {
			r.Fail("there is no text of examples for %.60q", d.Subject)
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
		d.Context, d.Targets = text, []string{d.Target}
		d.ID = tasks.TextID(d.Subject + "-" + strconv.Itoa(counts[d.Subject]))
		counts[d.Subject]++
		docs[i] = d
	}
	return docs, nil
}

// prompts are the texts by task: description, one line feed and three worked examples. The files have a canary above a rule, and an empty
// line before the first question, of which the harness's templates lose half.
func prompts(src tasks.Source) (map[string]string, error) {
	file, rows, err := src.Rows("bbh", "prompts")
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for i, raw := range rows {
		r := record.Read(file, i, raw)
		subject := r.Filled("subject")
		_, text, found := strings.Cut(r.Filled("text"), "-----")
		if !found {
			r.Fail("the text of %s has no line -----", subject)
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
		texts[subject] = strings.Replace(pytext.Strip(text), "\n\nQ:", "\nQ:", 1)
	}
	return texts, nil
}

// Requests asks for one chain of thought.
func (t task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: t.about.Protocol, MaxTokens: maxTokens, Stop: []string{"</s>", "Q", "\n\n"},
		Prompt: d.Context + question(d.Input),
	}}
}

// Outputs finds the answer.
func (t task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	return []string{metrics.BBHAnswer(responses[0].Text)}
}

// question is what stands behind the text.
func question(input string) string { return "\n\nQ: " + input + "\nA: Let's think step by step." }
