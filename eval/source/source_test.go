package source

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
)

// data is a folder with one data set of the given name and content.
func data(t *testing.T, name, content string) *datasets.Dir {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".jsonl"), []byte(content), 0o600))
	d, err := datasets.OpenAs([]datasets.Split{{Dataset: name, Name: "test", Layouts: []datasets.Layout{{
		Format: datasets.JSONL, Files: []datasets.File{{Path: name + ".jsonl", MaxSize: 1 << 10}}, Rows: 0}}}}, dir, true)
	require.NoError(t, err)
	return d
}

// TestMixed: a data set of a task file is read from its own folder, any other from the benchmarks', and without these it is an error.
func TestMixed(t *testing.T) {
	inner, own := data(t, "inner", "{\"a\":1}\n"), data(t, "own", "{\"b\":1}\n{\"b\":2}\n")
	src := Mixed(Of(inner), map[string]*datasets.Dir{"own": own})()
	assert.Empty(t, src.Files())
	_, rows, err := src.Rows("own", "test")
	require.NoError(t, err)
	assert.Equal(t, []json.RawMessage{json.RawMessage(`{"b":1}`), json.RawMessage(`{"b":2}`)}, rows)
	_, rows, err = src.Rows("inner", "test")
	require.NoError(t, err)
	assert.Equal(t, []json.RawMessage{json.RawMessage(`{"a":1}`)}, rows)

	_, _, err = Mixed(nil, map[string]*datasets.Dir{"own": own})().Rows("inner", "test")
	assert.EqualError(t, err, "no data folder is open")
}

// TestFiles: what was read is told in the results' words, of benchmarks first, of task files in the order of their names, and of
// every opening only what was read through it.
func TestFiles(t *testing.T) {
	own, names := map[string]*datasets.Dir{}, []string{"a", "b", "c", "d", "e", "f"}
	for _, name := range names {
		own[name] = data(t, name, "{\"x\":1}\n")
	}
	open := Mixed(Of(data(t, "z", "{\"x\":1}\n{\"x\":2}\n")), own)
	src := open()
	for _, name := range append([]string{"z"}, "f", "e", "d", "c", "b", "a") {
		_, _, err := src.Rows(name, "test")
		require.NoError(t, err)
	}
	var got []string
	for _, f := range src.Files() {
		got = append(got, f.Dataset)
	}
	assert.Equal(t, append([]string{"z"}, names...), got)
	first := src.Files()[0]
	assert.Equal(t, "test", first.Split)
	assert.Equal(t, "z.jsonl", first.Path)
	assert.Equal(t, 2, first.Rows)
	assert.Len(t, first.SHA256, 64)
	assert.NotEmpty(t, first.State)
	assert.Empty(t, open().Files())
}
