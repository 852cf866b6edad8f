package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

func TestObjectKeepsOrderAndText(t *testing.T) {
	members, err := strictjson.Object([]byte(" {\"b\": [1, 2], \"a\": null , \"é\": \"x\"} \n"))
	require.NoError(t, err)
	require.Len(t, members, 3)
	assert.Equal(t, "b", members[0].Key)
	assert.Equal(t, "[1, 2]", string(members[0].Value))
	assert.True(t, members[1].Null())
	assert.False(t, members[2].Null())
	assert.Equal(t, "é", members[2].Key)
}

func TestObjectRefuses(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":                {"", "not JSON"},
		"array":                {"[]", "found an array"},
		"number":               {"1", "found a number"},
		"string":               {`"x"`, "found a string"},
		"null":                 {"null", "found null"},
		"true":                 {"true", "found a truth value"},
		"cut":                  {`{"a":`, "not JSON"},
		"cut after member":     {`{"a":1`, "not JSON"},
		"comma at the end":     {`{"a":1,}`, "not JSON"},
		"no comma":             {`{"a":1 "b":2}`, "not JSON"},
		"twice":                {`{"a":1,"a":2}`, `key "a" occurs twice`},
		"twice through escape": {`{"a":1,"\u0061":2}`, `key "a" occurs twice`},
		"trailing":             {`{} x`, "1 bytes after"},
		"second object":        {`{}{}`, "2 bytes after"},
		"not UTF-8":            {"{\"a\xff\":1}", "not UTF-8"},
		"deep":                 {`{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", "depth"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := strictjson.Object([]byte(c.in))
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestScalars(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	n, err := strictjson.Uint(raw("42"))
	require.NoError(t, err)
	assert.EqualValues(t, 42, n)
	i, err := strictjson.Int(raw("-7"))
	require.NoError(t, err)
	assert.EqualValues(t, -7, i)
	f, err := strictjson.Float(raw("1e-05"))
	require.NoError(t, err)
	assert.Equal(t, 1e-05, f)
	b, err := strictjson.Bool(raw("true"))
	require.NoError(t, err)
	assert.True(t, b)
	s, err := strictjson.String(raw(`"x"`))
	require.NoError(t, err)
	assert.Equal(t, "x", s)
	list, err := strictjson.Array(raw(`[1,"a"]`))
	require.NoError(t, err)
	assert.Len(t, list, 2)

	for _, bad := range []string{"-1", "1.0", "1e3", `"1"`, "null", "true", "18446744073709551616", "{}"} {
		_, err := strictjson.Uint(raw(bad))
		assert.Error(t, err, bad)
	}
	for _, bad := range []string{"1.0", "1e3", `"1"`, "null", "9223372036854775808"} {
		_, err := strictjson.Int(raw(bad))
		assert.Error(t, err, bad)
	}
	for _, bad := range []string{"null", `"1"`, "true", "[]"} {
		_, err := strictjson.Float(raw(bad))
		assert.Error(t, err, bad)
		_, err = strictjson.Array(raw(strings.ReplaceAll(bad, "[]", "{}")))
		assert.Error(t, err, bad)
	}
	for _, bad := range []string{"null", "1", "[]"} {
		_, err := strictjson.Bool(raw(bad))
		assert.Error(t, err, bad)
		_, err = strictjson.String(raw(bad))
		assert.Error(t, err, bad)
	}
}
