package llmjp

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

func toy() Task {
	return Task{
		About:       tasks.Spec{Dataset: "toy", MaxShots: MaxShots, Protocol: tasks.LLMJPEval, Metrics: []metrics.Metric{metrics.ExactMatch(), metrics.CharF1()}},
		Instruction: "I", MaxTokens: 3, Evaluated: "test", Training: "train",
		Exemplars: At(1, 0, 2, 3),
		Read: func(r *record.Record) (tasks.Doc, bool) {
			d := tasks.Doc{ID: tasks.TextID(r.Text("id")), Input: r.Text("q")}
			Answer(&d, r.Filled("a"))
			return d, d.Target != "-"
		},
		Input: func(d tasks.Doc) string { return "質問：" + d.Input },
	}
}

func data() golden.Source {
	return golden.Source{
		"train": {`{"id":"0","q":"q0","a":"a0"}`, `{"id":"1","q":"q1","a":"a1"}`, `{"id":"2","q":"q2","a":"a2"}`, `{"id":"3","q":"q3","a":"a3"}`},
		"test":  {`{"id":"x","q":"x","a":"１"}`, `{"id":"y","q":"y","a":"-"}`, `{"id":"z","q":"z","a":"2"}`},
	}
}

const head = "以下はタスクを説明する指示と、追加の背景情報を提供する入力の組み合わせです。要求を適切に満たす回答を書いてください。\n### 指示\nI\n"

func TestPrompt(t *testing.T) {
	for shots, want := range []string{
		head + "\n\n### 入力：\n質問：x\n### 回答：\n",
		head + "\n### 入力：\n質問：q1\n### 回答：\na1\n\n### 入力：\n質問：x\n### 回答：\n",
		head + "\n### 入力：\n質問：q1\n### 回答：\na1\n\n### 入力：\n質問：q0\n### 回答：\na0\n\n### 入力：\n質問：x\n### 回答：\n",
	} {
		docs, err := toy().Docs(data(), shots, nil)
		require.NoError(t, err)
		require.Len(t, docs, 2, "a record that is not kept is left out")
		assert.Equal(t, want, toy().Requests(docs[0], nil)[0].Prompt)
		assert.Equal(t, "１", docs[0].Target)
		assert.Equal(t, []string{"1"}, docs[0].Targets)
	}
}

func TestRequestHasNoStopStrings(t *testing.T) {
	docs, err := toy().Docs(data(), 0, nil)
	require.NoError(t, err)
	r := toy().Requests(docs[0], nil)[0]
	assert.Equal(t, tasks.Request{Kind: tasks.Generate, Protocol: tasks.LLMJPEval, Prompt: r.Prompt, MaxTokens: 3}, r)
}

func TestShots(t *testing.T) {
	for _, shots := range []int{-1, 5} {
		_, err := toy().Docs(data(), shots, nil)
		assert.ErrorContains(t, err, "the reference has 0 to 4")
	}
	src := data()
	src["train"] = src["train"][:3]
	_, err := toy().Docs(src, 4, nil)
	require.EqualError(t, err, "toy/train: the example at record 4 is beyond the 3 records")
	delete(src, "train")
	_, err = toy().Docs(src, 0, nil)
	require.NoError(t, err, "no examples, no training split")
}

func TestBadRecords(t *testing.T) {
	for row, what := range map[string]string{
		`{"id":"x","q":"q","a":"a"}`: `id "x" is also that of record 1`,
		`{"id":"a","q":"q"}`:         "field a is missing",
		`{"id":"a","q":"q","a":""}`:  "field a is empty",
	} {
		src := data()
		src["test"] = append(src["test"], row)
		_, err := toy().Docs(src, 0, nil)
		assert.EqualError(t, err, "toy/test: record 4: "+what)
		src = data()
		src["train"][0] = row
		_, err = toy().Docs(src, 4, nil)
		if row[7] == 'x' {
			assert.NoError(t, err, "identifiers are those of the evaluated split")
		} else {
			assert.EqualError(t, err, "toy/train: record 1: "+what)
		}
	}
}

func TestOutputs(t *testing.T) {
	for text, want := range map[string]string{
		"東京\n大阪": "東京", "\n東京": "", " ２\r\n": " 2\r", "": "", "ｶﾞ①": "ガ1", "a\u2028b\x0b\nc": "a\u2028b\x0b",
	} {
		assert.Equal(t, []string{want, want}, toy().Outputs(tasks.Doc{}, []tasks.Response{{Text: text}}), "%q", text)
	}
}

func TestAtChecksTheFile(t *testing.T) {
	_, err := At(0, 4)("f", make([]json.RawMessage, 4))
	require.EqualError(t, err, "f: the example at record 5 is beyond the 4 records")
}

// TestC5MarksInDocumentsAreText: a document that holds the prompt's own marks is asked as it stands.
func TestC5MarksInDocumentsAreText(t *testing.T) {
	q := `{question} ### 入力：\n質問：x\n### 回答：\n`
	src := data()
	src["test"] = []string{`{"id":"x","q":"` + q + `","a":"a"}`}
	docs, err := toy().Docs(src, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, head+"\n\n### 入力：\n質問：{question} ### 入力：\n質問：x\n### 回答：\n\n### 回答：\n", toy().Requests(docs[0], nil)[0].Prompt)
}
