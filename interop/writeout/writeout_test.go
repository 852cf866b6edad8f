package writeout

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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// pairText is what Python 3.11 prints for SQuAD's pair in a write-out file.
const pairText = `({'id': '5a', 'prediction_text': "It's", 'no_answer_probability': 0.049787068367863944}, {'id': '5a', 'answers': {'text': ["it's", 'a "b"\n'], 'answer_start': [1, 2]}})`

func TestReadWriteOut(t *testing.T) {
	var b strings.Builder
	var last tasks.WriteOutDoc
	in := `[{"doc_id":0,"prompt_0":"Q until","logit_0":"It's","truth":" it's","prompt_1":"Q unanswerable","logit_1":[-3.0,false],"exact":` + string(mustJSON(pairText)) + `},
		{"doc_id":1,"prompt_0":"a","logit_0":-1.5,"prompt_1":"b","logit_1":-Infinity,"truth":1,"acc":"1.0","acc_norm":0},
		{"doc_id":2,"prompt_0":"a"},{"doc_id":-1},{"doc_id":3},{"doc_id":4,"prompt_0":"a","logit_0":["x",true]},{"doc_id":5,"prompt_0":3,"logit_0":-1},{"doc_id":6,"prompt_0":"a","logit_0":{}},
		{"doc_id":7,"prompt_0":"a","logit_0":NaN,"truth":null},5,null,{"doc_id":null,"prompt_0":"a","logit_0":1}]`
	err := Read("w.json", strings.NewReader(in), func(i int, r tasks.WriteOutDoc, problem error) error {
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
	err = Read("w.json", strings.NewReader(`[{"doc_id":3,"prompt_0":"a","logit_0":-1},{"doc_id":1,"prompt_0":"a","logit_0":-1},{"doc_id":3,"prompt_0":"a","logit_0":-1}]`), none)
	assert.EqualError(t, err, "w.json: record 2: document 3 occurs twice, first as record 0")
	for _, in := range []string{`{"a":1}`, `3`, `[{"doc_id":3`, ``} {
		assert.ErrorContains(t, Read("w.json", strings.NewReader(in), none), "w.json: ", in)
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

func FuzzImportWriteOut(f *testing.F) {
	f.Add([]byte(`[{"doc_id":0,"prompt_0":"p","logit_0":"a","truth":" a","exact":`+string(mustJSON(pairText))+`}]`), pairText)
	f.Add([]byte(`[{"doc_id":1,"prompt_0":"p","logit_0":[-Infinity,false],"truth":1}]`), `({'a': [1, -2.5e-3, None]}, "\u00e9\U0001f600")`)
	f.Fuzz(func(t *testing.T, b []byte, literal string) {
		seen := map[int]bool{}
		err := Read("fuzz", bytes.NewReader(b), func(_ int, r tasks.WriteOutDoc, problem error) error {
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

// scoredFile scores a write-out file of that name under the profile, without data.
func scoredFile(t *testing.T, name, content string) (series.Series, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	list, err := Score(&series.Scorer{Profile: "p", Tasks: ours(), Missing: func(tasks.Spec) string { return "" }}, path)
	if err != nil {
		return series.Series{}, err
	}
	require.Len(t, list, 1)
	return list[0], nil
}

// TestTheTaskOfAFile: the file's name says it, or else the fields of its documents; where neither does, the series is a hole and its
// documents are counted.
func TestTheTaskOfAFile(t *testing.T) {
	const gsm8k = `[{"doc_id":0,"prompt_0":"Question: q\nAnswer:until","logit_0":"so 5.\n#### 5","truth":"#### 5","acc":"1.0"},
		{"doc_id":1,"prompt_0":"Question: r\nAnswer:until","logit_0":"#### 6","truth":"#### 7","acc":"1.0"},
		{"doc_id":2,"prompt_0":"Question: s\nAnswer:until"}]`
	s, err := scoredFile(t, "gsm8k_write_out_info.json", gsm8k)
	require.NoError(t, err)
	assert.Empty(t, s.Hole)
	assert.Equal(t, [2]int{2, 3}, [2]int{s.N, s.Total})
	assert.Equal(t, 0.5, s.Values[0].Value.Value)
	require.Len(t, s.Unscored, 1)
	assert.Equal(t, "logit_0: an answer is missing", s.Unscored[0].Reason)
	require.Len(t, s.Changed, 1, "the second is recorded as right")
	assert.Equal(t, 1, s.Changed[0].Position)

	const squad = `[{"doc_id":3},{"doc_id":0,"prompt_0":"p until","logit_0":"It's","prompt_1":"p unanswerable","logit_1":[-3.0,false],"truth":"x","HasAns_exact":"1","exact":`
	s, err = scoredFile(t, "other.json", squad+string(mustJSON(pairText))+`}]`)
	require.NoError(t, err)
	assert.Empty(t, s.Hole, "the documents' fields say what it is")
	assert.Equal(t, 1, s.N)
	require.Len(t, s.Unscored, 1)
	assert.Equal(t, 0, s.Unscored[0].Record, "what was read before the task was known is not lost")

	s, err = scoredFile(t, "other.json", `[{"doc_id":0,"prompt_0":"p","logit_0":"a"},{"doc_id":1,"prompt_0":"p","logit_0":"a"}]`)
	require.NoError(t, err)
	assert.Equal(t, "neither the file's name, <task>_write_out_info.json, nor its documents say of which task it is", s.Hole)
	assert.Equal(t, 2, s.Total)
	s, err = scoredFile(t, "unheard_write_out_info.json", `[{"doc_id":0,"prompt_0":"p","logit_0":"a"}]`)
	require.NoError(t, err)
	assert.Equal(t, "it is no task of p", s.Hole)
	_, err = scoredFile(t, "gsm8k_write_out_info.json", `[{"doc_id":0,`)
	assert.Error(t, err)
}

// TestChoicesNeedTheirLengths: a file runs contexts and choices together, so that what is normalised by length is a hole that says
// what helps, and the rest is scored.
func TestChoicesNeedTheirLengths(t *testing.T) {
	s, err := scoredFile(t, "hellaswag_write_out_info.json", `[{"doc_id":0,"truth":1,"prompt_0":"a b","logit_0":-2.5,"prompt_1":"a c","logit_1":-1.5,"prompt_2":"a d","logit_2":-9,"prompt_3":"a e","logit_3":-9,"acc":"1.0","acc_norm":"1.0"}]`)
	require.NoError(t, err)
	assert.Empty(t, s.Unscored)
	assert.Equal(t, 1.0, s.Values[0].Value.Value)
	last := s.Values[len(s.Values)-1]
	assert.Equal(t, "acc_norm", last.Metric)
	assert.Contains(t, last.Hole, "contexts and choices together, so their lengths are not known: --data-dir gives them")
}

// ours are the tasks of the profile.
func ours() []tasks.Task { return suite.Default().Tasks }
