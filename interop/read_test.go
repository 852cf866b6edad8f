package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swallow-eval/swallow-eval/internal/python"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/interop/llmjp"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/interop/writeout"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     series.Kind
	}{
		{"own samples", `{"task":"gsm8k","position":0,"doc_id":1,"exchanges":[]}` + "\n{", series.KindSamples},
		{"own run", `{"schema_version":1,"scores":[]}`, series.KindRun},
		{"JP harness", `{"versions":{"mgsm":1},"results":{"mgsm":{"acc":1}}}`, series.KindHarness},
		{"results of something else", `{"results":[1,2]}`, series.KindUnknown},
		{"results without tasks", `{"results":{"a":1}}`, series.KindUnknown},
		{"write-out", `[{"doc_id":0,"prompt_0":"x","logit_0":-1}]`, series.KindWriteOut},
		{"write-out after a damaged record", `[null,{},{"doc_id":0,"prompt_0":"x"}]`, series.KindWriteOut},
		{"lm-eval", `{"doc_id":0,"doc":{"a":[1]},"resps":[["x"]]}`, series.KindLMEval},
		{"lm-eval array", `[{"doc_id":0,"filtered_resps":["x"]}]`, series.KindLMEval},
		{"llm-jp-eval", `{"scores":{"jsquad_char_f1":"0.5000"},"outputs":{}}`, series.KindLLMJP},
		{"llm-jp-eval, order", `{"config":{"a":{"resps":1}},"outputs":{"jsquad":[]}}`, series.KindLLMJP},
		{"llm-jp-eval 1.1", `{"jsts":[],"jsquad":[{"prompt":"p","input":"i","pred":"a","gold":"b"}]}`, series.KindLLMJP},
		{"llm-jp-eval 1.1 scores", `{"AVR":"0.1","jsquad_char_f1":"0.5000"}`, series.KindLLMJPScores},
		{"a configuration", `{"hidden_size":4,"layers":[{"a":1}]}`, series.KindUnknown},
		{"an array", `[1,2,3]`, series.KindUnknown},
		{"a text", `"results"`, series.KindUnknown},
		{"a mark and NaN before", "\ufeff" + `{"x":NaN,"results":{"a":{"acc":-Infinity}}}`, series.KindHarness},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, err := Detect("f", strings.NewReader(c.in))
			require.NoError(t, err)
			assert.Equal(t, c.want, kind)
		})
	}
	for _, in := range []string{"", "no JSON", `{"a"`, `[{"a":`} {
		_, err := Detect("f", strings.NewReader(in))
		assert.ErrorContains(t, err, "f: ", in)
	}
}

func TestDetectFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("{\"doc_id\":0,\"do\n" + `{"doc_id":1,"doc":{},"resps":[]}` + "\n")
	kind, err := DetectFile(path)
	require.NoError(t, err)
	assert.Equal(t, series.KindLMEval, kind, "a damaged first line must not hide the others")
	write("{\n{\n")
	_, err = DetectFile(path)
	assert.Error(t, err)
	_, err = DetectFile(path + "x")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadLLMJPEval(t *testing.T) {
	read := func(in string) (string, llmjp.File, error) {
		var b strings.Builder
		f, err := llmjp.Read("o.json", strings.NewReader(in), func(dataset string, i int, r llmjp.Record, problem error) error {
			fmt.Fprintf(&b, "%s %d {%s %s|%s%s} %v\n", dataset, i, r.Pred, r.Gold, r.Input, r.Prompt, problem)
			return nil
		})
		return b.String(), f, err
	}
	got, f, err := read(`{"config":{"target_dataset":"all","x":[1]},"time":[1],"outputs":{"jsquad":[{"input":"i","pred":"a","gold":"b"},{"pred":"a"},{},{"pred":1,"gold":"b"},null,[]],"other":{}},
		"scores":{"jsquad_char_f1":"0.5000","jsts_pearson":"0.1000","AVR":"0.2","jcommonsenseqa_exact_match":-1}}`)
	require.NoError(t, err)
	assert.Equal(t, "jsquad 0 {a b|i} <nil>\njsquad 1 { |} gold is missing\njsquad 2 { |} pred and gold is missing\n"+
		"jsquad 3 { |} pred is a JSON number, want a string\njsquad 4 { |} pred and gold is missing\njsquad 5 { |} not an object but a JSON array\n", got)
	assert.Equal(t, "all", f.Target)
	assert.Equal(t, []string{"jcommonsenseqa", "jsquad", "jsts"}, f.Scores.Datasets())
	assert.Equal(t, []string{"char_f1"}, f.Scores.Metrics("jsquad"))
	assert.Equal(t, 4, f.Scores["jsquad_char_f1"].Decimals)
	assert.NotEmpty(t, f.Scores["jcommonsenseqa_exact_match"].Hole)

	got, f, err = read(`{"jsquad":[{"prompt":"p","input":"i","pred":"a","gold":"b"}],"niilc":[{"pred":"","gold":"b"}]}`)
	require.NoError(t, err)
	assert.Equal(t, "jsquad 0 {a b|ip} <nil>\nniilc 0 { b|} <nil>\n", got)
	assert.Empty(t, f.Scores)

	got, f, err = read(`{"outputs":[{"pred":"a","gold":"b"}],"config":{"target_dataset":"niilc"}}`)
	require.NoError(t, err)
	assert.Equal(t, " 0 {a b|} <nil>\n", got)
	assert.Equal(t, "niilc", f.Target)

	for _, in := range []string{`[]`, `[1]`, `3`, `{"outputs":{"a":[{"pred":"x"`} {
		if _, _, err := read(in); in != `[]` {
			assert.ErrorContains(t, err, "o.json: ", in)
		}
	}
	scores, err := llmjp.ReadScores("s.json", strings.NewReader(`{"jsquad_char_f1":"0.5000","csv_line":"0.5,0.1"}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"jsquad"}, scores.Datasets())
	_, err = llmjp.ReadScores("s.json", strings.NewReader(`{"jsquad_char_f1":`))
	assert.ErrorContains(t, err, "s.json: ")
}

// pairText is what Python 3.11 prints for SQuAD's pair in a write-out file.
const pairText = `({'id': '5a', 'prediction_text': "It's", 'no_answer_probability': 0.049787068367863944}, {'id': '5a', 'answers': {'text': ["it's", 'a "b"\n'], 'answer_start': [1, 2]}})`

func TestReadWriteOut(t *testing.T) {
	var b strings.Builder
	var last tasks.WriteOutDoc
	in := `[{"doc_id":0,"prompt_0":"Q until","logit_0":"It's","truth":" it's","prompt_1":"Q unanswerable","logit_1":[-3.0,false],"exact":` + string(mustJSON(pairText)) + `},
		{"doc_id":1,"prompt_0":"a","logit_0":-1.5,"prompt_1":"b","logit_1":-Infinity,"truth":1,"acc":"1.0","acc_norm":0},
		{"doc_id":2,"prompt_0":"a"},{"doc_id":-1},{"doc_id":3},{"doc_id":4,"prompt_0":"a","logit_0":["x",true]},{"doc_id":5,"prompt_0":3,"logit_0":-1},{"doc_id":6,"prompt_0":"a","logit_0":{}},
		{"doc_id":7,"prompt_0":"a","logit_0":NaN,"truth":null},5,null,{"doc_id":null,"prompt_0":"a","logit_0":1}]`
	err := writeout.Read("w.json", strings.NewReader(in), func(i int, r tasks.WriteOutDoc, problem error) error {
		if problem != nil {
			fmt.Fprintf(&b, "%d %v\n", i, problem)
		} else {
			last = r
			switch i {
			case 0:
				assert.Equal(t, "It's", *r.Answers[0].Text)
				assert.Equal(t, [2]any{-3.0, false}, [2]any{*r.Answers[1].Log, *r.Answers[1].Greedy})
				pair, err := squadPair(r.Metrics["exact"])
				require.NoError(t, err)
				assert.Equal(t, map[string]string{"prediction_text": "It's", "no_answer_probability": "0.049787068367863944"}, pair.Recorded)
				assert.Equal(t, []string{"it's", "a \"b\"\n"}, pair.References)
				assert.Empty(t, pair.Differences(r.Answers))
			case 1:
				assert.Equal(t, []string{"a", "b"}, r.Prompts)
				assert.True(t, math.IsInf(*r.Answers[1].Log, -1))
				assert.Equal(t, "1", string(r.Truth))
				assert.Equal(t, map[string]string{"acc": "1.0", "acc_norm": "0"}, r.Metrics)
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, `2 logit_0: an answer is missing
3 doc_id is missing or no position
4 prompt_0 and logit_0 are missing
5 logit_0: "x" is not a log-probability
6 prompt_0 is missing or no text
7 logit_0: "{}" is not a log-probability
9 not an object but a JSON number
10 doc_id is missing or no position
11 doc_id is missing or no position
`, b.String())
	assert.True(t, math.IsNaN(*last.Answers[0].Log))
	assert.Nil(t, last.Truth, "null must not read as choice 0")

	none := func(int, tasks.WriteOutDoc, error) error { return nil }
	err = writeout.Read("w.json", strings.NewReader(`[{"doc_id":3,"prompt_0":"a","logit_0":-1},{"doc_id":1,"prompt_0":"a","logit_0":-1},{"doc_id":3,"prompt_0":"a","logit_0":-1}]`), none)
	assert.EqualError(t, err, "w.json: record 2: document 3 occurs twice, first as record 0")
	for _, in := range []string{`{"a":1}`, `3`, `[{"doc_id":3`, ``} {
		assert.ErrorContains(t, writeout.Read("w.json", strings.NewReader(in), none), "w.json: ", in)
	}
	for _, text := range []string{"1.0", "({}, {})", "({'prediction_text': 'a', 'no_answer_probability': 0.5}, {'answers': {'text': [1]}})", "[1, 2, 3]", "(1, 2)"} {
		_, err := squadPair(text)
		assert.Error(t, err, text)
	}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// sample is a line of lm-eval 0.4 with the given members.
func lmevalLine(id int, filter, hash string) string {
	return fmt.Sprintf(`{"doc_id":%d,"doc":{"q":%d},"target":"t","arguments":{"gen_args_0":{"arg_0":"p","arg_1":{"until":[]}}},"resps":[["x"]],"filtered_resps":["x"],"filter":%q,"metrics":["exact_match"],"doc_hash":%q,"prompt_hash":"p","target_hash":"t","exact_match":1.0}`, id, id, filter, hash)
}

func TestReadLMEval(t *testing.T) {
	read := func(in string) (string, []lmeval.Sample, error) {
		var b strings.Builder
		var list []lmeval.Sample
		err := lmeval.Read("s.jsonl", strings.NewReader(in), func(at series.Place, s lmeval.Sample, problem error) error {
			if problem != nil {
				fmt.Fprintf(&b, "%s: %v\n", at, problem)
			} else {
				fmt.Fprintf(&b, "%s: %s %s\n", at, s.DocID, s.Filter)
				list = append(list, s)
			}
			return nil
		})
		return b.String(), list, err
	}
	// Several filters are several series, in any order; equal documents with other numbers are documents.
	got, list, err := read(lmevalLine(1, "strict", "h") + "\n\n" + lmevalLine(0, "strict", "h") + "\n" + lmevalLine(1, "flexible", "h"))
	require.NoError(t, err)
	assert.Equal(t, "line 1: 1 strict\nline 3: 0 strict\nline 4: 1 flexible\n", got)
	assert.Equal(t, "x", *list[0].Answers[0].Text)
	assert.Equal(t, "x", *list[0].Filtered[0].Text)
	assert.Equal(t, map[string]json.RawMessage{"exact_match": json.RawMessage("1.0")}, list[0].Metrics)

	_, _, err = read(lmevalLine(1, "strict", "h") + "\n" + lmevalLine(2, "strict", "h") + "\n" + lmevalLine(1, "strict", "h"))
	assert.EqualError(t, err, "s.jsonl: line 3: document 1 under filter strict occurs twice, first on line 1")

	// Damaged lines are reported one by one; a torn last one, too.
	got, _, err = read(`{"doc_id":0}` + "\n" + `{"doc_id":1,"doc":{},"resps":"x","filtered_resps":[]}` + "\nnot JSON\n" +
		`{"doc_id":2,"doc":{},"resps":[["a","b"]],"filtered_resps":[]}` + "\n" + `{"doc_id":3,"doc":{},"resps":[[{}]],"filtered_resps":[]}` + "\n" +
		`{"doc_id":4,"doc":{},"resps":[["a"]],"filtered_resps":["a"],"filter":3}` + "\n" + lmevalLine(5, "f", "h") + "\n" + lmevalLine(6, "f", "h")[:40])
	require.NoError(t, err)
	assert.Equal(t, `line 1: doc is missing
line 2: resps is not a list of requests' lists of answers
line 3: invalid character 'o' in literal null (expecting 'u')
line 4: resps holds 2 answers to request 0, want 1
line 5: resps of request 0: "{}" is not a log-probability
line 6: filter is not a name
line 7: 5 f
line 8: unexpected end of JSON input
`, got)

	// Log-likelihoods are pairs of texts, or as Python wrote them.
	_, list, err = read(`{"doc_id":0,"doc":{},"resps":[[["-1.5","False"]],[[NaN,true]],[[-Infinity,true]]],"filtered_resps":[["-1.5","False"],["nan","True"],["-inf","True"]],"filter":"none","acc":1.0,"metrics":["acc"]}`)
	require.NoError(t, err)
	assert.Equal(t, [2]any{-1.5, false}, [2]any{*list[0].Answers[0].Log, *list[0].Answers[0].Greedy})
	assert.True(t, math.IsNaN(*list[0].Filtered[1].Log))
	assert.True(t, math.IsInf(*list[0].Filtered[2].Log, -1))

	// An array without filters' names, as until 0.4.2: series by repetition.
	old := func(ids ...int) string {
		var parts []string
		for _, id := range ids {
			parts = append(parts, fmt.Sprintf(`{"doc_id":%d,"doc":{},"target":[1],"arguments":[["p",{}]],"resps":[["x"]],"filtered_resps":[["x"]],"exact_match":0}`, id))
		}
		return "[\n" + strings.Join(parts, ",") + "]"
	}
	got, list, err = read(old(3, 1, 3, 1))
	require.NoError(t, err)
	assert.Equal(t, "record 0: 3 series 1\nrecord 1: 1 series 1\nrecord 2: 3 series 2\nrecord 3: 1 series 2\n", got)
	assert.Equal(t, map[string]json.RawMessage{"exact_match": json.RawMessage("0")}, list[0].Metrics)
	assert.Equal(t, "[1]", list[0].Target)
	_, _, err = read(old(3, 1, 3))
	assert.EqualError(t, err, "s.jsonl: record 2: document 3 occurs twice, first on record 0")
	_, _, err = read(old(3, 1, 1))
	assert.ErrorContains(t, err, "record 2: document 1 under filter series 1 occurs twice, first on record 1")
	_, _, err = read(`[{"doc_id":0`)
	assert.EqualError(t, err, "s.jsonl: the JSON ends too early")

	got, _, err = read("")
	require.NoError(t, err)
	assert.Empty(t, got)
}

func FuzzImportLMEval(f *testing.F) {
	f.Add([]byte(lmevalLine(0, "strict", "h") + "\n" + lmevalLine(0, "flexible", "h")))
	f.Add([]byte(`[{"doc_id":0,"doc":{},"resps":[[["-1.0","True"]]],"filtered_resps":[["-1.0","True"]],"acc":NaN}]`))
	f.Add([]byte("{\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		seen := map[string]bool{}
		err := lmeval.Read("fuzz", bytes.NewReader(b), func(_ series.Place, s lmeval.Sample, problem error) error {
			if problem == nil {
				key := s.Filter + "\x00" + string(s.DocID)
				assert.False(t, seen[key], "a duplicate was handed on")
				seen[key] = true
				assert.NotEmpty(t, s.Filter)
			}
			return nil
		})
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "fuzz: "), err.Error())
		}
		if _, err := Detect("fuzz", bytes.NewReader(b)); err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "fuzz: "), err.Error())
		}
	})
}

func FuzzImportLLMJPEval(f *testing.F) {
	f.Add([]byte(`{"scores":{"jsquad_char_f1":"0.5000"},"outputs":{"jsquad":[{"input":"i","pred":"a","gold":"b"}]},"config":{"target_dataset":"all"}}`))
	f.Add([]byte(`{"jsquad":[{"pred":"a","gold":"b"},null]}`))
	f.Add([]byte(`{"outputs":[{"pred":Infinity}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := llmjp.Read("fuzz", bytes.NewReader(b), func(_ string, _ int, r llmjp.Record, problem error) error {
			if problem != nil {
				assert.Zero(t, r)
			}
			return nil
		})
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "fuzz: "), err.Error())
			return
		}
		for _, dataset := range file.Scores.Datasets() {
			assert.NotEmpty(t, file.Scores.Metrics(dataset))
		}
	})
}

func FuzzImportWriteOut(f *testing.F) {
	f.Add([]byte(`[{"doc_id":0,"prompt_0":"p","logit_0":"a","truth":" a","exact":`+string(mustJSON(pairText))+`}]`), pairText)
	f.Add([]byte(`[{"doc_id":1,"prompt_0":"p","logit_0":[-Infinity,false],"truth":1}]`), `({'a': [1, -2.5e-3, None]}, "\u00e9\U0001f600")`)
	f.Fuzz(func(t *testing.T, b []byte, literal string) {
		seen := map[int]bool{}
		err := writeout.Read("fuzz", bytes.NewReader(b), func(_ int, r tasks.WriteOutDoc, problem error) error {
			if problem == nil {
				assert.Equal(t, len(r.Prompts), len(r.Answers))
				assert.False(t, seen[r.DocID])
				seen[r.DocID] = true
				_, _ = squadPair(r.Metrics["exact"])
			}
			return nil
		})
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "fuzz: "), err.Error())
		}
		_, _ = squadPair(literal)
	})
}

// squadPair reads what str() of SQuAD 2.0's pair gives.
func squadPair(text string) (tasks.PairOf, error) {
	v, err := python.Literal(text)
	if err != nil {
		return tasks.PairOf{}, err
	}
	for _, t := range ours() {
		if pair := t.Spec().Known().Pair; pair != nil {
			return pair.Read(v)
		}
	}
	return tasks.PairOf{}, errors.New("no task has pairs")
}
