package terminal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCommandsAreBroken: in a log that searches for commands no line is one, however the text arrives, and nothing is lost.
func TestCommandsAreBroken(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	for text, want := range map[string]string{
		"::error::x": `\::error::x`, "a\n  ::stop\n": "a\n  \\::stop\n", "a ::b": "a ::b", "x##[error]": `x#\#[error]`, "a#": "a#", "##": "##", ":": ":", "a\r::b": "a\r\\::b",
	} {
		for size := 1; size <= len(text); size++ {
			var b bytes.Buffer
			w := Text(&b)
			for at := 0; at < len(text); at += size {
				piece := text[at:min(at+size, len(text))]
				n, err := w.Write([]byte(piece))
				require.NoError(t, err)
				assert.Equal(t, len(piece), n)
			}
			require.NoError(t, FlushText(w))
			assert.Equal(t, want, b.String(), "%q by %d", text, size)
		}
	}
}

// TestActionsLog: a file that the user redirects to is no log, and outside of GitHub Actions nothing is.
func TestActionsLog(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	t.Setenv("GITHUB_ACTIONS", "true")
	assert.True(t, IsActionsLog(&bytes.Buffer{}))
	assert.False(t, IsActionsLog(f))
	t.Setenv("GITHUB_ACTIONS", "")
	assert.False(t, IsActionsLog(&bytes.Buffer{}))
	assert.False(t, IsTerminal(f))
	assert.Zero(t, Width(f))
	assert.Zero(t, Width(&bytes.Buffer{}))
}

// TestOneLine: an error is one line, and what an earlier part tells already is told once.
func TestOneLine(t *testing.T) {
	assert.Equal(t, "a: b; c", OneLine(errors.Join(errors.New("a: b"), errors.New("b"), errors.New("c"))))
	assert.NotContains(t, OneLine(errors.New("a\x1b[31mb")), "\x1b")
}

// TestGrowing: every part is printed once, and a character whose bytes still arrive only when it is whole.
func TestGrowing(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "")
	var b bytes.Buffer
	p := NewGrowing(&b)
	for _, step := range [][2]string{{"a", "a"}, {"a\ufffd", "a"}, {"a東", "a東"}, {"b", "a東"}, {"a東c", "a東c"}} {
		p.Show(step[0])
		assert.Equal(t, step[1], b.String())
	}
	require.NoError(t, p.Finish("a東c\ufffd"))
	require.NoError(t, p.Flush())
	assert.Equal(t, "a東c\ufffd", b.String())
}

// TestTable: cells stand in columns; on a screen too narrow a row's cells stand below each other, without the empty ones.
func TestTable(t *testing.T) {
	head, rows := []string{"task", "東京", "n"}, [][]string{{"a\x1b", "0.5", ""}, {"b", "1", "2"}}
	var b bytes.Buffer
	require.NoError(t, stacked(&b, head, rows))
	assert.Equal(t, "a\\u001b\n  東京: 0.5\nb\n  東京: 1\n  n: 2\n", b.String())
	assert.Equal(t, 3*3+1+4+4+1, narrowest(head, [][]string{{"a b", "0.5", ""}}))
	b.Reset()
	require.NoError(t, Table(&b, head, rows[1:]))
	for _, word := range []string{"task", "東京", "│ b", "│ 2"} {
		assert.Contains(t, b.String(), word)
	}
	b.Reset()
	require.NoError(t, Folded(&b, "name:", []string{"a", "b"}))
	assert.Equal(t, "name: a b\n", b.String())
}

// TestUnits are powers of 1024.
func TestUnits(t *testing.T) {
	assert.Equal(t, "1.5 MiB", MiB(3<<19))
	assert.Equal(t, "2.0 KiB", KiB(2048))
}
