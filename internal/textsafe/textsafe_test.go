package textsafe

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestTerminal(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "東京 Tokyo。", "東京 Tokyo。"},
		{"CSI", "a\x1b[31mb", `a\u001b[31mb`},
		{"OSC 52", "\x1b]52;c;aGk=\x07", `\u001b]52;c;aGk=\u0007`},
		{"C1", "\u009b31m", `\u009b31m`},
		{"backspace", "ok\b\bno", `ok\u0008\u0008no`},
		{"carriage return", "good\rbad", `good\rbad`},
		{"newline", "a\nb", `a\nb`},
		{"tab", "a\tb", `a\tb`},
		{"bidi override", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"zero width", "a\u200bb\ufeffc", `a\u200bb\ufeffc`},
		{"tag characters", "\U000e0041", `\U000e0041`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"command in a log", "a ##[error]b ###[x", `a #\#[error]b ##\#[x`},
		{"invalid UTF-8", "a\xffb", `a\xffb`},
		{"replacement character itself", "a\ufffdb", "a\ufffdb"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, Terminal(c.in)) })
	}
	assert.Equal(t, "a\nb\\u001b", TerminalLines("a\nb\x1b"))
}

func FuzzTextsafe(f *testing.F) {
	for _, s := range []string{"", "a", "\x1b[0m", "\u202e", "\xff\xfe", "日本\n語", "\U000e0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := Terminal(s)
		assert.True(t, utf8.ValidString(out))
		for _, r := range out {
			assert.False(t, hidden(r), "%U in %q", r, out)
		}
		assert.NotContains(t, out, "##[")
		assert.Equal(t, out, Terminal(out), "idempotent")
	})
}
