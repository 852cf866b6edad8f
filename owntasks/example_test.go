package owntasks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWriteExample writes a task that can be read with its questions, again over itself, and over nothing else.
func TestWriteExample(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "mine")
	require.NoError(t, WriteExample(name))
	o, err := Read(name + ".yaml")
	require.NoError(t, err)
	assert.Equal(t, "mine", o.Name())
	open, err := Source([]File{o}, nil, false, nil)
	require.NoError(t, err)
	_, rows, err := open().Rows(o.Tasks[0].Spec().Dataset, o.Tasks[0].Splits()[0])
	require.NoError(t, err)
	assert.NotEmpty(t, rows)
	require.NoError(t, WriteExample(name))

	require.NoError(t, os.Remove(name+".jsonl"))
	write(t, dir, "mine.yaml", "mine already")
	assert.EqualError(t, WriteExample(name), name+".yaml exists")
	assert.NoFileExists(t, name+".jsonl", "nothing is written where anything is in the way")
	for _, bad := range []string{"a b", "a:b", ".", filepath.Join(dir, "a*")} {
		assert.ErrorContains(t, WriteExample(bad), "is no name for a task")
	}
	assert.Error(t, WriteExample(filepath.Join(dir, "none", "x")))
}
