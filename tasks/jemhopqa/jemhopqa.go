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

const instruction13 = "質問を入力とし、回答を出力してください。回答の他には何も含めないことを厳守してください。回答が'はい'と'いいえ'で答えることができる場合、'YES'と'NO'で答えてください。"

// New13 returns the task as llm-jp-eval 1.3.0 asks it: the instruction says how to answer with yes or no, and the examples are drawn.
func New13() tasks.Task {
	t := New().(llmjp.Task)
	t.About.Metrics = []metrics.Metric{metrics.CharF113()}
	return llmjp.In13(t, instruction13, "jemhopqa")
}
