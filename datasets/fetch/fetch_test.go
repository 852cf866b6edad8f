package fetch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
)

// TestAbsent: of the data sets that are used, a split is there when one of its layouts is, whole.
func TestAbsent(t *testing.T) {
	dir := t.TempDir()
	layout := func(names ...string) datasets.Layout {
		var l datasets.Layout
		for _, n := range names {
			l.Files = append(l.Files, datasets.File{Path: n})
		}
		return l
	}
	f := Fetcher{Dir: dir, Splits: []datasets.Split{
		{Dataset: "a", Name: "train", Layouts: []datasets.Layout{layout("a/1", "a/2"), layout("a/other")}},
		{Dataset: "a", Name: "test", Layouts: []datasets.Layout{layout("a/test")}},
		{Dataset: "b", Name: "test", Layouts: []datasets.Layout{layout("b/test")}},
	}}
	used := map[string]bool{"a": true}
	assert.Equal(t, []string{"a/1", "a/test"}, f.AbsentFiles(used))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a"), 0o755))
	put := func(name string) { require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600)) }
	put("a/1")
	assert.Equal(t, []string{"a/1", "a/test"}, f.AbsentFiles(used), "half a layout is none")
	put("a/other")
	assert.Equal(t, []string{"a/test"}, f.AbsentFiles(used))
	put("a/test")
	assert.Empty(t, f.AbsentFiles(used))
	assert.Equal(t, []string{"b/test"}, f.AbsentFiles(map[string]bool{"a": true, "b": true}))
}

// TestAbsentOfNagisa names the model's files that a folder lacks.
func TestAbsentOfNagisa(t *testing.T) {
	dir := t.TempDir()
	all := nagisa.Files()
	assert.Len(t, AbsentOfNagisa(dir), len(all))
	require.NoError(t, os.WriteFile(filepath.Join(dir, all[0].Name), nil, 0o600))
	absent := AbsentOfNagisa(dir)
	assert.Len(t, absent, len(all)-1)
	assert.NotContains(t, absent, filepath.Join(dir, all[0].Name))
}
