package datasets

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func join(rows []json.RawMessage) string {
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = string(r)
	}
	return strings.Join(parts, "\n")
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		format Format
		in     []string
		want   string
	}{
		"JSONL": {JSONL, []string{"{\"a\":1}\n {\"b\": \"x\\ny\"}\r\n{}"}, "{\"a\":1}\n{\"b\": \"x\\ny\"}\n{}"},
		"array": {JSONArray, []string{" [{\"a\":1},\n{\"b\":[2]}]\n"}, "{\"a\":1}\n{\"b\":[2]}"},
		"SQuAD": {SQuAD, []string{`{"version":"x","data":[{"title":"T","paragraphs":[{"context":"C","qas":[
			{"id":"1","question":"Q","answers":[{"text":"A","answer_start":3},{"text":null}],"is_impossible":false},
			{"id":"2","question":7,"answers":[]},{"question":null}]}]}]}`},
			`{"id":"1","title":"T","context":"C","question":"Q","answers":{"text":["A",null],"answer_start":[3,null]}}` + "\n" +
				`{"id":"2","title":"T","context":"C","question":7,"answers":{"text":[],"answer_start":[]}}` + "\n" +
				`{"title":"T","context":"C","question":null,"answers":{"text":[],"answer_start":[]}}`},
		"exemplars": {JSQuADExemplars, []string{`[{"position":0,"title":"T","context":"C","question":"Q","answer":"A"}]`},
			`{"id":"exemplar-0","title":"T","context":"C","question":"Q","answers":{"text":["A"],"answer_start":[]}}`},
		"NIILC": {NIILC, []string{"<?xml version='1.0' encoding=\"UTF-8\"?>\n<!-- c --><questions>\n<question id=\"q1\"><text>\u3000 何？<!-- c -->&amp; </text>" +
			"<answers><answer> 4年\n</answer><answer>\u3000</answer><answer/></answers><meta><B1>x<C/></B1></meta></question>\n<question><text/></question></questions>\n"},
			`{"id":"q1","text":"何？&","answers":["4年",null,null]}` + "\n" + `{"text":null}`},
		"TSV": {MGSM, []string{"問\"い\t2,125\r\n\"a\tb\n\"\"c\"d\t -5 \nx\t7"},
			`{"question":"問\"い","answer":null,"answer_number":2125,"equation_solution":null}` + "\n" +
				`{"question":"a\tb\n\"cd","answer":null,"answer_number":-5,"equation_solution":null}` + "\n" +
				`{"question":"x","answer":null,"answer_number":7,"equation_solution":null}`},
		"CSV": {CSV, []string{"id,text\n\n1,\"a,\"\"b\"\"\nc\"\n2,\n"},
			`{"id":"1","text":"a,\"b\"\nc"}` + "\n" + `{"id":"2","text":""}`},
		"pairs": {LinePairs, []string{"a\u2028b \u3000\r\n\n c", "x\n<&>\ny\n"},
			"{\"src\":\"a\\u2028b\",\"ref\":\"x\"}\n{\"src\":\"\",\"ref\":\"<&>\"}\n{\"src\":\" c\",\"ref\":\"y\"}"},
	} {
		t.Run(name, func(t *testing.T) {
			var contents [][]byte
			for _, s := range c.in {
				contents = append(contents, []byte(s))
			}
			rows, err := parse(c.format, []string{"f", "g"}, contents)
			require.NoError(t, err)
			assert.Equal(t, c.want, join(rows))
		})
	}
}

// TestEmptyLinesAtTheEnd: whatever the format, what an editor adds behind the last record changes nothing.
func TestEmptyLinesAtTheEnd(t *testing.T) {
	for format, in := range map[Format][]string{
		JSONL:           {`{"a":1}` + "\n" + `{"b":2}` + "\n"},
		JSONArray:       {`[{"a":1}]`},
		SQuAD:           {`{"data":[{"title":"T","paragraphs":[{"context":"C","qas":[{"id":"1","question":"Q","answers":[]}]}]}]}`},
		JSQuADExemplars: {`[{"position":0,"title":"T","context":"C","question":"Q","answer":"A"}]`},
		NIILC:           {"<questions><question><text>何</text></question></questions>"},
		MGSM:            {"a\t1\nb\t2\n"},
		MGSMExemplars: {"EXEMPLAR_NUMBER_ANSWERS = [1]\nEXEMPLAR_EQUATION_SOLUTIONS = [\"1\"]\n" +
			"MGSM_EXEMPLARS = {\"ja\": {\"1\": {\"q\": \"問\", \"a\": \"答\"}}}\n"},
		CSV:       {"id,text\n1,\"a\n\"\n2,\n"},
		LinePairs: {"a\n\nb\n", "x\n\ny\n"},
		SGM:       {"<doc>\n<seg id=\"1\">a</seg>\n</doc>\n", "<doc>\n<seg id=\"1\">x</seg>\n</doc>\n"},
		TriviaQA:  {`{"Data":[]}`},
	} {
		plain := [][]byte{[]byte(in[0]), []byte(in[len(in)-1])}[:len(in)]
		want, err := parse(format, []string{"f", "g"}, plain)
		require.NoError(t, err, "%s", format)
		if format != TriviaQA {
			require.NotEmpty(t, want, "%s", format)
		}
		for _, end := range []string{"\n", "\n\n\n", "\r\n", "\r\n\r\n"} {
			for which := range 1<<len(in) - 1 {
				var contents [][]byte
				for i := range in {
					contents = append(contents, []byte(in[i]))
					if (which+1)>>i&1 != 0 {
						contents[i] = append(contents[i], end...)
					}
				}
				got, err := parse(format, []string{"f", "g"}, contents)
				require.NoError(t, err, "%s with %q", format, end)
				assert.Equal(t, join(want), join(got), "%s with %q", format, end)
			}
		}
	}
	// An empty line that stands for something is kept.
	rows, err := parse(LinePairs, []string{"f", "g"}, [][]byte{[]byte("a\nb\n"), []byte("x\n\n")})
	require.NoError(t, err)
	assert.Equal(t, `{"src":"b","ref":""}`, string(rows[1]))
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct {
		format Format
		in     []string
		want   string
	}{
		"JSONL not an object":     {JSONL, []string{"{}\n[1]\n"}, "f:2: malformed data: the line is not a JSON object"},
		"JSONL empty line":        {JSONL, []string{"{}\n\n{}\n"}, "f:2: malformed data: the line is empty"},
		"JSONL two on a line":     {JSONL, []string{"{} {}\n"}, "f:1: malformed data: invalid character '{' after top-level value"},
		"JSONL cut":               {JSONL, []string{"{}\n{\"a\": \"b"}, "f:2: malformed data: unexpected end of JSON input"},
		"JSONL control character": {JSONL, []string{"{\"a\":\"\x01\"}"}, "f:1: malformed data: invalid character '\\x01' in string literal"},
		"array trailing garbage":  {JSONArray, []string{"[{}]\n]"}, "f:2: malformed data: invalid character ']' after top-level value"},
		"array of numbers":        {JSONArray, []string{"[{},1]"}, "f: malformed data: record 2 is not a JSON object"},
		"array is an object":      {JSONArray, []string{"{}"}, "f:1: malformed data: cannot unmarshal object"},
		"array too deep":          {JSONArray, []string{strings.Repeat("[", 20000)}, "exceeded max depth"},
		"SQuAD without data":      {SQuAD, []string{`{"version":"1"}`}, `f: malformed data: there is no array "data"`},
		"SQuAD wrong type":        {SQuAD, []string{"{\"data\":[\n{\"paragraphs\":5}]}"}, "f:2: malformed data: cannot unmarshal number"},
		"SQuAD trailing garbage":  {SQuAD, []string{`{"data":[]}x`}, "f:1: malformed data: invalid character 'x' after top-level value"},
		"exemplars cut":           {JSQuADExemplars, []string{`[{"title":`}, "f:1: malformed data: unexpected end of JSON input"},
		"XML entities": {NIILC, []string{"<!DOCTYPE q [<!ENTITY a \"b\">]><questions/>"},
			"f:1: malformed data: document type declarations are not accepted"},
		"XML unknown entity":   {NIILC, []string{"<questions><question><text>&lol;</text></question></questions>"}, "f:1: malformed data: invalid character entity &lol;"},
		"XML cut":              {NIILC, []string{"<questions>\n<question>"}, "f:2: malformed data: unexpected EOF"},
		"XML nothing":          {NIILC, []string{" "}, "f: malformed data: there is no element"},
		"XML other root":       {NIILC, []string{"<html/>"}, "f:1: malformed data: the root element is <html>"},
		"XML other child":      {NIILC, []string{"<questions><q/></questions>"}, "f:1: malformed data: <questions> holds <q>"},
		"XML two texts":        {NIILC, []string{"<questions><question><text/>\n<text/></question></questions>"}, "f:2: malformed data: a question has a second <text>"},
		"XML nested text":      {NIILC, []string{"<questions><question><text><b/></text></question></questions>"}, "f:1: malformed data: <text> holds <b>"},
		"XML loose text":       {NIILC, []string{"<questions>x</questions>"}, "f:1: malformed data: text between elements"},
		"XML other answer":     {NIILC, []string{"<questions><question><answers><a/></answers></question></questions>"}, "f:1: malformed data: <answers> holds <a>"},
		"XML after the end":    {NIILC, []string{"<questions/><questions/>"}, "f:1: malformed data: there is something after the root element"},
		"TSV columns":          {MGSM, []string{"a\t1\nb\n"}, "f:2: malformed data: 1 columns, want 2"},
		"TSV number":           {MGSM, []string{"a\t1.5\n"}, `f:1: malformed data: the answer "1.5" is not a whole number`},
		"TSV unclosed quote":   {MGSM, []string{"a\t1\n\"b\t2\nc\t3\n"}, "f:2: malformed data: a quoted field is not closed"},
		"CSV columns":          {CSV, []string{"a,b\n\"x\ny\",1\n2\n"}, "f:4: malformed data: 1 columns, want 2"},
		"CSV column twice":     {CSV, []string{"a,a\n"}, `f:1: malformed data: column "a" appears twice`},
		"pairs of two lengths": {LinePairs, []string{"a\nb\n", "a\n"}, "f and g: malformed data: 2 sources, 1 references"},
	} {
		t.Run("C4 "+name, func(t *testing.T) {
			paths, contents := []string{"f", "g"}[:len(c.in)], [][]byte{}
			for _, s := range c.in {
				contents = append(contents, []byte(s))
			}
			_, err := parse(c.format, paths, contents)
			require.ErrorIs(t, err, ErrMalformed)
			assert.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// fuzz checks that a parser never panics and that whatever it accepts is a list of JSON objects.
func fuzz(f *testing.F, parser func([]byte) ([]json.RawMessage, error), seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := parser(content)
		if err != nil {
			return
		}
		for _, row := range rows {
			var v map[string]any
			require.NoError(t, json.Unmarshal(row, &v))
		}
	})
}

func FuzzJSONL(f *testing.F) {
	fuzz(f, parseJSONL, "{}\n{\"a\":[1]}\n", "{}\n\n", "[]", "{\"a\":\"\\ud800\"}")
}

func FuzzSQuAD(f *testing.F) {
	fuzz(f, parseSQuAD, `{"data":[{"title":"T","paragraphs":[{"context":"C","qas":[{"id":"1","question":"Q","answers":[{"text":"A","answer_start":3}]}]}]}]}`,
		`{"data":[{"paragraphs":[{"qas":[{"answers":[{}]}]}]}]}`, `{"data":null}`)
}

func FuzzNIILC(f *testing.F) {
	fuzz(f, parseNIILC, "<questions><question id='1'><text>a</text><answers><answer>b</answer></answers></question></questions>",
		"<!DOCTYPE a><a/>", "<questions><question><answers/></question></questions>", "<questions>&#x3000;</questions>")
}

func FuzzMGSM(f *testing.F) { fuzz(f, parseMGSM, "a\t1\n", "\"a\"\"\"\t1,000", "\"", "a\r\rb") }

func FuzzCSV(f *testing.F) { fuzz(f, parseCSV, "a,b\n1,2\n", "a\n\"x\ny\"\n", "\"\"\"", "a,b\n\n,\n") }
