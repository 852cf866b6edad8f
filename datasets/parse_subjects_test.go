package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubjects(t *testing.T) {
	bom := "\xef\xbb\xbf"
	for _, c := range []struct {
		format        Format
		path, content string
		want          []string
		err           string
	}{
		{JMMLU, "jmmlu/virology.csv", bom + "q,a,b,c,d,A\r\n\"two\rlines\",1,\"x, y\",3,4,D\n", []string{
			`{"subject":"virology","row":0,"question":"q","choices":["a","b","c","d"],"answer":"A"}`,
			`{"subject":"virology","row":1,"question":"two\nlines","choices":["1","x, y","3","4"],"answer":"D"}`,
		}, ""},
		{JMMLU, "jmmlu/virology.csv", "q,a,b,c,A\n", nil, "jmmlu/virology.csv:1: malformed data: 5 columns, want 6"},
		{JMMLU, "jmmlu/virology.csv", "q,\"a\n", nil, "jmmlu/virology.csv:1: malformed data: a quoted field is not closed"},
		{MMLU, "mmlu/test/anatomy_test.csv.gz", "question,choice0,choice1,choice2,choice3,answer\nq,a,b,c,d,3\n", []string{
			`{"question":"q","subject":"anatomy","choices":["a","b","c","d"],"answer":3}`,
		}, ""},
		{MMLU, "mmlu/dev/anatomy_dev.csv", "h,h,h,h,h,h\nq,a,b,c,d,D\n", nil, `mmlu/dev/anatomy_dev.csv:2: malformed data: the answer "D" is not a whole number`},
		{BBH, "bbh/bbh/snarks.json", `{"canary":"c","examples":[{"input":"i","target":"(A)"},{"input":"j"}]}`, []string{
			`{"subject":"snarks","input":"i","target":"(A)"}`, `{"subject":"snarks","input":"j","target":null}`,
		}, ""},
		{BBH, "bbh/bbh/snarks.json", `{"canary":"c"}`, nil, `bbh/bbh/snarks.json: malformed data: there is no array "examples"`},
		{BBH, "bbh/bbh/snarks.json", "{\n[", nil, "bbh/bbh/snarks.json:2: malformed data: invalid character"},
		{TextFiles, "bbh/cot-prompts/snarks.txt", "a\n-----\nb\n", []string{`{"subject":"snarks","text":"a\n-----\nb\n"}`}, ""},
	} {
		name := fmt.Sprint(c.format, " ", c.content)
		rows, err := parse(c.format, []string{c.path}, [][]byte{[]byte(c.content)})
		if c.err != "" {
			assert.ErrorContains(t, err, c.err, name)
			continue
		}
		require.NoError(t, err, name)
		var got []string
		for _, r := range rows {
			got = append(got, string(r))
		}
		assert.Equal(t, c.want, got, name)
	}
	require.NoError(t, JMMLU.check([]byte(bom+"q")))
	require.Error(t, JMMLU.check([]byte("\xff")))
	require.Error(t, MMLU.check([]byte(bom+"q")))
}

// TestPins: every line of the table is a file of a layout.
func TestPins(t *testing.T) {
	n := 0
	for _, s := range laterSplits() {
		for _, l := range s.Layouts {
			if len(l.Files) > 1 {
				n += len(l.Files)
			}
		}
	}
	assert.Equal(t, 53+2*57+2*27, n)
}

// FuzzSubjects reads the later profiles' files as each of their forms, under one subject's name.
func FuzzSubjects(f *testing.F) {
	for _, format := range []Format{JMMLU, MMLU, BBH, TextFiles} {
		fuzzed := func(content []byte) ([]json.RawMessage, error) {
			return parseSubjects(format, []string{"x/anatomy_test.csv"}, [][]byte{content})
		}
		_, err := fuzzed([]byte("\xff"))
		require.True(f, err == nil || errors.Is(err, ErrMalformed), "%v", err)
	}
	for _, s := range []string{
		"\xef\xbb\xbfq,a,b,c,d,A\r\n", "question,A,B,C,D,answer\nq,a,b,c,d,3\n", "\"q\nq\",a,b,c,d,B", "a,b", "\"", `{"canary":"c","examples":[{"input":"i","target":"t"}]}`,
		`{"examples":{}}`, `{"examples":[1]}`, "canary\n-----\nQ: a\n", "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range []Format{JMMLU, MMLU, BBH, TextFiles} {
			rows, err := parseSubjects(format, []string{"x/anatomy_test.csv"}, [][]byte{content})
			if err != nil {
				require.ErrorIs(t, err, ErrMalformed)
				continue
			}
			for _, row := range rows {
				var v map[string]any
				require.NoError(t, json.Unmarshal(row, &v))
				require.Equal(t, "anatomy", v["subject"])
			}
		}
	})
}
