package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteReplacesWholly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	for _, text := range []string{"first, longer", "second"} {
		require.NoError(t, Write(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, string(b))
	}
	assert.Equal(t, []string{"a.json"}, names(t, dir))
}

func TestFailedWriteLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	broken := errors.New("disk on fire")
	err := Write(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half a fi"); err != nil {
			return err
		}
		return broken
	})
	require.ErrorIs(t, err, broken)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(b))
	assert.Equal(t, []string{"a.json"}, names(t, dir))
}

func TestStream(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.jsonl")
	s, err := NewStream(path)
	require.NoError(t, err)
	_, err = io.WriteString(s, "one\n")
	require.NoError(t, err)
	require.NoError(t, s.Keep())
	assert.Equal(t, []string{"s.jsonl" + PartialSuffix}, names(t, dir))

	s, err = NewStream(path)
	require.NoError(t, err)
	_, err = io.WriteString(s, "one\ntwo\n")
	require.NoError(t, err)
	require.NoError(t, s.Commit())
	assert.Equal(t, []string{"s.jsonl"}, names(t, dir), "a complete file replaces the partial one")

	s, err = NewStream(path)
	require.NoError(t, err)
	require.NoError(t, s.Keep())
	assert.Equal(t, []string{"s.jsonl"}, names(t, dir), "nothing written, nothing kept")

	s, err = NewStream(path)
	require.NoError(t, err)
	_, err = io.WriteString(s, "unwanted")
	require.NoError(t, err)
	require.NoError(t, s.Discard())
	assert.Equal(t, []string{"s.jsonl"}, names(t, dir))
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Probe(filepath.Join(dir, "new", "deep")))
	assert.Empty(t, names(t, filepath.Join(dir, "new", "deep")))
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	assert.ErrorContains(t, Probe(file), "is a file")
	assert.Error(t, Probe(filepath.Join(file, "below")))
}
