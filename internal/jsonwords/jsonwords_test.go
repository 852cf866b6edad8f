package jsonwords

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestText(t *testing.T) {
	type inner struct {
		N  int      `json:"n"`
		U  uint8    `json:"u"`
		On *bool    `json:"on"`
		X  *float64 `json:"x"`
	}
	type record struct {
		Until []string         `json:"until"`
		Text  string           `json:"text"`
		Inner inner            `json:"inner"`
		Map   map[string]inner `json:"map"`
	}
	for in, want := range map[string]string{
		`{"until":"girl"}`:       "f:1: until is a string where an array is wanted",
		`{"text":[]}`:            "f:1: text is an array where a string is wanted",
		`{"inner":{"n":1.5}}`:    "f:1: inner.n is the number 1.5 where a whole number is wanted",
		`{"inner":{"u":-1}}`:     "f:1: inner.u is the number -1 where a whole number that is not negative is wanted",
		`{"inner":{"on":"yes"}}`: "f:1: inner.on is a string where true or false is wanted",
		`{"inner":{"x":{}}}`:     "f:1: inner.x is an object where a number is wanted",
		`{"map":true}`:           "f:1: map is a bool where an object is wanted",
		`7`:                      "f:1: a number where an object is wanted",
	} {
		var r record
		err := json.Unmarshal([]byte(in), &r)
		require.Error(t, err, in)
		assert.Equal(t, want, Text(fmt.Errorf("f:1: %w", err)), in)
	}
	_, err := json.Marshal(math.NaN())
	require.Error(t, err)
	assert.Equal(t, "x: NaN is no number that can be written", Text(fmt.Errorf("x: %w", err)))
	assert.Equal(t, "plain", Text(fmt.Errorf("plain")))
}
