// Package jsquad is JSQuAD as llm-jp-eval 1.1.1 asks it: a paragraph, a question, an answer of at most twenty-five
// tokens, scored by likeness of characters with the first annotator's answer alone.
package jsquad

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/llmjp"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

const instruction = "質問に対する回答を文章から一言で抽出してください。回答は名詞で答えてください。 それ以外には何も含めないことを厳守してください。"

// exemplar identifies one of the reference's four examples. Its source spells them out; here each is a title and the
// sha256 of context, question and answer joined by line feeds, which finds the record in the training file and proves
// that its text is the reference's.
type exemplar struct{ title, digest string }

func exemplars() []exemplar {
	return []exemplar{
		{"聖武天皇", "04f4d3e3dca7d14b0cebc4e4c520815fdd2ac4b6d58e4ef8a5a45da239c0dbc5"},
		{"通称", "399847c380859a613f1226d7d870e0adabdb53db05664eefbba74ce848238e5b"},
		{"坂本龍一", "dc111953e6822128dc90dafc4dc5944cbc57b9936e40068e00d5c2c9f4175e41"},
		{"リリーフ", "eacba1cb4a348e93af77f948f8817e8a4170398dca6e8132167962d7ea17de1c"},
	}
}

// New returns the task. On data that are not JGLUE and say so themselves it takes the first examples of the training
// split. The reference has no such rule: it carries its four examples as text.
func New() tasks.Task {
	return llmjp.Task{
		About: tasks.Spec{
			Name: "jsquad", Reference: "jsquad", Title: "JSQuAD", Language: "ja", Foreign: foreign,
			Shots: 4, MaxShots: llmjp.MaxShots, Dataset: "jsquad", Version: llmjp.Version, Protocol: tasks.LLMJPEval,
			Source: llmjp.Source("jsquad"), Metrics: []metrics.Metric{metrics.CharF1()},
		},
		Instruction: instruction,
		MaxTokens:   25,
		Evaluated:   "validation", Training: "train",
		Exemplars: find,
		Invented:  llmjp.At(0, 1, 2, 3),
		Read:      read,
		Input:     func(d tasks.Doc) string { return "文章：" + d.Context + "\n質問：" + d.Input },
	}
}

// read takes the first of two or three answers. A document's article is what its id says before the "p" of the paragraph.
func read(r *record.Record) (tasks.Doc, bool) {
	id := r.Filled("id")
	d := tasks.Doc{ID: tasks.TextID(id), Context: r.Filled("context"), Input: r.Filled("question")}
	if i := strings.LastIndexByte(id, 'p'); i > 0 {
		d.Cluster = id[:i]
	}
	answers := r.Object("answers").Texts("text")
	if len(answers) == 0 || answers[0] == "" {
		r.Fail("there is no answer")
		return d, true
	}
	llmjp.Answer(&d, answers[0])
	return d, true
}

// find returns the rows of the exemplars.
func find(file string, rows []json.RawMessage) ([]int, error) {
	wanted := exemplars()
	at := make([]int, len(wanted))
	for i := range at {
		at[i] = -1
	}
	for row, raw := range rows {
		r := record.Read(file, row, raw)
		title := r.Text("title")
		for i, e := range wanted {
			if title != e.title || at[i] >= 0 {
				continue
			}
			if d, _ := read(r); digest(d) == e.digest {
				at[i] = row
			}
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
	}
	for i, e := range wanted {
		if at[i] < 0 {
			return nil, fmt.Errorf("%s: example %d (%s) is not among the %d records with the reference's text", file, i+1, e.title, len(rows))
		}
	}
	return at, nil
}

func digest(d tasks.Doc) string {
	sum := sha256.Sum256([]byte(d.Context + "\n" + d.Input + "\n" + d.Target))
	return hex.EncodeToString(sum[:])
}

// New13 returns the task as llm-jp-eval 1.3.0 asks it: its examples are drawn from the whole training file.
func New13() tasks.Task {
	t := New().(llmjp.Task)
	t.About.Metrics = []metrics.Metric{metrics.CharF113()}
	t = llmjp.In13(t, instruction, "jsquad")
	drawn := t.Exemplars
	t.Invented = drawn
	t.Exemplars = func(file string, rows []json.RawMessage) ([]int, error) {
		if len(rows) <= llmjp.MaxShots { // what stands in for the file under 1.1.1
			return nil, fmt.Errorf("%s: the examples are drawn from the whole training file of JSQuAD, this one has %d records", file, len(rows))
		}
		return drawn(file, rows)
	}
	return t
}
