package lmeval

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results"
)

// TestFilesAt: a folder has one of the model's in it, a name of a file is taken with the date.
func TestFilesAt(t *testing.T) {
	run := results.Run{Model: results.Model{Name: "org/name"}, Finished: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
	f := FilesAt("out", run)
	dir := filepath.Join("out", SanitizedModelName("org/name"))
	assert.Equal(t, dir, f.Dir)
	assert.Equal(t, filepath.Join(dir, "results_2026-01-02T03-04-05.json"), f.Results)
	assert.Equal(t, filepath.Join(dir, "samples_gsm8k_2026-01-02T03-04-05.jsonl"), f.Samples("gsm8k"))
	f = FilesAt(filepath.Join("out", "mine.json"), run)
	assert.Equal(t, "out", f.Dir)
	assert.Equal(t, filepath.Join("out", "mine_2026-01-02T03-04-05.json"), f.Results)
	assert.Equal(t, filepath.Join("out", "samples_t_2026-01-02T03-04-05.jsonl"), f.Samples("t"))
}
