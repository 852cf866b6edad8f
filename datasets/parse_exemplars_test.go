package datasets

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exemplars is a file of the published one's form, in small.
const exemplars = `"""Prompts."""
# pylint: disable=line-too-long

EXEMPLAR_NUMBER_ANSWERS = [11, -2]

EXEMPLAR_EQUATION_SOLUTIONS = [
    "5 + 6 = 11.",
    "1 - 3 = -2.",
]

MGSM_EXEMPLARS = {
    "de": {"1": {"q": "x", "a": "y"}},
    "ja": {
        "2": {
            "q":
                "\u554f\n"
                " \"2\"",  # the second
            "a": "d'accord",
        },
        "1": {"q": "\u554f" "\u984c", "a": "\\"}
    },
}
`

func TestExemplars(t *testing.T) {
	rows, err := parseExemplars([]byte(exemplars), "ja")
	require.NoError(t, err)
	assert.Equal(t, `{"question":"問題","answer":"\\","answer_number":11,"equation_solution":"5 + 6 = 11."}`+"\n"+
		`{"question":"問\n \"2\"","answer":"d'accord","answer_number":-2,"equation_solution":"1 - 3 = -2."}`, strings.TrimSpace(join(rows)))
	for _, c := range []struct{ name, content, want string }{
		{"code", strings.Replace(exemplars, "[11, -2]", "f(11)", 1), `line 4: unexpected "f(11)`},
		{"import", "import os\n" + exemplars, "line 1: want an assignment"},
		{"twice", exemplars + "MGSM_EXEMPLARS = {}", "MGSM_EXEMPLARS is assigned twice"},
		{"cut short", exemplars[:strings.Index(exemplars, "accord")], "a string does not end"},
		{"key twice", strings.Replace(exemplars, `"2": {`, `"1": {`, 1), "want one value for a key"},
		{"no language", strings.Replace(exemplars, `"ja"`, `"fr"`, 1), `no examples for "ja"`},
		{"fewer answers", strings.Replace(exemplars, ", -2]", "]", 1), "2 examples, 1 answers and 2 equations"},
		{"answer of another type", strings.Replace(exemplars, "-2]", `"-2"]`, 1), "example 2 is not question"},
		{"no character", strings.Replace(exemplars, `\u984c`, `\ud84c`, 1), "example 1 holds what is not a character"},
		{"another escape", strings.Replace(exemplars, `\u984c`, `\q`, 1), "unknown escape"},
		{"deep", "X = " + strings.Repeat("[", 200), "nested too deep"},
		{"number", strings.Replace(exemplars, "-2]", "99999999999999999999]", 1), "example 2: answer 99999999999999999999: not an integer"},
		{"nothing", "", "no MGSM_EXEMPLARS"},
	} {
		_, err := parseExemplars([]byte(c.content), "ja")
		assert.ErrorContains(t, err, c.want, c.name)
	}
}

// TestExemplarsAreThoseOfTheJSON: the published file, where it is at hand, gives the rows that the rebuilt file gives.
func TestExemplarsAreThoseOfTheJSON(t *testing.T) {
	path := os.Getenv("SWALLOW_EVAL_EXEMPLARS")
	if path == "" {
		t.Skip("SWALLOW_EVAL_EXEMPLARS does not name mgsm/exemplars.py and mgsm_ja_exemplars.json, separated by a comma")
	}
	python, rebuilt, _ := strings.Cut(path, ",")
	content, err := os.ReadFile(python)
	require.NoError(t, err)
	rows, err := parseExemplars(content, "ja")
	require.NoError(t, err)
	type row struct {
		Question string `json:"question"`
		Answer   string `json:"answer"`
		Number   int    `json:"answer_number"`
		Equation string `json:"equation_solution"`
	}
	var got []row
	for _, r := range rows {
		var x row
		require.NoError(t, json.Unmarshal(r, &x))
		got = append(got, x)
	}
	var want []row
	content, err = os.ReadFile(rebuilt)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &want))
	assert.Equal(t, want, got)
}

func FuzzExemplars(f *testing.F) {
	f.Add([]byte(exemplars))
	f.Add([]byte("X = {\"a\": [1, {\"b\": \"\\u0041\"}]}"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := parseExemplars(content, "ja")
		if err == nil && len(rows) == 0 {
			return // no examples and no answers
		}
		for _, r := range rows {
			require.True(t, json.Valid(r))
		}
	})
}
