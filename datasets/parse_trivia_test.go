package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

const triviaOne = `{
    "Data": [
        {
            "Answer": {
                "Aliases": [
                    " (Harry) Invented",
                    "\u3000In\u0076ented\u001f"
                ],
                "HumanAnswers": ["x"],
                "MatchedWikiEntityName": "Invented",
                "NormalizedAliases": [],
                "NormalizedMatchedWikiEntityName": "invented",
                "NormalizedValue": "invented ",
                "Type": "WikipediaEntity",
                "Value": " Inv\"ented\n"
            },
            "EntityPages": [{"Filename": "a]}.txt"}],
            "Question": " Who “was” it?\t",
            "QuestionId": " tc_1 ",
            "QuestionSource": " http://www.example.invalid/ ",
            "SearchResults": [ { "Rank" : -1.5e+3, "Url" : "\\\"", "x": [[], {}, true, false, null, 0] } ]
        }
    ],
    "Domain": "Web",
    "VerifiedEval": false,
    "Version": 1.0
}
`

// triviaWant follows from Hugging Face's script: identifiers keep their white space, the matched names are looked for
// under another name than the file's.
const triviaWant = `{"question":"Who “was” it?","question_id":" tc_1 ","question_source":"http://www.example.invalid/",` +
	`"answer":{"value":"Inv\"ented","aliases":["(Harry) Invented","Invented"],"normalized_aliases":[],"normalized_value":"invented",` +
	`"type":"WikipediaEntity","matched_wiki_entity_name":"","normalized_matched_wiki_entity_name":""}}`

func TestTriviaQA(t *testing.T) {
	rows, err := readTriviaQA(strings.NewReader(triviaOne))
	require.NoError(t, err)
	assert.Equal(t, triviaWant, join(rows))

	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(triviaOne)))
	rows, err = readTriviaQA(iotest.OneByteReader(&compact))
	require.NoError(t, err)
	assert.Equal(t, triviaWant, join(rows), "neither line ends nor the reader's chunks matter")

	renamed := strings.NewReplacer("MatchedWikiEntityName", "MatchedWikiEntryName").Replace(triviaOne)
	rows, err = readTriviaQA(strings.NewReader(renamed))
	require.NoError(t, err)
	assert.Contains(t, join(rows), `"matched_wiki_entity_name":"Invented","normalized_matched_wiki_entity_name":"invented"`)

	rows, err = readTriviaQA(strings.NewReader(strings.Replace(triviaOne, `"Type": "WikipediaEntity"`, `"Type": 1, "Type": "Last"`, 1)))
	require.NoError(t, err)
	assert.Contains(t, join(rows), `"type":"Last"`)

	rows, err = readTriviaQA(strings.NewReader(`{"Data":[]}`))
	require.NoError(t, err)
	assert.Empty(t, rows)
}

// TestTriviaQAParts: the web's half comes before Wikipedia's, as the files are named.
func TestTriviaQAParts(t *testing.T) {
	d := open(t, true, map[string]string{
		"trivia_qa/qa/web-dev.json":          triviaJSON(t, triviaRows(3)),
		"trivia_qa/qa/wikipedia-dev.json.gz": compress(t, triviaOne),
	})
	file, rows, err := d.Rows("trivia_qa", "validation")
	require.NoError(t, err)
	assert.Equal(t, "trivia_qa/qa/web-dev.json", file)
	require.Len(t, rows, 4)
	assert.Contains(t, string(rows[2]), `"question_id":"tc_2"`)
	assert.Equal(t, triviaWant, string(rows[3]))

	d = open(t, true, map[string]string{
		"trivia_qa/qa/web-dev.json":       triviaOne,
		"trivia_qa/qa/wikipedia-dev.json": triviaOne[:len(triviaOne)/2],
	})
	_, _, err = d.Rows("trivia_qa", "validation")
	require.ErrorIs(t, err, ErrMalformed)
	assert.EqualError(t, err, "trivia_qa/qa/web-dev.json and trivia_qa/qa/wikipedia-dev.json: malformed data: file 2: record 1: the JSON ends in the middle of a value")
}

func TestTriviaQAErrors(t *testing.T) {
	cut := func(from, to string) string { return strings.Replace(triviaOne, from, to, 1) }
	for name, c := range map[string]struct{ in, want string }{
		"empty":              {"", "the JSON ends in the middle of a value"},
		"array":              {"[]", "invalid character '['"},
		"no Data":            {`{"data":[]}`, `there is no array "Data"`},
		"Data an object":     {`{"Data":{}}`, `"Data": invalid character '{'`},
		"two Data":           {`{"Data":[],"Data":[]}`, `there is a second "Data"`},
		"trailing garbage":   {triviaOne + "x", "invalid character 'x' after the end"},
		"trailing comma":     {`{"Data":[],}`, "invalid character '}'"},
		"a number":           {`{"Data":[{},1]}`, "record 1: there is no Answer"},
		"no object":          {`{"Data":["x"]}`, "record 1: not a JSON object"},
		"cut":                {triviaOne[:700], "record 1: the JSON ends in the middle of a value"},
		"cut after a record": {`{"Data":[`, "after record 0: the JSON ends in the middle of a value"},
		"answer null":        {cut(`"Answer": {`, `"Answer": null, "A": {`), "record 1: field Answer is not an object"},
		"no value":           {cut(`"Value"`, `"Valu"`), "record 1: there is no Answer.Value"},
		"value null":         {cut(`"Value": " Inv\"ented\n"`, `"Value": null`), "record 1: Answer.Value is not a string"},
		"aliases a string":   {cut(`"NormalizedAliases": []`, `"NormalizedAliases": ""`), "record 1: Answer.NormalizedAliases is not an array"},
		"alias null":         {cut(`"NormalizedAliases": []`, `"NormalizedAliases": ["", null]`), "record 1: Answer.NormalizedAliases has an element that is not a string"},
		"identifier":         {cut(`" tc_1 "`, `7`), "record 1: QuestionId is not a string"},
		"broken where unread": {cut(`"Rank" : -1.5e+3`, `"Rank" : -1.5e+`),
			"record 1: invalid character ','"},
		"leading zero":       {cut(`-1.5e+3`, `01`), "record 1: invalid character '1'"},
		"control character":  {cut("a]}.txt", "a\n.txt"), `record 1: invalid character '\n'`},
		"unknown escape":     {cut(`"\\\""`, `"\x"`), "record 1: invalid character 'x'"},
		"not UTF-8":          {cut("a]}.txt", "\xe9"), "record 1: not valid UTF-8"},
		"too deep":           {`{"x":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`, "nested more than 10000 deep"},
		"brackets crossed":   {`{"x":[}]}`, "invalid character '}'"},
		"missing colon":      {`{"x" 1}`, "invalid character '1'"},
		"a word that is not": {`{"x":nul}`, "invalid character '}'"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readTriviaQA(strings.NewReader(c.in))
			assert.EqualError(t, err, c.want)
		})
	}
	fault := errors.New("the disk is gone")
	_, err := readTriviaQA(iotest.ErrReader(fault))
	require.ErrorIs(t, err, fault)
}

func FuzzTriviaQA(f *testing.F) {
	fuzz(f, func(content []byte) ([]json.RawMessage, error) { return readTriviaQA(bytes.NewReader(content)) },
		triviaOne, `{"Data":[{"Answer":{"Value":"","Aliases":[],"NormalizedAliases":[],"NormalizedValue":"","Type":""},"Question":"\ud800","QuestionId":"","QuestionSource":""}]}`,
		`{"Data":[]}`, `{"x":[1,{"y":"\u00e9"}],"Data":[{}]}`)
}

// FuzzAppendStripped: however a string is written in the file, the row has it as package encoding/json writes it.
func FuzzAppendStripped(f *testing.F) {
	for _, s := range []string{"", " a\u3000", "\x1f\u2028b\u2029\x1c", "\"\\\n", "<\u00a0>", "a\u2028b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		want := string(jsonscan.AppendString(nil, strings.TrimFunc(s, pythonSpace)))
		escaped, err := json.Marshal(s)
		require.NoError(t, err)
		for _, raw := range [][]byte{escaped, jsonscan.AppendString(nil, s)} {
			got, err := appendStripped(nil, raw, true)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
			got, err = appendStripped(nil, raw, false)
			require.NoError(t, err)
			require.Equal(t, string(jsonscan.AppendString(nil, s)), string(got))
		}
		if raw := `"` + s + `"`; json.Valid([]byte(raw)) && !strings.Contains(s, `\`) { // as ensure_ascii=False writes it
			got, err := appendStripped(nil, []byte(raw), true)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
		}
	})
}
