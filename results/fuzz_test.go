package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// FuzzPythonLiteral: what is read can be printed as Python prints it and read again to the same value.
func FuzzPythonLiteral(f *testing.F) {
	for _, s := range []string{`{'a': [1, -2.5e-3, None], "b": (True, False)}`, `'\x41\u00e9\U0001f600\\\''`, `[]`, `[1,]`, `(nan, inf, -inf)`,
		`{'a': {'b': {}}}`, `array([1.])`, `'`, `[[[[[[[[`, `{1: 2}`, `1e400`, `0x1p-2`, `1_000`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parsePython(text)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := parsePython(pythonRepr(v))
		require.NoError(t, err, pythonRepr(v))
		require.Equal(t, pythonRepr(v), pythonRepr(again))
	})
}

// pythonRepr prints a value that parsePython read, lists for tuples.
func pythonRepr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float64:
		if math.IsNaN(v) {
			return "nan"
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
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
		whole, err := io.ReadAll(newPythonReader(bytes.NewReader(b)))
		require.NoError(t, err)
		bytewise, err := io.ReadAll(newPythonReader(iotest.OneByteReader(bytes.NewReader(b))))
		require.NoError(t, err)
		require.Equal(t, string(whole), string(bytewise))
		if json.Valid(b) {
			require.Equal(t, string(b), string(whole))
		}
	})
}

// FuzzReadRun: a manifest that is read is one of ours, of a version that is known, and can be written and read again.
func FuzzReadRun(f *testing.F) {
	for _, s := range []string{`{"schema_version":1}`, `{"schema_version":2}`, `{"schema_version":0}`, `[]`, `{"schema_version":"1"}`,
		`{"schema_version":1,"model":{"name":"x","digest":"sha256:0"},"scores":[{"task":"t","n":1,"total":2,"values":[{"metric":"acc","value":1e308,"max":1}]}]}`,
		`{"schema_version":1,"started":"2024-01-01T00:00:00Z","scores":[{"hole":"x","values":null}]}`} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, RunFile), content, 0o644))
		r, err := ReadRun(dir)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), filepath.Join(dir, RunFile)+": "), err.Error())
			return
		}
		require.Equal(t, SchemaVersion, r.SchemaVersion)
		if WriteRun(dir, r) != nil {
			return // a date beyond the year 9999
		}
		again, err := ReadRun(dir)
		require.NoError(t, err)
		first, err := json.Marshal(r)
		require.NoError(t, err)
		second, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}

// FuzzParseRecorded: a recorded value is a finite number that is not negative, or a hole with a reason.
func FuzzParseRecorded(f *testing.F) {
	for _, s := range []string{`0.5`, `"0.5000"`, `"N/A"`, `-1`, `-0.01`, `null`, `true`, `"False"`, `-0e99999`, `1e99999`, `""`, `"0x1p-1"`, `"nan"`, `"1."`} {
		f.Add([]byte(s), 0.5)
	}
	f.Fuzz(func(t *testing.T, raw []byte, v float64) {
		r := ParseRecorded(raw)
		if r.Hole != "" {
			require.Equal(t, Unrecorded, r.Agrees(v))
			return
		}
		require.False(t, math.IsNaN(r.Value) || math.IsInf(r.Value, 0))
		require.GreaterOrEqual(t, r.Value, 0.0)
		require.Equal(t, Identical, r.Agrees(r.Value))
	})
}
