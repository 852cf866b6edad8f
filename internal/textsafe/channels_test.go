package textsafe

import (
	"encoding/json"
	"encoding/xml"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestXML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "東京 <b>", "東京 <b>"},
		{"forbidden", "a\x00b\x1bc\ufffe", "a\ufffdb\ufffdc\ufffd"},
		{"allowed control", "a\x7fb\u009bc", `a\u007fb\u009bc`},
		{"lines stay", "a\nb\rc\td", `a` + "\n" + `b\rc\td`},
		{"override", "a\u202eb", `a\u202eb`},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, XML(c.in)) })
	}
}

func TestGitHub(t *testing.T) {
	assert.Equal(t, "a%0A::error::b%25", GitHub("a\n::error::b%"))
	assert.Equal(t, `a%0A\r##b #\#[set-env]`, GitHub("a\n\r##b ##[set-env]"))
	assert.Equal(t, `\u001b`, GitHub("\x1b"))
	assert.Equal(t, "a%3Ab%2Cc%25", GitHubProperty("a:b,c%"))
	assert.Equal(t, "a%253Ab", GitHubProperty("a%3Ab"))
}

func TestJSON(t *testing.T) {
	for _, s := range []string{"a\x00b\x1b", "\x7f\u009b\u0085", "\u202e\u2066\u200b\ufeff", "\U000e0041\U000f0000", "東京😀", `\"`, "##[error] ###["} {
		in, err := json.Marshal(map[string]string{s: s})
		require.NoError(t, err)
		out := JSON(nil, in)
		for _, r := range string(out) {
			assert.False(t, hidden(r), "%U in %q", r, out)
		}
		assert.NotContains(t, string(out), "##[")
		var back map[string]string
		require.NoError(t, json.Unmarshal(out, &back))
		assert.Equal(t, map[string]string{s: s}, back)
	}
	assert.Equal(t, "x{\n}\n", string(JSON([]byte("x"), []byte("{\n}\n"))))
}

// FuzzChannels: whatever the text, no channel lets a hidden character through, and each stays within its bounds.
func FuzzChannels(f *testing.F) {
	for _, s := range []string{
		"", "a|b", "\x1b]52;c;aGk=\x07", "\u202e", "\xff\xfe", "::error::x", "##[error]", "=cmd|' /C calc'!A0", "@a #1 `x`\n\n|--|", "]]>", "\ufffe\ufffd", "%0A",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, out := range map[string]string{"xml": XML(s), "github": GitHub(s), "property": GitHubProperty(s)} {
			assert.True(t, utf8.ValidString(out), name)
			for _, r := range out {
				assert.False(t, hidden(r) && (r != '\n' || name != "xml"), "%s: %U in %q", name, r, out)
			}
		}
		assert.NotContains(t, GitHub(s), "##[")
		assert.NotContains(t, GitHubProperty(s), ":")

		type element struct {
			Text string `xml:",chardata"`
			Name string `xml:"name,attr"`
		}
		b, err := xml.Marshal(element{XML(s), XML(s)})
		require.NoError(t, err)
		var back element
		require.NoError(t, xml.Unmarshal(b, &back), "%q", b)
		assert.Equal(t, element{XML(s), XML(s)}, back)
	})
}
