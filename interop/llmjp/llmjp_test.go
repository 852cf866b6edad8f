package llmjp

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

func TestReadLLMJPEval(t *testing.T) {
	read := func(in string) (string, File, error) {
		var b strings.Builder
		f, err := Read("o.json", strings.NewReader(in), func(dataset string, i int, r Record, problem error) error {
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
	scores, err := ReadScores("s.json", strings.NewReader(`{"jsquad_char_f1":"0.5000","csv_line":"0.5,0.1"}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"jsquad"}, scores.Datasets())
	_, err = ReadScores("s.json", strings.NewReader(`{"jsquad_char_f1":`))
	assert.ErrorContains(t, err, "s.json: ")
}

func FuzzImportLLMJPEval(f *testing.F) {
	f.Add([]byte(`{"scores":{"jsquad_char_f1":"0.5000"},"outputs":{"jsquad":[{"input":"i","pred":"a","gold":"b"}]},"config":{"target_dataset":"all"}}`))
	f.Add([]byte(`{"jsquad":[{"pred":"a","gold":"b"},null]}`))
	f.Add([]byte(`{"outputs":[{"pred":Infinity}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read("fuzz", bytes.NewReader(b), func(_ string, _ int, r Record, problem error) error {
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

// scored scores a file of outputs under the profile, beside files of scores.
func scored(t *testing.T, outputs string, beside map[string]string) ([]series.Series, *Scorer, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "output_a.json")
	require.NoError(t, os.WriteFile(path, []byte(outputs), 0o600))
	s := &Scorer{Scorer: &series.Scorer{Profile: "p", Tasks: suite.Default().Tasks, Missing: func(tasks.Spec) string { return "" }}}
	for name, text := range beside {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		require.NoError(t, s.Scores(filepath.Join(dir, name)))
	}
	list, err := s.Outputs(path)
	return list, s, err
}

// TestScoresAreBesideOutputs: score_X.json belongs to output_X.json, a folder's only file of scores to any, and of several none that
// is named otherwise.
func TestScoresAreBesideOutputs(t *testing.T) {
	const outputs = `{"niilc":[{"pred":"a","gold":"a"},{"pred":"a","gold":"b"}]}`
	right, wrong := `{"niilc_char_f1":"0.5000"}`, `{"niilc_char_f1":"0.9000"}`
	for _, c := range []struct {
		beside  map[string]string
		verdict string
		without int
	}{
		{map[string]string{"score_a.json": right, "score_b.json": wrong}, "identical to 4 decimals", 1},
		{map[string]string{"other.json": wrong}, string(series.Different), 0},
		{map[string]string{"score_b.json": right, "score_c.json": right}, "not recorded", 2},
		{nil, "not recorded", 0},
	} {
		list, s, err := scored(t, outputs, c.beside)
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, 2, list[0].N)
		assert.Equal(t, 0.5, list[0].Values[0].Value.Value)
		assert.Equal(t, c.verdict, list[0].Values[0].Verdict, "%v", c.beside)
		assert.Len(t, s.WithoutOutputs(), c.without, "%v", c.beside)
	}
}

// TestDataSetsOfAFile: each is scored under what is recorded of it, and what cannot be is a hole with its reason.
func TestDataSetsOfAFile(t *testing.T) {
	list, _, err := scored(t, `{"scores":{"jsquad_char_f1":"1.0000","jsts_pearson":"0.5","chabsa_set_f1":"0.1"},
		"outputs":{"jsquad":[{"pred":"東京","gold":"東京"},{"gold":"x"}],"jsts":[{"pred":"1","gold":"1"}],"unheard":[{"pred":"1","gold":"1"}]}}`, nil)
	require.NoError(t, err)
	got := map[string]string{}
	for _, s := range list {
		got[s.Source] = fmt.Sprintf("%d of %d %s", s.N, s.Total, s.Hole)
		if s.Source == "jsquad" {
			assert.Equal(t, 1.0, s.Values[0].Value.Value)
			require.Len(t, s.Unscored, 1)
			assert.Equal(t, "pred is missing", s.Unscored[0].Reason)
		}
	}
	assert.Equal(t, map[string]string{
		"jsquad": "1 of 2 ", "jsts": "0 of 1 pearson: none of this program's metrics",
		"unheard": "0 of 1 no score is recorded for it and it is no task of p, so its metric is not known",
		"chabsa":  "0 of 0 a score is recorded, and the file holds no outputs",
	}, got)

	list, _, err = scored(t, `{"outputs":[{"pred":"a","gold":"a"}]}`, nil)
	require.NoError(t, err)
	assert.Equal(t, "the file does not say of which data set its outputs are", list[0].Hole)
	for in, want := range map[string]string{`{"a":[{"pred":"a","gold":"a"}],"a":[{"pred":"a","gold":"a"}]}`: "occur twice", `{}`: "it holds no outputs", `{"a":[`: "too early"} {
		_, _, err := scored(t, in, nil)
		assert.ErrorContains(t, err, want, in)
	}
	assert.True(t, IsScore("jsquad_char_f1"))
	assert.False(t, IsScore("char_f1"))
}
