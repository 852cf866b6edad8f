package lmevaltask

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestParseData: paths are as the task file will name them, which reads nothing beyond its folder.
func TestParseData(t *testing.T) {
	dir := t.TempDir()
	output := filepath.Join(dir, "task.yaml")
	got, err := ParseData([]string{"test=" + filepath.Join(dir, "rows.jsonl"), "a:test=" + filepath.Join(dir, "sub", "a=b.csv")}, output)
	require.NoError(t, err)
	assert.Equal(t, map[string]map[string]string{"": {"test": "rows.jsonl"}, "a": {"test": "sub/a=b.csv"}}, got)
	for _, bad := range []string{"test", "=x", "test=", ":test=x", "a:=x"} {
		_, err := ParseData([]string{bad}, output)
		assert.EqualError(t, err, `--data "`+bad+`" is neither SPLIT=FILE nor TASK:SPLIT=FILE`)
	}
	outside := "test=" + filepath.Join(dir, "..", "rows.jsonl")
	_, err = ParseData([]string{outside}, output)
	assert.EqualError(t, err, "--data "+outside+": the records must lie in or below the folder of the task file, "+dir)
}
