package cireport

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestParseFiles reads formats and paths, and refuses what would be written over itself.
func TestParseFiles(t *testing.T) {
	got, err := ParseFiles([]string{"junit=a=b.xml", "markdown=c"})
	require.NoError(t, err)
	assert.Equal(t, []File{{JUnit, "a=b.xml"}, {Markdown, "c"}}, got)
	for given, want := range map[string]string{
		"junit":        `--output "junit" is not of the form FORMAT=FILE`,
		"junit=":       `--output "junit=" is not of the form FORMAT=FILE`,
		"pdf=x":        `--output "pdf=x": format "pdf": choose table, md, json, junit, github or csv`,
		"md=x junit=x": "--output: x is named twice",
	} {
		_, err := ParseFiles(strings.Fields(given))
		assert.EqualError(t, err, want)
	}
}

// TestWriteFile replaces a file, and leaves what is none in its place.
func TestWriteFile(t *testing.T) {
	r := Report{Title: []string{"the title"}}
	path := filepath.Join(t.TempDir(), "r.md")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, r.WriteFile(File{Markdown, path}))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(content), "the title")
	assert.NotContains(t, string(content), "old")
	assert.Error(t, r.WriteFile(File{Markdown, filepath.Dir(path)}))
	if runtime.GOOS == "windows" {
		return
	}
	require.NoError(t, r.WriteFile(File{Markdown, os.DevNull}))
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.False(t, info.Mode().IsRegular())
}
