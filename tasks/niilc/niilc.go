// Package niilc is NIILC-QA as llm-jp-eval 1.1.1 asks it: a question without documents, scored by likeness of
// characters with all alternative answers joined into one, so that a model must produce every one of them.
package niilc

import (
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/llmjp"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const (
	instruction = "質問に対する答えを出力してください。答えが複数の場合、コンマ（,）で繋げてください。"
	// noAnswer marks a question the annotators could not answer. The reference leaves it out.
	noAnswer = "-"
)

// New returns the task.
func New() tasks.Task {
	return llmjp.Task{
		About: tasks.Spec{
			Name: "niilc", Reference: "niilc", Title: "NIILC", Language: "ja", Foreign: foreign,
			Shots: 4, MaxShots: llmjp.MaxShots, Dataset: "niilc", Version: llmjp.Version, Protocol: tasks.LLMJPEval,
			Source: llmjp.Source("niilc"), Metrics: []metrics.Metric{metrics.CharF1()},
		},
		Instruction: instruction,
		MaxTokens:   180,
		Evaluated:   "test", Training: "dev",
		Exemplars: llmjp.At(0, 2, 3, 4),
		Read:      read,
		Input:     func(d tasks.Doc) string { return "質問：" + d.Input },
	}
}

// read joins the answers that are not empty by a comma without space.
func read(r *record.Record) (tasks.Doc, bool) {
	d := tasks.Doc{ID: tasks.TextID(r.Filled("id")), Input: r.Filled("text")}
	answer := strings.Join(r.OptionalTexts("answers"), ",")
	if answer == "" {
		r.Fail("there is no answer")
	}
	llmjp.Answer(&d, answer)
	return d, answer != noAnswer
}

const instruction13 = "質問に対する答えを出力してください。回答の他には何も含めないことを厳守してください。答えが複数の場合、コンマ（,）で繋げてください。"

// New13 returns the task as llm-jp-eval 1.3.0 asks it. Questions without an answer are left out before the examples are drawn.
func New13() tasks.Task {
	t := New().(llmjp.Task)
	t.About.Metrics = []metrics.Metric{metrics.CharF113()}
	return llmjp.In13(t, instruction13, "niilc")
}
