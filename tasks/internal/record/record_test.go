package record

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFields(t *testing.T) {
	r := Read("f", 3, []byte(` { "t" : "a\n\"é" , "t\u0032":"x", "n":-7, "s":"12","list":["a","b\\"],"mixed":["a",null,""],
		"in":{"x":"y","deep":{"z":[1,{"q":"}]"}]}},"objects":[{"k":"v"},{}],"empty":"" } `))
	assert.Equal(t, "a\n\"é", r.Text("t"))
	assert.Equal(t, "x", r.Filled("t2"))
	assert.Equal(t, int64(-7), r.Int("n"))
	assert.Equal(t, int64(-7), r.IntText("n"))
	assert.Equal(t, int64(12), r.IntText("s"))
	assert.Equal(t, []string{"a", `b\`}, r.Texts("list"))
	assert.Equal(t, []string{"a", ""}, r.OptionalTexts("mixed"))
	assert.Equal(t, "y", r.Object("in").Text("x"))
	objects := r.Objects("objects")
	require.Len(t, objects, 2)
	assert.Equal(t, "v", objects[0].Text("k"))
	assert.Empty(t, r.Text("empty"))
	assert.Equal(t, 1, r.Gold(1, 2))
	assert.Equal(t, 3, r.Row())
	require.NoError(t, r.Err())
}

func TestTheLastOfEqualNamesCounts(t *testing.T) {
	assert.Equal(t, "b", Read("f", 0, []byte(`{"a":"a","a":"b"}`)).Text("a"))
}

func TestC3C4Errors(t *testing.T) {
	for want, read := range map[string]func(r *Record){
		"field a is missing":                             func(r *Record) { r.Text("a") },
		"field T is missing":                             func(r *Record) { r.Text("T") }, // names are exact
		"field null is null":                             func(r *Record) { r.Text("null") },
		"field n is the number 1.5, want a string":       func(r *Record) { r.Text("n") },
		"field in is an object, want a string":           func(r *Record) { r.Text("in") },
		"field yes is a truth value, want a string":      func(r *Record) { r.Filled("yes") },
		"field empty is empty":                           func(r *Record) { r.Filled("empty") },
		"field n is the number 1.5, want a whole number": func(r *Record) { r.Int("n") },
		"field t is a string, want a whole number":       func(r *Record) { r.Int("t") },
		`field t is "x", want a whole number`:            func(r *Record) { r.IntText("t") },
		"field n is the number 1.5, want an array":       func(r *Record) { r.Texts("n") },
		"field list[1] is null, want a string":           func(r *Record) { r.Texts("list") },
		"field list[2] is the number 3, want a string":   func(r *Record) { r.OptionalTexts("list") },
		"field in.b is missing":                          func(r *Record) { r.Object("in").Text("b") },
		"field in.c.d is missing":                        func(r *Record) { r.Object("in").Object("c").Text("d") },
		"field t is a string, want an object":            func(r *Record) { r.Object("t") },
		"field list[0] is a string, want an object":      func(r *Record) { r.Objects("list") },
		"field objects[1].k is missing":                  func(r *Record) { r.Objects("objects")[1].Text("k") },
		"the answer is choice 3 of 2":                    func(r *Record) { r.Gold(2, 2) },
		"the answer is choice 0 of 2":                    func(r *Record) { r.Gold(-1, 2) },
		"the first":                                      func(r *Record) { r.Fail("the %s", "first"); r.Text("a") },
		`id "x" is also that of record 2`:                func(r *Record) { ids := IDs{"x": 1}; ids.Add(r, "x") },
	} {
		r := Read("d/f.jsonl", 11, []byte(`{"t":"x","null":null,"n":1.5,"in":{"c":{}},"yes":true,"empty":"","list":["a",null,3],"objects":[{"k":"v"},{}]}`))
		read(r)
		require.EqualError(t, r.Err(), "d/f.jsonl: record 12: "+want)
		require.ErrorIs(t, r.Err(), ErrInvalid)
	}
}

func TestNotAnObject(t *testing.T) {
	for _, raw := range []string{"", " ", "[]", "1", "null", `"a"`, "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a" 1}`, `{"a":1}x`, `{"a":"b}`, `{"a":[1}`,
		`{"a":}`, `{a:1}`, `{"a\x":1}`, `{}x`} {
		r := Read("f", 0, []byte(raw))
		assert.EqualError(t, r.Err(), "f: record 1: not a JSON object", raw)
	}
}

// FuzzRead checks that whatever encoding/json takes for an object is read with the same fields, and that nothing panics.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b\\"}`, `{"a":[{"b":"]"}],"c":-1e5}`, `{"a\u0062":null}`, "{\"a\":\n1 , \"b\":true}", `{"a":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := members(raw)
		var want map[string]json.RawMessage
		if !json.Valid(raw) || json.Unmarshal(raw, &want) != nil || want == nil {
			return
		}
		require.True(t, ok)
		read := map[string]json.RawMessage{}
		for _, g := range got {
			read[string(g.name)] = g.value
		}
		for name, value := range want {
			if v, ok := read[name]; ok {
				require.Equal(t, string(value), string(v))
			}
		}
		// Names that are not valid Unicode become equal in encoding/json only.
		require.GreaterOrEqual(t, len(read), len(want))
	})
}
