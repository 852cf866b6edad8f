// Package humaneval is HumanEval and JHumanEval as bigcode-evaluation-harness asks them in swallow-evaluation
// (humaneval-unstripped, jhumaneval-unstripped): ten sampled continuations of a function's head, each a program with the
// benchmark's tests behind it.
//
// The task makes programs and never runs one. Its outputs count the verdicts that the responses carry.
package humaneval

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// How the reference generates: scripts/evaluate_humaneval.sh of v202411.p1 and the defaults of the harness's main.py.
const (
	samples     = 10
	temperature = 0.2
	topP        = 0.95
	maxTokens   = 1024 // prompt and answer together: the protocol counts so
)

// Task is one of the two benchmarks. It is a tasks.Task and tasks.Judged.
type Task struct{ about tasks.Spec }

var (
	_ tasks.Task   = Task{}
	_ tasks.Judged = Task{}
)

// New is HumanEval.
func New() Task {
	return of("humaneval", "HumanEval", "en", foreign)
}

// NewJA is JHumanEval: the same functions and tests under Japanese descriptions.
func NewJA() Task {
	return of("jhumaneval", "JHumanEval", "ja", foreignJA)
}

func of(name, title, language string, foreign func() tasks.Foreign) Task {
	return Task{tasks.Spec{
		Name: name, Reference: name + "-unstripped", Title: title, Language: language, Foreign: foreign,
		FixedShots: true, Dataset: name, Version: "0261c52", Protocol: tasks.BigCode,
		Source:  "swallow-llm/swallow-evaluation bigcode-evaluation-harness/bigcode_eval/tasks/" + name + ".py @ 635f5a8 (v202411.p1)",
		Metrics: []metrics.Metric{metrics.PassAt(1), metrics.PassAt(10)},
	}}
}

// Spec describes the task.
func (t Task) Spec() tasks.Spec { return t.about }

// Docs returns the functions in file order. A document's one target is what stands behind an answer in its program.
func (t Task) Docs(src tasks.Source, n int, _ tasks.Budget) ([]tasks.Doc, error) {
	if n != 0 {
		return nil, fmt.Errorf("%d shots: the reference gives no examples", n)
	}
	file, rows, err := src.Rows(t.about.Dataset, "test")
	if err != nil {
		return nil, err
	}
	docs := make([]tasks.Doc, len(rows))
	for i, raw := range rows {
		r := record.Read(file, i, raw)
		d := tasks.Doc{ID: tasks.RowID(int64(i)), Input: r.Filled("prompt"), Target: r.Text("canonical_solution")}
		d.Targets = []string{"\n" + r.Filled("test") + "\ncheck(" + r.Filled("entry_point") + ")"}
		if strings.Contains(d.Input, `"""def `) {
			d.Fault = "its prompt is no Python, so that no answer can pass"
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
		docs[i] = d
	}
	return docs, nil
}

// stops are the strings that end a function's body.
func stops() []string {
	return []string{"\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```", "<file_sep>"}
}

// Requests asks for all continuations of one prompt.
func (t Task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	requests := make([]tasks.Request, samples)
	for k := range requests {
		requests[k] = tasks.Request{
			Kind: tasks.Generate, Protocol: t.about.Protocol, Prompt: d.Input, Stop: stops(), MaxTokens: maxTokens,
			Sampling: tasks.Drawn(t.about.Name, d.ID, k, temperature, topP),
		}
	}
	return requests
}

// Programs are the prompt, an answer and the tests.
func (t Task) Programs(d tasks.Doc, responses []tasks.Response) []string {
	programs := make([]string, len(responses))
	for i, r := range responses {
		programs[i] = d.Input + r.Text + "\n" + d.Targets[0]
	}
	return programs
}

// Outputs counts the programs that passed, for both metrics; "" where some have no verdict.
func (t Task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	if tasks.Unjudged(responses) > 0 {
		return make([]string, len(t.about.Metrics))
	}
	passed := 0
	for _, r := range responses {
		if r.Verdict == tasks.Passed {
			passed++
		}
	}
	outputs := make([]string, len(t.about.Metrics))
	for i := range outputs {
		outputs[i] = metrics.Passes(passed, len(responses))
	}
	return outputs
}

// ProblemID is a document's name in the files of openai/human-eval.
func ProblemID(id tasks.DocID) string { return "HumanEval/" + id.String() }

// Document is the document that ProblemID names; ok is false where there is none.
func Document(problem string) (id tasks.DocID, ok bool) {
	digits, ok := strings.CutPrefix(problem, "HumanEval/")
	n, err := strconv.ParseInt(digits, 10, 32)
	return tasks.RowID(n), ok && err == nil && n >= 0
}
