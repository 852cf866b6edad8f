package textsafe

import (
	"encoding/csv"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "東京, Tokyo", "東京, Tokyo"},
		{"empty", "", ""},
		{"formula", `=HYPERLINK("x")`, `'=HYPERLINK("x")`},
		{"plus", "+1", "'+1"},
		{"minus", "-1+1", "'-1+1"},
		{"at", "@SUM(A1)", "'@SUM(A1)"},
		{"behind a space", " =1", "' =1"},
		{"full width", "＝1", "'＝1"},
		{"behind an ideographic space", "　＝1", "'　＝1"},
		{"tab first", "\t=1", `\t=1`},
		{"line feed", "a\n=b", `a\n=b`},
		{"control", "a\x1bb", `a\u001bb`},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, CSV(c.in)) })
	}
}

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "東京 3.5 a-b", "東京 3.5 a-b"},
		{"cell", "a|b", `a\|b`},
		{"code", "`x` ``` y", "\\`x\\` \\`\\`\\` y"},
		{"image", "<img src=x>", `\<img src=x\>`},
		{"script link", "[x](javascript:alert(1))", `\[x\]\(javascript:alert\(1\)\)`},
		{"mention", "@octocat", "@<!-- -->octocat"},
		{"issue", "see #123", `see \#<!-- -->123`},
		{"bare address", "https://example.com", `https\://example.com`},
		{"www", "WWW.example.com", `WWW\.example.com`},
		{"entity", "&lt;", `\&lt;`},
		{"heading", "# a", `\#<!-- --> a`},
		{"list", "- a", `\- a`},
		{"numbered list", "1. a", `1\. a`},
		{"lines", "a\n\n# b", `a\\n\\n\#<!-- --> b`},
		{"comment", "<!-- a -->", `\<\!-- a --\>`},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, Markdown(c.in)) })
	}
}

func TestLaTeX(t *testing.T) {
	assert.Equal(t, `50\% \& \textbackslash{}input\{x\} \$a\_b`, LaTeX(`50% & \input{x} $a_b`))
	assert.Equal(t, `\textbackslash{}write18\{rm\}`, LaTeX(`\write18{rm}`))
	assert.Equal(t, `a\textasciicircum{}b\textasciitilde{}c \#1`, LaTeX("a^b~c #1"))
	assert.Equal(t, `東京\textbackslash{}n\textbackslash{}u001b`, LaTeX("東京\n\x1b"))
}

// FuzzFormats holds the promises of every format on any text.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{"", "=1", "a|b", "\\", "\x1b[0m", "\u202e@x #1", "日本\r\n語", "\xff", "www.a http://b", "^^M"} {
		f.Add(s)
	}
	unescaped := regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[|<`\\[]")
	command := regexp.MustCompile(`\\(text[a-z]+\{\}|[{}$&#%_])`)
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{CSV(s), Markdown(s), LaTeX(s)} {
			assert.True(t, clean(out, false), "%q", out)
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		require.NoError(t, w.Write([]string{CSV(s), "x"}))
		w.Flush()
		got, err := csv.NewReader(strings.NewReader(b.String())).Read()
		require.NoError(t, err)
		require.Equal(t, []string{CSV(s), "x"}, got)
		if first := strings.TrimLeft(got[0], " 　"); first != "" {
			assert.NotContains(t, formulaStarts, string([]rune(first)[:1]))
		}
		assert.False(t, unescaped.MatchString(strings.ReplaceAll(Markdown(s), "<!-- -->", "")), "%q", Markdown(s))
		for _, r := range command.ReplaceAllString(LaTeX(s), "") {
			assert.False(t, strings.ContainsRune(`\{}$&#%_^~`, r), "%q", LaTeX(s))
		}
	})
}
