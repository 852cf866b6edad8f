// Package math is MATH-500 as lm-eval 0.4.2 asks it in swallow-evaluation v202411 (math_500): four worked examples of the Minerva paper,
// and the answer within \boxed.
//
// The reference compares normalised answers as texts and asks sympy about those that differ, within five seconds. Here they are compared as
// texts and as exact values of simple expressions. What is neither equal nor decided so is counted beside: the number of the
// reference lies between exact_match and the sum of both.
package math

import (
	_ "embed"
	"fmt"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// examples are the four of Lewkowycz et al. 2022 (Minerva), appendix D.2, as lm_eval/tasks/math_500/utils.py of the vendored harness has
// them: the first problem has a brace too many.
//
//go:embed examples.txt
var examples string

const (
	shots     = 4 // those of the text
	maxTokens = 2048
)

type task struct{ about tasks.Spec }

// New returns the task.
func New() tasks.Task {
	return task{tasks.Spec{
		Name: "math", Reference: "math_500", Title: "MATH", Language: "en", Foreign: foreign,
		Shots: shots, MinShots: shots, MaxShots: shots, Dataset: "math500", Version: "1.0", Protocol: tasks.HarnessEN0411,
		Source:  "swallow-llm/swallow-evaluation lm-evaluation-harness-en/lm_eval/tasks/math_500 @ 635f5a8 (v202411.p1)",
		Metrics: metrics.Math(),
	}}
}

func (t task) Spec() tasks.Spec { return t.about }

// Docs returns the problems in file order. The gold answer is that of the solution.
func (t task) Docs(src tasks.Source, n int, _ tasks.Budget) ([]tasks.Doc, error) {
	if n != shots {
		return nil, fmt.Errorf("%d shots: the reference's %d examples are part of its text", n, shots)
	}
	file, rows, err := src.Rows("math500", "test")
	if err != nil {
		return nil, err
	}
	docs := make([]tasks.Doc, len(rows))
	for i, raw := range rows {
		r := record.Read(file, i, raw)
		d := tasks.Doc{ID: tasks.RowID(int64(i)), Subject: r.Text("subject"), Input: r.Filled("problem"), Target: r.Filled("solution")}
		gold := metrics.MathAnswer(d.Target)
		if gold == metrics.Invalid || gold == metrics.MathAborts {
			r.Fail("field solution has no answer in \\boxed{}")
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
		d.Targets = []string{gold}
		docs[i] = d
	}
	return docs, nil
}

// Requests asks for one solution.
func (t task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{
		Kind: tasks.Generate, Protocol: t.about.Protocol, MaxTokens: maxTokens,
		Stop:   []string{"Problem:", "</s>", "<|im_end|>", "I hope it is correct"},
		Prompt: examples + harness.Separator + "Problem:\n" + d.Input + "\n\nSolution:",
	}}
}

// Outputs finds the answer, for all metrics.
func (t task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	answer := metrics.MathAnswer(responses[0].Text)
	outputs := make([]string, len(t.about.Metrics))
	for i := range outputs {
		outputs[i] = answer
	}
	return outputs
}

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		// math_500 is the vendored harness's, minerva_math500 lm-eval's own (since 0.4.8), over the same rows and as it is scored.
		LMEval: []tasks.LMEvalTask{{Name: "math_500"}, {Name: "minerva_math500"}}, LMEvalRow: row,
		Swallow: []tasks.SwallowColumn{{Name: "math_500"}},
	}
}

// row is a row of HuggingFaceH4/MATH-500 after the harness's process_docs, which puts the answer of the solution in the place of the row's.
func row(r python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	columns, whole := r.Pick("problem", "solution", "answer", "subject", "level", "unique_id")
	for i := range columns {
		if columns[i].Name == "answer" {
			columns[i].Value = d.Targets[0]
		}
	}
	return tasks.LMEvalRow{Doc: columns, Target: d.Targets[0], Whole: whole}, nil
}
