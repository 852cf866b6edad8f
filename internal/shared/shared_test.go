package shared

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const keptHere = "testdata/goldens"

// keptFiles are the files that the checkout keeps, by the names under which tests ask for them.
func keptFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(keptHere, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(filepath.ToSlash(path), "testdata/"))
		}
		return err
	}))
	require.NotEmpty(t, names)
	return names
}

// TestKeptRowsAreTheReferences compares what is kept with the whole: every row is a row there, in the same order.
func TestKeptRowsAreTheReferences(t *testing.T) {
	dir := Dir(t)
	for _, name := range keptFiles(t) {
		whole := name
		if strings.HasSuffix(name, ".jsonl") {
			whole += ".gz"
		}
		require.FileExists(t, filepath.Join(dir, whole))
		kept, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		switch all := Bytes(t, whole); filepath.Ext(name) {
		case ".jsonl":
			lines := bytes.Split(all, []byte("\n"))
			for i, row := range bytes.Split(bytes.TrimSpace(kept), []byte("\n")) {
				at := slices.IndexFunc(lines, func(line []byte) bool { return bytes.Equal(line, row) })
				assert.GreaterOrEqual(t, at, 0, "%s: row %d is not the reference's", name, i+1)
			}
		case ".json":
			var part, full any
			require.NoError(t, json.Unmarshal(kept, &part))
			require.NoError(t, json.Unmarshal(all, &full))
			assert.True(t, within(part, full), "%s is not a part of the reference's", name)
		default:
			assert.Equal(t, string(all), string(kept), name)
		}
	}
}

// within tells whether full holds part: the fields of an object, the elements of a list.
func within(part, full any) bool {
	switch part := part.(type) {
	case map[string]any:
		full, ok := full.(map[string]any)
		for k, v := range part {
			w, there := full[k]
			ok = ok && there && within(v, w)
		}
		return ok
	case []any:
		full, ok := full.([]any)
		if !ok || len(part) == len(full) && reflect.DeepEqual(part, full) {
			return ok
		}
		for _, v := range part {
			if !slices.ContainsFunc(full, func(w any) bool { return reflect.DeepEqual(v, w) }) {
				return false
			}
		}
		return true
	}
	return part == full
}

func TestWithin(t *testing.T) {
	full := map[string]any{"a": []any{1.0, 2.0}, "b": map[string]any{"c": "d"}}
	assert.True(t, within(map[string]any{"a": []any{2.0}}, full))
	assert.True(t, within(map[string]any{"b": map[string]any{}}, full))
	assert.False(t, within(map[string]any{"a": []any{3.0}}, full))
	assert.False(t, within(map[string]any{"b": map[string]any{"c": "e"}}, full))
	assert.False(t, within(map[string]any{"x": nil}, full))
	assert.False(t, within([]any{}, full))
}

// TestWhatIsKeptStandsIn: without the reference material a test gets the kept rows, and skips where there are none.
func TestWhatIsKeptStandsIn(t *testing.T) {
	t.Setenv(Env, filepath.Join(t.TempDir(), "nothing"))
	for _, name := range keptFiles(t) {
		asked := name
		if strings.HasSuffix(name, ".jsonl") {
			asked += ".gz"
		}
		assert.NotEmpty(t, Lines(t, asked), name)
	}
	skipped := t.Run("absent", func(t *testing.T) { Lines(t, "goldens/metrics/nothing.jsonl.gz"); t.Error("not skipped") })
	assert.True(t, skipped)
}

// TestKeptIsSmall holds what is kept to its purpose.
func TestKeptIsSmall(t *testing.T) {
	rows, size := 0, 0
	for _, name := range keptFiles(t) {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		size += len(content)
		if filepath.Ext(name) == ".jsonl" {
			rows += bytes.Count(content, []byte("\n"))
		}
	}
	assert.Less(t, rows, 1000)
	assert.Less(t, size, 400<<10)
}
