package datasets

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSGM: the expected lines are what Python's re gives for sacreBLEU 1.5.0's expression.
func TestSGM(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                        {`<seg id="1">A sentence.</seg>`, "A sentence."},
		"white space":                  {"<seg id=\"1\"> \u3000全角\u3000空白 a\u00a0\t b\x1c\u2028c\u0085 </seg>\r", "全角 空白 a b c"},
		"not white space":              {"<seg id=\"1\">a\u200bb\ufeffc</seg>", "a\u200bb\ufeffc"},
		"entities stay":                {`<seg id="1">AT&amp;T &lt;b&gt; & < ></seg>`, "AT&amp;T &lt;b&gt; & < >"},
		"markup stays":                 {`<seg id="1">a <b>c</b> > d</seg>`, "a <b>c</b> > d"},
		"last end counts":              {`<seg id="1">a</seg> b </seg> c`, "a</seg> b c"},
		"two segments":                 {`<seg id="1">a</seg><seg id="2">b</seg>`, `a</seg><seg id="2">b`},
		"no end":                       {`<seg id="1">a`, `<seg id="1">a`},
		"no bracket":                   {`<seg id="1" a</seg>`, `<seg id="1" a</seg>`},
		"a later segment matches":      {`<seg x</seg <seg id="2">b</seg>`, "b"},
		"empty":                        {`<seg id="1"></seg>`, ""},
		"attributes with brackets":     {`<seg id="a>b">c</seg>`, `b">c`},
		"not at the line's beginning":  {` <seg id="1">a</seg>`, "\x00"},
		"other elements":               {`<segment id="1">a</segment>`, "\x00"},
		"tab in place of the space":    {"<seg\tid=\"1\">a</seg>", "\x00"},
		"capitals":                     {`<SEG id="1">a</SEG>`, "\x00"},
		"a mark before the first line": {"\ufeff<seg id=\"1\">a</seg>", "\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			got := sgmLines([]byte("<doc docid=\"x\">\n<p>\n" + c.in + "\n</p>\n</doc>"))
			if c.want == "\x00" {
				assert.Empty(t, got)
			} else {
				assert.Equal(t, []string{c.want}, got)
			}
		})
	}
	first := sgmLines([]byte("\ufeff<seg id=\"1\">a</seg>\n<seg id=\"2\">b</seg>"))
	assert.Equal(t, []string{"b"}, first)
}

func TestSGMPairs(t *testing.T) {
	src := "<srcset>\n<seg id=\"1\">one</seg>\n<seg id=\"2\">two</seg>\n"
	ref := "<refset>\n<seg id=\"1\">一\u3000つ</seg>\n<seg id=\"2\">二つ</seg>"
	rows, err := parse(SGM, []string{"f", "g"}, [][]byte{[]byte(src), []byte(ref)})
	require.NoError(t, err)
	assert.Equal(t, `{"src":"one","ref":"一 つ"}`+"\n"+`{"src":"two","ref":"二つ"}`, join(rows))

	_, err = parse(SGM, []string{"f", "g"}, [][]byte{[]byte(src), []byte("<seg id=\"1\">一</seg>")})
	require.ErrorIs(t, err, ErrMalformed)
	assert.EqualError(t, err, "f and g: malformed data: 2 sources, 1 references")
}

// FuzzSGM: lines come out stripped, without any white space but single spaces, one for every line that begins a segment.
func FuzzSGM(f *testing.F) {
	for _, s := range []string{"<seg id=\"1\"> a </seg>\n", "<seg >", "<seg <seg></seg></seg>\n<seg x", "\u3000<seg 1>\u3000</seg>", "<seg \xff>\xfe</seg>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		got := sgmLines(content)
		want := strings.Count("\n"+string(content), "\n<seg ")
		require.Len(t, got, want)
		for _, line := range got {
			require.Equal(t, strings.Join(strings.FieldsFunc(line, pythonSpace), " "), line)
		}
	})
}
