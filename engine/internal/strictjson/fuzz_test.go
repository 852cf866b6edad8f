package strictjson_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// FuzzObject holds the strict reader against encoding/json: what it accepts the lenient one accepts with the same
// members, and what it refuses it refuses for one of its documented reasons.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, ` {"a":1,"b":[{"a":null}]} `, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":"\ud800"}`,
		"{\"a\":\"\xff\"}", `{"a":-0.0e+1}`, `{"a":1}{"b":2}`, `[]`, `{"a" 1}`, `{"":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		members, err := strictjson.Object(data)
		var lenient map[string]json.RawMessage
		lenientErr := json.Unmarshal(data, &lenient)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			require.True(t, utf8.ValidString(err.Error()))
			if lenientErr == nil && lenient != nil && utf8.Valid(data) {
				require.ErrorContains(t, err, "occurs twice")
			}
			return
		}
		require.NoError(t, lenientErr)
		require.Len(t, members, len(lenient))
		for _, m := range members {
			value, ok := lenient[m.Key]
			require.True(t, ok)
			require.JSONEq(t, string(value), string(m.Value))
			readAll(t, m.Value)
		}
	})
}

// readAll reads a value as every type: at most one of them fits, but for integers, which are numbers too.
func readAll(t *testing.T, v json.RawMessage) {
	t.Helper()
	if u, err := strictjson.Uint(v); err == nil {
		if i, err := strictjson.Int(v); err == nil {
			require.Equal(t, u, uint64(i))
		}
		_, err := strictjson.Float(v)
		require.NoError(t, err)
	}
	fits := 0
	if _, err := strictjson.Float(v); err == nil {
		fits++
	}
	if _, err := strictjson.Bool(v); err == nil {
		fits++
	}
	if _, err := strictjson.String(v); err == nil {
		fits++
	}
	if _, err := strictjson.Array(v); err == nil {
		fits++
	}
	if strictjson.IsNull(v) {
		fits++
	}
	require.LessOrEqual(t, fits, 1, string(v))
}
