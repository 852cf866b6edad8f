package python

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The expected texts are what CPython 3.11.7 printed.
func TestAppend(t *testing.T) {
	v := Object{
		{"a", 1}, {"b", []any{Number("1"), 2.5, math.Copysign(0, -1), 1e-5, 1e16, 123456789012345680.0, 0.0001, 1e22}},
		{"c", Object{}}, {"d", []any{}}, {"e", Object{{"x", nil}, {"y", true}}},
		{"f", "東京\"\\\n\t\r\b\f\x01\x7f \u2028é"}, {"g", math.NaN()}, {"h", math.Inf(1)}, {"i", math.Inf(-1)},
	}
	assert.Equal(t, `{"a": 1, "b": [1, 2.5, -0.0, 1e-05, 1e+16, 1.2345678901234568e+17, 0.0001, 1e+22], "c": {}, "d": [], `+
		`"e": {"x": null, "y": true}, "f": "東京\"\\\n\t\r\b\f\u0001`+"\x7f \u2028"+`é", "g": NaN, "h": Infinity, "i": -Infinity}`,
		string(Append(nil, v, 0)))
	assert.Equal(t, "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2.5,\n    -0.0,\n    1e-05,\n    1e+16,\n    1.2345678901234568e+17,\n"+
		"    0.0001,\n    1e+22\n  ],\n  \"c\": {},\n  \"d\": [],\n  \"e\": {\n    \"x\": null,\n    \"y\": true\n  },\n"+
		`  "f": "東京\"\\\n\t\r\b\f\u0001`+"\x7f \u2028"+`é",`+"\n  \"g\": NaN,\n  \"h\": Infinity,\n  \"i\": -Infinity\n}",
		string(Append(nil, v, 2)))
	assert.Equal(t, `["a", "b"]`, string(Append(nil, []string{"a", "b"}, 0)))
	assert.Panics(t, func() { Append(nil, int32(1), 0) })
}

func TestRepr(t *testing.T) {
	list := []string{"a'b", `a"b`, `a'b"`, `\`, "\u3000x\u200b\u00a0\u00ad", "東京\n", "\U0001f600", "\U000e0041", "é\x7f\x00"}
	assert.Equal(t, `["a'b", 'a"b', 'a\'b"', '\\', '\u3000x\u200b\xa0\xad', '東京\n', '😀', '\U000e0041', 'é\x7f\x00']`, Repr(list))
	assert.Equal(t, "[]", Repr([]string{}))
	assert.Equal(t, "'a'", Repr("a"))
}

func TestFloat(t *testing.T) {
	for want, v := range map[string]float64{
		"0.0": 0, "1.0": 1, "-1.0": -1, "0.1": 0.1, "100.0": 100, "1e-05": 1e-5, "0.00012": 0.00012, "9999999999999998.0": 9999999999999998,
		"1e+16": 1e16, "5e-324": 5e-324, "1.7976931348623157e+308": math.MaxFloat64, "nan": math.NaN(), "-inf": math.Inf(-1), "inf": math.Inf(1),
	} {
		assert.Equal(t, want, Float(v))
	}
}

func TestParse(t *testing.T) {
	v, err := Parse([]byte(`{"b": 1, "a": [1.50, -0, 12345678901234567890, 1e400, null, "x\u00e9"], "b": 2}`))
	require.NoError(t, err)
	assert.Equal(t, `{"b": 2, "a": [1.5, 0, 12345678901234567890, Infinity, null, "xé"]}`, string(Append(nil, v, 0)))
	b, ok := v.(Object).Get("b")
	assert.True(t, ok)
	assert.Equal(t, Number("2"), b)
	for _, bad := range []string{"", "{", `{"a"`, `{"a":1`, "[1", "1 2", "nul", "\xff", `{"a":}`} {
		_, err := Parse([]byte(bad))
		assert.Error(t, err, "%q", bad)
	}
}

// TestDocHash joins with a file that lm-eval wrote: the hashes of GSM8K's first test document as a third party
// published them (a sample printed in a description of the log_samples format, its task's target being the answer).
func TestDocHash(t *testing.T) {
	answer := "Janet sells 16 - 3 - 4 = <<16-3-4=9>>9 duck eggs a day.\nShe makes 9 * 2 = $<<9*2=18>>18 every day at the farmer’s market.\n#### 18"
	doc := Object{
		{"question", "Janet’s ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes muffins for her friends every day with four. She sells the remainder at the farmers' market daily for $2 per fresh duck egg. How much in dollars does she make every day at the farmers' market?"},
		{"answer", answer},
	}
	sum := sha256.Sum256(Append(nil, doc, 2))
	assert.Equal(t, "986c19252f3c7f6eaeff2229e9a5777f96a85c0ceea931a92d2289084dfd518c", hex.EncodeToString(sum[:]))
	sum = sha256.Sum256([]byte("18"))
	assert.Equal(t, "4ec9599fc203d176a301536c2e091a19bc852759b255bd6818810a42c5fed14a", hex.EncodeToString(sum[:]))
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":1.5e3,"a":[]}`, `[1,2`, `"\u0000"`, "nul", `-0`, `{"":{"":[{}]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := Parse(raw)
		if err != nil {
			return
		}
		for _, indent := range []int{0, 2} {
			text := Append(nil, v, indent)
			again, err := Parse(text)
			if err != nil { // an infinity has no JSON
				assert.False(t, json.Valid(text))
				continue
			}
			assert.Equal(t, v, again)
		}
	})
}
