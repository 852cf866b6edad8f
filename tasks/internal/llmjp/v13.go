package llmjp

import (
	"encoding/json"
	"strings"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// Source13 is where a task's module lies in llm-jp-eval 1.3.0.
func Source13(module string) string {
	return "swallow-llm/swallow-evaluation llm-jp-eval/src/llm_jp_eval/datasets/" + module + ".py @ 635f5a8 (v202411.p1)"
}

// Version13 is the version of the tasks of the later profiles.
const Version13 = "1.3.0"

// Prompt13 is the prompt of llm-jp-eval 1.3.0 (src/llm_jp_eval/prompts.py and utils.py): an empty line before every head, and ASCII colons.
func Prompt13(instruction string, shots [][2]string, input string) string {
	var b strings.Builder
	b.WriteString("以下は、タスクを説明する指示と、文脈のある入力の組み合わせです。要求を適切に満たす応答を書きなさい。\n\n### 指示:\n" + instruction)
	for _, shot := range shots {
		b.WriteString("\n\n### 入力:\n" + shot[0] + "\n\n### 応答:\n" + shot[1])
	}
	b.WriteString("\n\n### 入力:\n" + input + "\n\n### 応答:\n")
	return b.String()
}

// Predict13 is the prediction of a completion: what precedes the first empty line, stripped, in NFKC. A single line feed stays
// within it. So since f0c0310 of swallow-evaluation (2024-06-22), which v202411 has.
func Predict13(completion string) string {
	before, _, _ := strings.Cut(completion, "\n\n")
	return pytext.NFKC(pytext.Strip(before))
}

// Predict13Unstripped is the prediction before that, in v202407.
func Predict13Unstripped(completion string) string {
	before, _, _ := strings.Cut(completion, "\n\n")
	return pytext.NFKC(before)
}

// shuffleSeed seeds the data step (scripts/preprocess_dataset.py).
const shuffleSeed = 42

// Shuffled is the rule of examples of llm-jp-eval 1.3.0: the training file is shuffled, without the records that read leaves out,
// and the examples are the first of what that gives, the same for every document.
func Shuffled(read func(r *record.Record) (tasks.Doc, bool)) func(file string, rows []json.RawMessage) ([]int, error) {
	return func(file string, rows []json.RawMessage) ([]int, error) {
		kept := make([]int, 0, len(rows))
		for i, raw := range rows {
			r := record.Read(file, i, raw)
			if _, keep := read(r); keep {
				kept = append(kept, i)
			}
			if err := r.Err(); err != nil {
				return nil, err
			}
		}
		order := fewshot.New(shuffleSeed).Permutation(len(kept))
		// The reference leaves the last tenth to another file.
		at := make([]int, int(0.9*float64(len(order))))
		for i := range at {
			at[i] = kept[order[i]]
		}
		return at, nil
	}
}

// In13 returns a task of 1.1.1 as llm-jp-eval 1.3.0 asks it, under another instruction: the examples are drawn, and the prompt
// and what is read of a completion are others. The wrapper is that of the profile swallow-202411.
func In13(t Task, instruction, module string) Task {
	t.Instruction = instruction
	t.About.Version, t.About.Source, t.About.Protocol = Version13, Source13(module), tasks.LLMJPEval0411
	t.About.MaxShots = 0
	t.Form = &Form{Prompt: Prompt13, Predict: Predict13}
	t.Exemplars, t.Invented = Shuffled(t.Read), nil
	return t
}

// Unstripped returns a task of 1.3.0 as v202407 scored it.
func Unstripped(t tasks.Task) tasks.Task {
	task := t.(Task)
	task.About.Protocol = tasks.LLMJPEval0407
	task.Form = &Form{Prompt: Prompt13, Predict: Predict13Unstripped}
	return task
}
