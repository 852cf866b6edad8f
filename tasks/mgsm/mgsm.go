// Package mgsm is the Japanese part of MGSM as the JP harness asks it: examples with reasoning, one line of answer, and
// the last number of that line counts.
package mgsm

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const (
	questionMark = "問題："
	answerMark   = "ステップごとの答え："
	// exemplars is the size of the training split: no more than that can be drawn.
	exemplars = 8
)

type task struct{ protocol tasks.Protocol }

// New returns the task.
func New() tasks.Task { return task{tasks.HarnessJP} }

// Under returns the task as another copy of the harness asks it, which may put a token before every prompt.
func Under(p tasks.Protocol) tasks.Task { return task{p} }

func (t task) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "mgsm", Reference: "mgsm", Title: "MGSM", Language: "ja", Foreign: foreign,
		Shots: 4, MaxShots: exemplars, Dataset: "mgsm", Version: "1.0", Protocol: t.protocol,
		Source: harness.SourceJP("ja/mgsm"), Metrics: []metrics.Metric{metrics.Accuracy("acc")},
	}
}

// Docs draws the examples of every document, fewer and afresh where they do not fit: the reference builds the context
// with k examples and, as long as it has too many tokens, once more with one fewer. Every attempt draws from the task's
// one generator, so a prompt that was too long changes the examples of all documents after it.
func (t task) Docs(src tasks.Source, shots int, b tasks.Budget) ([]tasks.Doc, error) {
	test, err := harness.Load(src, "mgsm", "test", readTest)
	if err != nil {
		return nil, err
	}
	var train *harness.Set // draws nothing without shots
	if shots > 0 {
		if train, err = harness.Load(src, "mgsm", "train", readExemplar); err != nil {
			return nil, err
		}
	}
	b = tasks.Opened(b, t.protocol)
	room := harness.PromptRoom(b)
	return test.Order(shots, func(r *fewshot.Random, d *tasks.Doc) error {
		for k := shots; ; k-- {
			if err := train.Sample(k)(r, d); err != nil {
				return err
			}
			if b.Count(prompt(*d)) <= room {
				return nil
			}
			if k == 0 {
				d.Fault = fault(room)
				return nil
			}
		}
	})
}

// fault says what the reference does when even the prompt without examples is too long: it returns the exception
// instead of raising it, so the exception takes the place of the prompt.
func fault(room int) string {
	return fmt.Sprintf("the reference has no prompt here (ValueError: 0-shot prompt is too long for max length %d:); the prompt without examples is asked", room)
}

func readTest(r *record.Record) tasks.Doc {
	d := read(r)
	d.Target = d.Targets[0]
	return d
}

func readExemplar(r *record.Record) tasks.Doc {
	d := read(r)
	d.Target = strings.ReplaceAll(r.Filled("answer"), answerMark, "")
	return d
}

// read removes the marks that some records begin with, wherever they stand.
func read(r *record.Record) tasks.Doc {
	return tasks.Doc{
		Input:   strings.ReplaceAll(r.Filled("question"), questionMark, ""),
		Targets: []string{strconv.FormatInt(r.Int("answer_number"), 10)},
	}
}

func query(d tasks.Doc) string { return questionMark + d.Input + "\n" + answerMark }

func prompt(d tasks.Doc) string {
	return harness.Prompt(d.Shots, func(s tasks.Doc) string { return query(s) + s.Target }, query(d))
}

func (t task) Requests(d tasks.Doc, b tasks.Budget) []tasks.Request {
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: t.protocol, MaxTokens: harness.MaxTokens,
		Prompt: prompt(d), Stop: []string{tasks.Measured(b).EOS(), "\n"},
	}}
}

func (task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	return []string{metrics.MGSMAnswer(responses[0].Text)}
}
