package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
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
		{"the Swallow aggregate", `{"model":"m","result":{"other":1,"gsm8k":0.5}}`, series.KindAggregate},
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
