// Package jcommonsenseqa is JCommonsenseQA as llm-jp-eval 1.1.1 asks it: five numbered choices in the prompt, one
// generated token, right when it is the number. A tokenizer that spends two tokens on a digit scores nothing.
package jcommonsenseqa

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/llmjp"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const instruction = "質問と回答の選択肢を入力として受け取り、選択肢から回答を選択してください。なお、回答は選択肢の番号（例：0）でするものとします。 回答となる数値をint型で返し、他には何も含めないことを厳守してください。"

// New returns the task.
func New() tasks.Task {
	return llmjp.Task{
		About: tasks.Spec{
			Name: "jcommonsenseqa", Reference: "jcommonsenseqa", Title: "JCommonsenseQA", Language: "ja", Foreign: foreign,
			Shots: 4, MaxShots: llmjp.MaxShots, Dataset: "jcommonsenseqa", Version: llmjp.Version, Protocol: tasks.LLMJPEval,
			Source: llmjp.Source("jcommonsenseqa"), Metrics: []metrics.Metric{metrics.ExactMatch()},
		},
		Instruction: instruction,
		MaxTokens:   1,
		Evaluated:   "validation", Training: "train",
		Exemplars: llmjp.At(0, 1, 2, 3),
		Read:      read,
		Input:     input,
	}
}

func read(r *record.Record) (tasks.Doc, bool) {
	d := tasks.Doc{ID: tasks.RowID(r.Int("q_id")), Input: r.Filled("question")}
	for i := range 5 {
		d.Choices = append(d.Choices, r.Filled("choice"+strconv.Itoa(i)))
	}
	llmjp.Answer(&d, strconv.Itoa(r.Gold(r.Int("label"), len(d.Choices))))
	return d, true
}

func input(d tasks.Doc) string {
	numbered := make([]string, len(d.Choices))
	for i, c := range d.Choices {
		numbered[i] = fmt.Sprintf("%d.%s", i, c)
	}
	return "質問：" + d.Input + "\n選択肢：" + strings.Join(numbered, ",")
}

// New13 returns the task as llm-jp-eval 1.3.0 asks it: drawn examples, the prompt's other words, and an answer that is stripped.
func New13() tasks.Task {
	t := New().(llmjp.Task)
	t.About.Metrics = []metrics.Metric{metrics.ExactMatch13()}
	return llmjp.In13(t, instruction, "jcommonsenseqa")
}
