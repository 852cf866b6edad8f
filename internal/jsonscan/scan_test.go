package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDepth: as deep as package encoding/json goes, and no deeper.
func TestDepth(t *testing.T) {
	for _, depth := range []int{maxDepth, maxDepth + 1} {
		for _, open := range []string{"[", `{"a":`} {
			content := []byte(strings.Repeat(open, depth) + "0")
			for range depth {
				content = append(content, open[0]+2) // ] and } are two behind [ and {
			}
			end, err := Value(content, 0)
			require.Equal(t, json.Valid(content), err == nil)
			if depth == maxDepth {
				require.Equal(t, len(content), end)
				continue
			}
			require.EqualError(t, err, "nested more than 10000 deep")
		}
	}
}

// TestObjectAndArray: what each is called with, and what is neither object nor array.
func TestObjectAndArray(t *testing.T) {
	var got []string
	end, err := Object([]byte(`x{"a" : [1, {}] ,"\u0062":""} `), 1, func(name, value []byte) error {
		got = append(got, string(name), string(value))
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 29, end)
	require.Equal(t, []string{"a", "[1, {}]", `\u0062`, `""`}, got)
	got = nil
	end, err = Array([]byte(`[1, [2 ], "]"]`), 0, func(value []byte) error {
		got = append(got, string(value))
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 14, end)
	require.Equal(t, []string{"1", "[2 ]", `"]"`}, got)

	_, err = Object([]byte("[]"), 0, nil)
	require.EqualError(t, err, `invalid character '['`)
	_, err = Array([]byte("{}"), 0, nil)
	require.EqualError(t, err, `invalid character '{'`)
	_, err = Object(nil, 0, nil)
	require.ErrorIs(t, err, ErrCut)
	_, err = Array([]byte("["), 1, nil)
	require.ErrorIs(t, err, ErrCut)
	_, err = Array([]byte("[1]"), 0, func([]byte) error { return ErrCut })
	require.ErrorIs(t, err, ErrCut, "an error of each ends it")
}

// TestStreamIsBounded: a value that never ends is given up.
func TestStreamIsBounded(t *testing.T) {
	s := NewStream(zeros{})
	_, err := s.Value()
	require.EqualError(t, err, "a value of more than 67108864 bytes")
}

// zeros is a number without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '1'
	}
	return len(p), nil
}

// FuzzScan: the scanner accepts what package encoding/json does, and finds the same end.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e-7,"\u00e9\\",true,null]} `, "[1,]", "\"\x00\"", "01", "-", "1e", "[[[]]]", `{"a":1,}`, "tru"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		padded := append(bytes.Clone(content), ' ') // a number ends where something follows
		end, err := Value(padded, SkipSpace(padded, 0))
		valid := err == nil && SkipSpace(padded, end) == len(padded)
		require.Equal(t, json.Valid(content), valid, "%q: %v", content, err)
	})
}

// FuzzAppendString: strings are written as package encoding/json writes them.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a\"\\\b\f\n\r\t\x00\x1f\x7f", "é\u2028\u2029😀", "\xff\xe2\x80", "<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(s))
		require.Equal(t, b.String(), string(AppendString(nil, s))+"\n")
	})
}
