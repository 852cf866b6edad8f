// Package llmjp is what the four llm-jp-eval tasks share: the prompt around an instruction, the rule for examples and
// the reduction of a completion.
//
// Source of all of it: llm-jp-eval 1.1.1 as copied to swallow-llm/swallow-evaluation at 570bf6a, directory
// llm-jp-eval/, scripts/evaluate_llm.py and src/llm_jp_eval/{prompts.py,utils.py}.
package llmjp

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// Source is where a task's module lies in the reference.
func Source(module string) string {
	return "swallow-llm/swallow-evaluation llm-jp-eval/src/llm_jp_eval/datasets/" + module + ".py @ 570bf6a"
}

// Version is the reference's version of the tasks.
const Version = "1.1.1"

// MaxShots is how many examples the reference carries for each task; it asserts that no more are asked for.
const MaxShots = 4

// Task is one llm-jp-eval task. It implements tasks.Task.
type Task struct {
	About       tasks.Spec
	Instruction string
	// MaxTokens is the task's max_new_tokens.
	MaxTokens int
	// Evaluated and Training name the splits of the documents and of the examples.
	Evaluated, Training string
	// Exemplars finds the rows of the examples in the training split, in prompt order.
	Exemplars func(file string, rows []json.RawMessage) ([]int, error)
	// Invented is Exemplars for data that are not the benchmark's own, nil where the rule is the same.
	Invented func(file string, rows []json.RawMessage) ([]int, error)
	// Read makes a document of a record; keep is false for one that the reference leaves out.
	Read func(r *record.Record) (d tasks.Doc, keep bool)
	// Input is the document's text after "入力：".
	Input func(d tasks.Doc) string
	// Form is the reference's version, where it is not 1.1.1.
	Form *Form
}

// Form is what a version of llm-jp-eval does otherwise than 1.1.1.
type Form struct {
	// Prompt puts an instruction, examples and an input together.
	Prompt func(instruction string, shots [][2]string, input string) string
	// Predict reduces a completion to the prediction.
	Predict func(completion string) string
}

// Spec returns the task's description.
func (t Task) Spec() tasks.Spec { return t.About }

// OnInvented returns the task for data that were invented.
func (t Task) OnInvented() tasks.Task {
	if t.Invented != nil {
		t.Exemplars = t.Invented
	}
	return t
}

// At is the rule of a task whose examples stand at fixed positions of its training split.
func At(positions ...int) func(string, []json.RawMessage) ([]int, error) {
	return func(file string, rows []json.RawMessage) ([]int, error) {
		for _, p := range positions {
			if p >= len(rows) {
				return nil, fmt.Errorf("%s: the example at record %d is beyond the %d records", file, p+1, len(rows))
			}
		}
		return positions, nil
	}
}

// Docs returns the evaluated split in file order, every document with the same first examples.
func (t Task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	if most := t.About.MaxShots; shots < 0 || most > 0 && shots > most {
		return nil, fmt.Errorf("%d shots: %s", shots, shotsThere(most))
	}
	examples, err := t.examples(src, shots)
	if err != nil {
		return nil, err
	}
	file, rows, err := src.Rows(t.About.Dataset, t.Evaluated)
	if err != nil {
		return nil, err
	}
	docs, ids := make([]tasks.Doc, 0, len(rows)), record.IDs{}
	for i, raw := range rows {
		r := record.Read(file, i, raw)
		d, keep := t.Read(r)
		ids.Add(r, d.ID.String())
		if err := r.Err(); err != nil {
			return nil, err
		}
		if keep {
			d.Shots = examples
			docs = append(docs, d)
		}
	}
	return docs, nil
}

// examples returns the first shots examples.
func (t Task) examples(src tasks.Source, shots int) ([]tasks.Doc, error) {
	if shots == 0 {
		return nil, nil
	}
	file, rows, err := src.Rows(t.About.Dataset, t.Training)
	if err != nil {
		return nil, err
	}
	at, err := t.Exemplars(file, rows)
	if err != nil {
		return nil, err
	}
	if shots > len(at) {
		return nil, fmt.Errorf("%d shots: the reference draws from %d records of %s", shots, len(at), file)
	}
	examples := make([]tasks.Doc, shots)
	for i := range examples {
		r := record.Read(file, at[i], rows[at[i]])
		examples[i], _ = t.Read(r)
		if err := r.Err(); err != nil {
			return nil, err
		}
	}
	return examples, nil
}

// The prompt's fixed parts. Note what is irregular: no colon after 指示, full-width colons after 入力 and 回答.
const (
	preamble   = "以下はタスクを説明する指示と、追加の背景情報を提供する入力の組み合わせです。要求を適切に満たす回答を書いてください。"
	headTask   = "\n### 指示\n"
	headInput  = "\n### 入力：\n"
	headAnswer = "\n### 回答：\n"
)

// Prompt builds the prompt of one document.
//
// The reference has a branch for no examples that would close the gap they leave, but it compares the list of examples
// with the number 0 and never takes it: three line feeds then stand between the instruction and the input.
func (t Task) Prompt(d tasks.Doc) string {
	if t.Form != nil {
		shots := make([][2]string, len(d.Shots))
		for i, shot := range d.Shots {
			shots[i] = [2]string{t.Input(shot), shot.Target}
		}
		return t.Form.Prompt(t.Instruction, shots, t.Input(d))
	}
	blocks := make([]string, len(d.Shots))
	for i, shot := range d.Shots {
		blocks[i] = headInput + t.Input(shot) + headAnswer + shot.Target
	}
	return preamble + headTask + t.Instruction + "\n" + strings.Join(blocks, "\n") + "\n" + headInput + t.Input(d) + headAnswer
}

// Requests returns the one completion that is asked for. The pipeline has no stop strings.
func (t Task) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{Kind: tasks.Generate, Protocol: t.About.Protocol, Prompt: t.Prompt(d), MaxTokens: t.MaxTokens}}
}

// Outputs returns, under 1.1.1, the NFKC form of the completion's first line. Nothing is stripped, so a completion that begins with
// a line feed gives the empty prediction.
func (t Task) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	predict := func(text string) string { return pytext.FirstLine(pytext.NFKC(text)) }
	if t.Form != nil {
		predict = t.Form.Predict
	}
	prediction := predict(responses[0].Text)
	outputs := make([]string, len(t.About.Metrics))
	for i := range outputs {
		outputs[i] = prediction
	}
	return outputs
}

// Answer fills in a document's reference answer: raw in prompts, NFKC where it is compared.
func Answer(d *tasks.Doc, answer string) {
	d.Target, d.Targets = answer, []string{pytext.NFKC(answer)}
}

// Turns are the examples' inputs and answers, and the document's input; the instruction stands before the first.
func (t Task) Turns(d tasks.Doc) (questions, answers []string) {
	for _, shot := range d.Shots {
		questions, answers = append(questions, t.Input(shot)), append(answers, shot.Target)
	}
	questions = append(questions, t.Input(d))
	questions[0] = t.Instruction + "\n\n" + questions[0]
	return questions, answers
}

// shotsThere says how many examples the reference can give, at most so many where that is not 0.
func shotsThere(most int) string {
	if most == 0 {
		return "the number of examples cannot be negative"
	}
	return fmt.Sprintf("the reference has 0 to %d", most)
}
