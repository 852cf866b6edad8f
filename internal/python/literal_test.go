package python

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPythonWords(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":NaN,"b":[Infinity,-Infinity,-1,1e-5]}`: `{"a":-0e99999,"b":[1e99999,-1e99999,-1,1e-5]}`,
		`{"NaN":"-Infinity \" NaN \\","b":true}`:     `{"NaN":"-Infinity \" NaN \\","b":true}`,
		`NaN`:                                        `-0e99999`,
		`-Infinity`:                                  `-1e99999`,
		`-`:                                          `-`,
		`--1`:                                        `--1`,
		"\ufeff[-1,NaN]":                             `[-1,-0e99999]`,
		``:                                           ``,
		`NaN"NaN"Nan`:                                `-0e99999"NaN"Nan`,
		`"` + strings.Repeat("長-N\\\"", 30000) + `"`: `"` + strings.Repeat("長-N\\\"", 30000) + `"`,
	} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			got, err := io.ReadAll(NewReader(r))
			require.NoError(t, err)
			require.Equal(t, want, string(got))
		}
		got, err := io.ReadAll(iotest.OneByteReader(NewReader(iotest.DataErrReader(strings.NewReader(in)))))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	_, err := io.ReadAll(NewReader(iotest.ErrReader(os.ErrDeadlineExceeded)))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestPythonLiterals(t *testing.T) {
	// The texts are what Python 3.11 prints for the values.
	for text, want := range map[string]any{
		`({'id': '5', 'p': "it's"}, [1, 2.5, -3e-05, nan is None])`: nil,
		`({'id': '5', 'p': "it's"}, [1, 2.5, -3e-05])`:              []any{map[string]any{"id": "5", "p": "it's"}, []any{Number("1"), 2.5, -3e-5}},
		`'a\'b"c\\d\ne\t\x00\xa0\u200b\U0001f9ff猫'`:                 "a'b\"c\\d\ne\t\x00\u00a0\u200b\U0001f9ff猫",
		`[True, False, None, inf, -inf]`:                            []any{true, false, nil, math.Inf(1), math.Inf(-1)},
		`()`:                                                        []any{},
		`(1,)`:                                                      []any{Number("1")},
		`{}`:                                                        map[string]any{},
		`{'a': {'b': []}}`:                                          map[string]any{"a": map[string]any{"b": []any{}}},
		`array([1])`:                                                nil,
		`{1: 2}`:                                                    nil,
		`{'a' 2}`:                                                   nil,
		`[1 2]`:                                                     nil,
		`'a`:                                                        nil,
		`'\x4'`:                                                     nil,
		`'\U00110000'`:                                              nil,
		`'\q'`:                                                      nil,
		`'a\`:                                                       nil,
		`[1`:                                                        nil,
		`1 2`:                                                       nil,
		``:                                                          nil,
		`'a' "b" # c`:                                               "ab",
		`-12345678901234567890`:                                     Number("-12345678901234567890"),
		`'\ud84c'`:                                                  "\ufffd",
		"'a\nb'":                                                    nil,
		`{'a': 1, 'a': 2}`:                                          nil,
		strings.Repeat("[", 200):                                    nil,
	} {
		v, err := Literal(text)
		if want == nil {
			assert.Error(t, err, text)
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, want, v)
	}
}

func TestAssignments(t *testing.T) {
	values, err := Assignments("\"\"\"About.\"\"\"\n# note\nA = [1, 'x'\n  \"y\"]\nB_C = {}\n")
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"A": []any{Number("1"), "xy"}, "B_C": map[string]any{}}, values)
	for text, want := range map[string]SyntaxError{
		"A = 1\nimport os":  {6, 2, "want an assignment"},
		"A = 1\n\nA = 2":    {12, 3, "A is assigned twice"},
		"\"\"\"About":       {0, 1, "a string does not end"},
		"A = [1,\n f(2)]":   {9, 2, `unexpected "f(2)]"`},
		"A = {'b': 1, 'b'}": {17, 1, "a dict's key is not a string followed by a colon"},
	} {
		_, err := Assignments(text)
		var wrong *SyntaxError
		require.ErrorAs(t, err, &wrong, text)
		assert.Equal(t, want.What, wrong.What)
		assert.Equal(t, want.Line, wrong.Line)
	}
}

func TestFloat64(t *testing.T) {
	for _, c := range []struct {
		in   any
		want float64
		ok   bool
	}{{1.5, 1.5, true}, {Number("-3"), -3, true}, {"1", 0, false}, {nil, 0, false}} {
		v, ok := Float64(c.in)
		assert.Equal(t, c.want, v)
		assert.Equal(t, c.ok, ok)
	}
}

// FuzzPythonLiteral: what is read can be printed as Python prints it and read again to the same value.
func FuzzPythonLiteral(f *testing.F) {
	for _, s := range []string{`{'a': [1, -2.5e-3, None], "b": (True, False)}`, `'\x41\u00e9\U0001f600\\\''`, `[]`, `[1,]`, `(nan, inf, -inf)`,
		`{'a': {'b': {}}}`, `array([1.])`, `'`, `[[[[[[[[`, `{1: 2}`, `1e400`, `0x1p-2`, `1_000`, "'a' 'b' # c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Literal(text)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := Literal(pythonRepr(v))
		require.NoError(t, err, pythonRepr(v))
		require.Equal(t, pythonRepr(v), pythonRepr(again))
	})
}

// pythonRepr prints a value that Literal read, lists for tuples.
func pythonRepr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case Number:
		return string(v)
	case float64:
		if math.IsNaN(v) {
			return "nan"
		}
		return Float(v)
	case string:
		var b strings.Builder
		for i := 0; i < len(v); i++ {
			if c := v[i]; c < ' ' || c == '\'' || c == '\\' {
				fmt.Fprintf(&b, `\x%02x`, c)
				continue
			}
			b.WriteByte(v[i])
		}
		return "'" + b.String() + "'"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = pythonRepr(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		parts := []string{}
		for k := range v {
			parts = append(parts, pythonRepr(k)+": "+pythonRepr(v[k]))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprintf("?%T", v)
}

// FuzzPythonJSON: plain JSON passes through the reader of Python's JSON unchanged, and how the bytes arrive does not
// matter.
func FuzzPythonJSON(f *testing.F) {
	for _, s := range []string{`{"a":[NaN,-Infinity,Infinity]}`, "\ufeff{}", `"NaN \" Infinity \\"`, `[NaNa,"x"]`, `{"Infinity":"\\\\"}`, `Inf`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, err := io.ReadAll(NewReader(bytes.NewReader(b)))
		require.NoError(t, err)
		bytewise, err := io.ReadAll(NewReader(iotest.OneByteReader(bytes.NewReader(b))))
		require.NoError(t, err)
		require.Equal(t, string(whole), string(bytewise))
		if json.Valid(b) {
			require.Equal(t, string(b), string(whole))
		}
	})
}
