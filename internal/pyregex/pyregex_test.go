package pyregex

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAsPython: what CPython 3.11's re.findall gave.
func TestAsPython(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          [][]string
	}{
		{`#### (\-?[0-9\.\,]+)`, "x #### -1,234.5 y #### 7", [][]string{{"-1,234.5"}, {"7"}}},
		{`(-?[$0-9.,]{2,})|(-?[0-9]+)`, "a $12.5 b 7", [][]string{{"$12.5", ""}, {"", "7"}}},
		{`(-?[$0-9.,]{2,})|(-?[0-9]+)`, "so 7 or 8 apples", [][]string{{"", "7"}, {"", "8"}}},
		{`(?<=答え)\d+`, "答え42", [][]string{{"42"}}},
		{`(?P<a>x)(y)(?P=a)`, "xyx", [][]string{{"x", "y"}}},
		{`\bA\b`, "A あA A1 (A)", [][]string{{"A"}, {"A"}}},
		{`\w+`, "é_1 日本 a\u0301", [][]string{{"é_1"}, {"日本"}, {"a"}}},
		{`[\w.]+`, "a.b c", [][]string{{"a.b"}, {"c"}}},
		{`\s`, "a\x1cb", [][]string{{"\x1c"}}},
		{`a{,2}b`, "aaab", [][]string{{"aab"}}},
		{`x\Z`, "x\n", nil},
		{`x$`, "x\n", [][]string{{"x"}}},
		{`[[a]`, "[a", [][]string{{"["}, {"a"}}},
		{`[]a]`, "]a", [][]string{{"]"}, {"a"}}},
		{``, "ab", [][]string{{""}, {""}, {""}}},
	} {
		r, err := Compile(c.pattern)
		require.NoError(t, err, c.pattern)
		got, err := r.FindAll(c.text)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, c.pattern)
	}
}

func TestReplace(t *testing.T) {
	for _, c := range []struct{ pattern, template, text, want string }{
		{`(\d+)-(\d+)`, `\2-\g<1>`, "1-2 3-4", "2-1 4-3"},
		{`,`, ``, "1,234", "1234"},
		{`\$`, `\\n`, "a$", `a\n`},
	} {
		r, err := Compile(c.pattern)
		require.NoError(t, err)
		got, err := r.Replace(c.text, c.template, 0)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	r, err := Compile("a")
	require.NoError(t, err)
	got, err := r.Replace("aaa", "b", 2)
	require.NoError(t, err)
	assert.Equal(t, "bba", got)
	for _, template := range []string{`\1`, `\q`, `\g<x>`, `\g1`} {
		_, err = r.Replace("a", template, 0)
		assert.Error(t, err, template)
	}
}

// TestExplosionsEnd: an expression that backtracks without end is stopped, which the kind of the error says: nothing else ends so.
func TestExplosionsEnd(t *testing.T) {
	r, err := Compile(`(a+)+$`)
	require.NoError(t, err)
	_, err = r.FindAll(strings.Repeat("a", 40) + "b")
	require.ErrorIs(t, err, ErrTimeout)
	for _, pattern := range []string{`(`, `\`, `(?P<a>x)(?P<a>y)`, `(?P=a)`, `[\W]`, strings.Repeat("a", maxPattern+1), `\p{L}`} {
		_, err := Compile(pattern)
		assert.Error(t, err, "%.20s", pattern)
	}
}

func FuzzCompile(f *testing.F) {
	for _, p := range []string{`(?P<a>x)(y)(?P=a)`, `[^\w\s]+`, `(?<=a)b{,3}`, `\b\B\Z`} {
		f.Add(p, "some text 123")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if r, err := Compile(pattern); err == nil {
			_, _ = r.FindAll(text)
		}
	})
}

// TestManySlowSearchesEnd: of many matches that each take a while the later ones are not looked for, and a text that grows without
// end is not made.
func TestManySlowSearchesEnd(t *testing.T) {
	re, err := Compile(`(a+)+$|x`)
	require.NoError(t, err)
	text := strings.Repeat("x"+strings.Repeat("a", 17)+"c", 400)
	_, err = re.FindAll(text)
	require.ErrorIs(t, err, ErrTimeout)
	_, err = re.Replace(text, "y", 0)
	require.ErrorIs(t, err, ErrTimeout)

	re, err = Compile("x")
	require.NoError(t, err)
	// A machine that is busy elsewhere may be too slow for this, too: then it is tried again.
	for range 100 {
		if _, err = re.Replace(strings.Repeat("x", 20), strings.Repeat("y", 1<<20), 0); !errors.Is(err, ErrTimeout) {
			break
		}
	}
	require.ErrorContains(t, err, "the text would have more than 16777216 bytes")
	got, err := re.Replace("日x本xx", "é", 2)
	require.NoError(t, err)
	assert.Equal(t, "日é本éx", got)
}
