// Package jemhopqa is JEMHopQA 1.0 as llm-jp-eval 1.1.1 asks it: a question without documents, a short answer of at
// most fifteen tokens, scored by likeness of characters.
package jemhopqa

import (
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/llmjp"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const instruction = "質問を入力とし、回答を出力してください。回答の他には何も含めないことを厳守してください。"

// New returns the task.
func New() tasks.Task {
	return llmjp.Task{
		About: tasks.Spec{
			Name: "jemhopqa", Reference: "jemhopqa", Title: "JEMHopQA", Language: "ja", Foreign: foreign,
			Shots: 4, MaxShots: llmjp.MaxShots, Dataset: "jemhopqa", Version: llmjp.Version, Protocol: tasks.LLMJPEval,
			Source: llmjp.Source("jemhopqa"), Metrics: []metrics.Metric{metrics.CharF1()},
		},
		Instruction: instruction,
		MaxTokens:   15,
		Evaluated:   "dev", Training: "train",
		Exemplars: llmjp.At(0, 1, 10, 3),
		Read: func(r *record.Record) (tasks.Doc, bool) {
			d := tasks.Doc{ID: tasks.TextID(r.Filled("qid")), Input: r.Filled("question")}
			llmjp.Answer(&d, r.Filled("answer"))
			return d, true
		},
		Input: func(d tasks.Doc) string { return "質問：" + d.Input },
	}
}
