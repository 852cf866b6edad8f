package fetch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/folders"
)

// TestOpen: the user's own folder is made and filled; one that was named is taken as it is.
func TestOpen(t *testing.T) {
	own := filepath.Join(t.TempDir(), "deep", "own")
	t.Setenv(folders.DataEnv, own)
	splits := []datasets.Split{{Dataset: "a", Name: "test"}}
	var filled []string
	bring := func(dir string) error {
		assert.DirExists(t, dir, "it is there to be filled")
		filled = append(filled, dir)
		return nil
	}
	d, dir, err := Open(splits, "", false, bring)
	require.NoError(t, err)
	assert.Equal(t, own, dir)
	assert.Equal(t, []string{own}, filled)
	assert.Equal(t, splits, d.Splits())

	named := t.TempDir()
	_, dir, err = Open(splits, named, false, bring)
	require.NoError(t, err)
	assert.Equal(t, named, dir)
	assert.Len(t, filled, 1, "nothing is put into a folder of the user's")
	_, _, err = Open(splits, filepath.Join(named, "none"), false, bring)
	require.ErrorIs(t, err, datasets.ErrMissing)
	assert.NoDirExists(t, filepath.Join(named, "none"))

	_, _, err = Open(splits, "", false, nil)
	require.NoError(t, err)
	_, _, err = Open(splits, "", false, func(string) error { return assert.AnError })
	require.ErrorIs(t, err, assert.AnError)
	file := filepath.Join(named, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	t.Setenv(folders.DataEnv, file)
	_, _, err = Open(splits, "", false, bring)
	assert.ErrorContains(t, err, "data folder: ")
}

// TestOpenUnpinned: a file that differs from its pin is read only where that was allowed.
func TestOpenUnpinned(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.jsonl"), []byte(`{"q":"a"}`+"\n"), 0o600))
	pinned := datasets.File{Path: "x.jsonl", Pins: []datasets.Pin{{SHA256: strings.Repeat("0", 64), Size: 10, State: datasets.Official}}}
	split := datasets.Split{Dataset: "a", Name: "test", Layouts: []datasets.Layout{{Format: datasets.JSONL, Files: []datasets.File{pinned}, Rows: 1}}}
	for _, allowed := range []bool{false, true} {
		d, _, err := Open([]datasets.Split{split}, dir, allowed, nil)
		require.NoError(t, err)
		_, _, err = d.Recorder().Rows("a", "test")
		assert.Equal(t, allowed, err == nil, "%v", err)
	}
}
