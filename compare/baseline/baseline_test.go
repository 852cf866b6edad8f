package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// aRun writes a run of one task with two documents, whose answer is text, as change has it.
func aRun(t *testing.T, text string, change func(*results.Run)) string {
	t.Helper()
	dir := t.TempDir()
	var b []byte
	for i := range 2 {
		var err error
		b, err = results.AppendSample(b, results.Sample{Task: "a", Position: i, DocID: []byte{'0' + byte(i)}, DocHash: string(rune('x' + i)), Target: "t",
			Exchanges: []results.Exchange{{Kind: "generate", Prompt: "a long prompt", Text: &text}}, Marks: []results.Mark{{Metric: "acc", Output: text, Stat: metrics.Stat{1}}}})
		require.NoError(t, err)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "samples_a.jsonl"), b, 0o600))
	sum := sha256.Sum256(b)
	run := results.Run{SchemaVersion: results.SchemaVersion, Profile: "p", Status: "complete", Scores: []results.Score{{Task: "a", N: 2, SamplesFile: "samples_a.jsonl", SamplesDigest: "sha256:" + hex.EncodeToString(sum[:]),
		Values: []results.Value{{Metric: "acc", Value: 50, Max: 100}}}}}
	if change != nil {
		change(&run)
	}
	require.NoError(t, folder.WriteRun(dir, run))
	return dir
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "samples_") {
			list = append(list, e.Name())
		}
	}
	return list
}

// TestSave: a baseline holds the answers without the prompts and the digest of what it condenses; a later one replaces it and leaves
// no file of it, nor of a save that was killed.
func TestSave(t *testing.T) {
	from, dir := aRun(t, "one", nil), filepath.Join(t.TempDir(), "new")
	saved, err := Save(from, dir)
	require.NoError(t, err)
	assert.Equal(t, 1, saved.Tasks)
	assert.Equal(t, 2, saved.Documents)
	first := names(t, dir)
	require.Len(t, first, 1)
	info, err := os.Stat(filepath.Join(dir, first[0]))
	require.NoError(t, err)
	assert.Equal(t, info.Size(), saved.Bytes)
	original, err := results.ReadRun(from)
	require.NoError(t, err)
	run, err := Read(dir)
	require.NoError(t, err)
	assert.Equal(t, original.Scores[0].SamplesDigest, run.Scores[0].OriginalDigest)
	assert.NotEqual(t, original.Scores[0].SamplesDigest, run.Scores[0].SamplesDigest)
	d, err := compare.Load(dir)
	require.NoError(t, err)
	x := d.Samples["a"][1].Exchanges[0]
	assert.Equal(t, "one", *x.Text)
	assert.Empty(t, x.Prompt)

	killed := filepath.Join(dir, "samples_a.0123456789ab.jsonl.zst")
	require.NoError(t, os.WriteFile(killed, nil, 0o600))
	_, err = Save(aRun(t, "two", nil), dir)
	require.NoError(t, err)
	second := names(t, dir)
	require.Len(t, second, 1)
	assert.NotEqual(t, first, second)
}

// TestSaveRefuses what is no accepted run, and folders that hold something else, which stay as they are.
func TestSaveRefuses(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	_, err := Save(aRun(t, "one", nil), kept)
	require.NoError(t, err)
	_, err = Save(kept, filepath.Join(t.TempDir(), "new"))
	assert.EqualError(t, err, kept+" is a baseline already: copy it")

	var incomplete *IncompleteError
	for want, change := range map[string]func(*results.Run){
		"(a without a number)": func(r *results.Run) { r.Scores[0].Hole, r.Scores[0].Values = "why", nil },
		"(interrupted)":        func(r *results.Run) { r.Status = "interrupted" },
		"a has no samples":     func(r *results.Run) { r.Scores[0].SamplesFile, r.Scores[0].SamplesDigest = "", "" },
	} {
		_, err := Save(aRun(t, "one", change), filepath.Join(t.TempDir(), "new"))
		assert.ErrorAs(t, err, &incomplete, want)
		assert.ErrorContains(t, err, want)
	}

	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "mine.txt"), nil, 0o600))
	_, err = Save(aRun(t, "one", nil), other)
	assert.EqualError(t, err, other+" holds something else than a baseline: name a new directory")
	entries, err := os.ReadDir(other)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

// TestRead: a run is no baseline.
func TestRead(t *testing.T) {
	dir := aRun(t, "one", nil)
	_, err := Read(dir)
	assert.EqualError(t, err, dir+" is a run, not a baseline: swallow-eval baseline save "+dir+" DIR makes one of it")
}

// TestCheckFindsWhatWasChanged: samples that are not those of the manifest contradict it.
func TestCheckFindsWhatWasChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	_, err := Save(aRun(t, "one", nil), dir)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, results.Compress(&b, nil))
	require.NoError(t, os.WriteFile(filepath.Join(dir, names(t, dir)[0]), []byte(b.String()), 0o600))
	err = Check(dir, func(results.Run) func(string, string) (metrics.Metric, bool) { return nil })
	var contradiction *ContradictionError
	assert.ErrorAs(t, err, &contradiction)
}

// TestReport shows a score as a share of the best, with the size of its samples; what has no number has a dash.
func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	saved, err := Save(aRun(t, "one", nil), dir)
	require.NoError(t, err)
	run, err := Read(dir)
	require.NoError(t, err)
	run.Scores = append(run.Scores, results.Score{Task: "b"})
	r := Report(dir, run)
	assert.Equal(t, []string{"0", "acc", "0.5000", "2"}, r.Rows[0][1:5])
	assert.Equal(t, "—", r.Rows[1][3])
	assert.Equal(t, []string{"a", "0", "acc", "0.5000", "2"}, r.Records[0][:5])
	assert.NotEqual(t, "0", r.Records[0][5])
	assert.Positive(t, saved.Bytes)
}
