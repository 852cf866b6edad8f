package cireport

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile puts a text wherever a stranger's text can stand.
func hostile(text string) Report {
	s := Report{
		Name: text, Title: []string{text, text}, Head: []string{"task", text}, Rows: [][]string{{text, text}, {"a"}}, Notes: []string{text}, Warnings: []string{text},
		Sections:   []Section{{Title: text, Head: []string{text, "b"}, Rows: [][]string{{text, text}, {text}}, More: text}},
		Properties: [][2]string{{text, text}}, Fields: []string{"a", "b"}, Records: [][]string{{text, text}, {"-0.5", "1"}},
		Value: map[string]string{"text": text},
	}
	for i := range 25 {
		s.Cases = append(s.Cases, Case{Class: text, Name: text, Outcome: []Outcome{Failed, Skipped, Broken, Passed}[i%4], Kind: text, Message: text, Detail: text + "\n" + text})
	}
	return s
}

var texts = []string{
	"", "plain 東京", "\x1b[31m\x1b]8;;http://x\x07", "\x00\x01\x0b\x7f\u0085\u009b", "\u202eabc\u2066", "a\r\n::error::x\n::set-output name=x::y", "##[error]x", "=cmd|x", "+1\t2",
	"|`<img src=x>](javascript:x) @octocat #1", "</summary></details>\n\n# heading", "]]><!--", "\xff\xfe\xed\xa0\x80", "\ufffe\uffff", "::error::first line", " \t::warning::x", "日本語のとても長い文章" + strings.Repeat("長", 300),
}

// check asserts what every format promises of a hostile cireport.
func check(t *testing.T, text string) {
	s := hostile(text)
	for _, f := range Formats() {
		var b bytes.Buffer
		require.NoError(t, s.Write(&b, f), "%s", f)
		out := b.String()
		require.True(t, utf8.ValidString(out), "%s", f)
		for _, r := range out {
			if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
				t.Fatalf("%s: %U in %q", f, r, out)
			}
		}
		switch f {
		case JSON:
			var back map[string]string
			require.NoError(t, json.Unmarshal(b.Bytes(), &back))
			require.Equal(t, string([]rune(text)), back["text"])
		case JUnit:
			readJUnit(t, out)
		case CSV:
			rows, err := csv.NewReader(&b).ReadAll()
			require.NoError(t, err)
			require.Len(t, rows, 3)
			require.Equal(t, []string{"-0.5", "1"}, rows[2])
			for _, cell := range rows[1] {
				require.NotRegexp(t, `^[ 　]*[=@]`, cell)
			}
		case GitHub:
			commands := map[string]int{}
			for _, line := range strings.Split(out, "\n") {
				if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "::") {
					name, _, _ := strings.Cut(strings.TrimPrefix(trimmed, "::"), " ")
					commands[name]++
				}
				require.NotContains(t, line, "##[")
			}
			require.Equal(t, map[string]int{"error": 10, "warning": 7}, commands, "at most ten of each, and none from a text")
		case Markdown:
			require.NotContains(t, strings.ReplaceAll(out, `\<`, ""), "<img")
			require.Equal(t, 1, strings.Count(out, "</details>"))
			require.NotContains(t, strings.ReplaceAll(out, "@<!-- -->", ""), "@")
			for _, line := range strings.Split(out, "\n") {
				if strings.HasPrefix(line, "|") {
					cells := strings.Count(strings.NewReplacer(`\\`, "", `\|`, "").Replace(line), "|")
					require.Equal(t, 3, cells, "a row of two cells: %q", line)
				}
			}
		}
	}
}

// readJUnit decodes a report to its last token.
func readJUnit(t *testing.T, out string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(out))
	failures, tests := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok {
			switch e.Name.Local {
			case "testcase":
				tests++
			case "failure":
				failures++
			}
		}
	}
	assert.Equal(t, 25, tests)
	assert.Equal(t, 7, failures)
}

func TestNoFormatLetsHostileTextThrough(t *testing.T) {
	for _, text := range texts {
		t.Run(fmt.Sprintf("%.20q", text), func(t *testing.T) { check(t, text) })
	}
}

func FuzzFormats(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

// A summary larger than GitHub takes is refused as a whole, so what does not fit is left out and counted.
func TestMarkdownStaysWithinASummary(t *testing.T) {
	s := Report{Title: []string{"t"}, Head: []string{"a"}, Rows: [][]string{{"x"}}}
	for range 40 {
		section := Section{Title: "s", Head: []string{"a", "b"}}
		for range 100 {
			section.Rows = append(section.Rows, []string{strings.Repeat("|", 400), "b"})
		}
		s.Sections = append(s.Sections, section)
	}
	var b bytes.Buffer
	require.NoError(t, s.Write(&b, Markdown))
	assert.Less(t, b.Len(), 1<<20)
	assert.Greater(t, b.Len(), 1<<19)
	assert.Contains(t, b.String(), "more do not fit into a summary")
	assert.Contains(t, b.String(), "more tasks with details do not fit")
	assert.Equal(t, strings.Count(b.String(), "<details>"), strings.Count(b.String(), "</details>"))
}

func TestAFailedWriteIsAnError(t *testing.T) {
	for _, f := range Formats() {
		assert.ErrorIs(t, hostile("x").Write(full{}, f), io.ErrShortWrite, "%s", f)
	}
	assert.Error(t, Report{}.Write(io.Discard, "pdf"))
	assert.Error(t, Report{Value: make(chan int)}.Write(io.Discard, JSON))
	_, err := ParseFormat("yaml")
	assert.ErrorContains(t, err, `format "yaml"`)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
