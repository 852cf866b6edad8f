package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestStatesOfFiles tells a file that is not what was published from one of which nobody knows what was.
func TestStatesOfFiles(t *testing.T) {
	for _, c := range []struct {
		state            datasets.State
		pinned           bool
		result           string
		failed, unproven bool
	}{
		{datasets.Official, true, "official", false, false},
		{datasets.Rebuilt, true, "rebuilt", false, false},
		{datasets.StandIn, true, "stand-in", false, true},
		{datasets.Invented, true, "invented", false, true},
		{datasets.Unpinned, true, "different", true, false},
		{datasets.Unpinned, false, "unpinned", false, true},
	} {
		var v Verdict
		v.state(datasets.Use{State: c.state}, c.pinned)
		assert.Equal(t, []any{c.result, c.failed, c.unproven}, []any{v.Result, v.Failed, v.Unproven}, "%s, pinned %v", c.state, c.pinned)
	}
}

// TestRecordsAreCounted: too many are as wrong as too few.
func TestRecordsAreCounted(t *testing.T) {
	assert.Equal(t, "3 records", recordsOf(datasets.Use{Rows: 3, Expected: 3}))
	for rows, want := range map[int]string{2: "2 records in place of 3", 4: "4 records in place of 3"} {
		assert.Equal(t, want, recordsOf(datasets.Use{Rows: rows, Expected: 3}))
	}
}

// TestPinnedPaths: a split knows its files by every name under which they may lie there.
func TestPinnedPaths(t *testing.T) {
	for _, split := range datasets.Manifest() {
		switch split.Dataset {
		case "gsm8k":
			assert.True(t, split.Pinned("gsm8k/"+split.Name+".jsonl"), split.Name)
			assert.True(t, split.Pinned("gsm8k/"+split.Name+".jsonl.gz"), split.Name)
			assert.False(t, split.Pinned("gsm8k/other.jsonl"))
		case "xwinograd":
			assert.False(t, split.Pinned("xwinograd/en.jsonl"))
		}
	}
}

// TestAnAlteredGoldIsDifferent changes one gold answer of an official file that no prompt of the published setting shows.
func TestAnAlteredGoldIsDifferent(t *testing.T) {
	for _, c := range []struct{ task, file, old, new string }{
		{"gsm8k", "gsm8k/test.jsonl", "#### 18", "#### 19"},
		{"mgsm", "mgsm/mgsm_ja.tsv", "\t18\n", "\t19\n"},
	} {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(filepath.Join(dir, filepath.Dir(c.file)), os.DirFS(shared.Path(t, "data/"+filepath.Dir(c.file)))))
		path := filepath.Join(dir, c.file)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(content), c.old)
		require.NoError(t, os.Chmod(path, 0o644))
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(content), c.old, c.new, 1)), 0o644))

		chosen, err := suite.Select(suite.Default(), []string{c.task})
		require.NoError(t, err)
		d, err := datasets.Open(dir, true)
		require.NoError(t, err)
		list := Task(suite.Default(), chosen[0], d)
		last := list[len(list)-1]
		assert.Equal(t, Different, last.Result, c.task)
		assert.Contains(t, last.Detail, "the requests are the same, gold answers differ, first at position", c.task)
		files := Data(d, dir, []tasks.Task{chosen[0]})
		assert.Equal(t, Different, files[0].Result, c.task)
		assert.True(t, files[0].Failed && last.Failed)
	}
}
