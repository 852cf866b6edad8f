package folder

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/results"
)

func joinable() results.Run {
	return results.Run{
		SchemaVersion: results.SchemaVersion, Tool: results.Tool{Version: "1"}, Profile: "p", Status: results.StatusComplete, Started: time.Unix(100, 0).UTC(),
		Model: results.Model{Name: "m", Digest: "sha256:w", TokenizerDigest: "sha256:t", DType: "f32", Numerics: "1", Window: 4096},
		Scores: []results.Score{
			{Task: "a", N: 2, Data: []results.DataFile{{Path: "a.json", SHA256: "0a"}}, Values: []results.Value{{Metric: "acc", Signature: "s", Value: 1, Max: 1}}},
			{Task: "c", N: 2, Values: []results.Value{{Metric: "acc", Signature: "s", Value: 1, Max: 1}}},
		},
	}
}

// TestDifferences changes every setting in turn.
func TestDifferences(t *testing.T) {
	five := 5
	for what, change := range map[string]func(*results.Run){
		"profile p, not q":                              func(r *results.Run) { r.Profile = "q" },
		"model m (sha256:w), not n (sha256:v)":          func(r *results.Run) { r.Model.Digest, r.Model.Name = "sha256:v", "n" },
		"model sha256:w, not sha256:v":                  func(r *results.Run) { r.Model.Digest = "sha256:v" },
		"tokenizer sha256:t, not sha256:u":              func(r *results.Run) { r.Model.TokenizerDigest = "sha256:u" },
		"dtype f32, not q8":                             func(r *results.Run) { r.Model.DType = "q8" },
		"numerics 1, not 2":                             func(r *results.Run) { r.Model.Numerics = "2" },
		"window 4096, not 512":                          func(r *results.Run) { r.Model.Window = 512 },
		"--limit none, not 10":                          func(r *results.Run) { r.Limit = "10" },
		"documents chosen by --samples false, not true": func(r *results.Run) { r.Samples = true },
		"--num-fewshot none, not 5":                     func(r *results.Run) { r.ShotsOverride = &five },
		"invented data none, not x":                     func(r *results.Run) { r.InventedData = "x" },
		"data file a.json sha256:0a, not sha256:0b": func(r *results.Run) {
			r.Scores = []results.Score{{Task: "b", Data: []results.DataFile{{Path: "a.json", SHA256: "0b"}}}}
		},
		"a's acc s, not z": func(r *results.Run) {
			r.Scores = []results.Score{{Task: "a", Values: []results.Value{{Metric: "acc", Signature: "z"}}}}
		},
	} {
		next := joinable()
		change(&next)
		list := Differences(joinable(), next)
		require.Len(t, list, 1, what)
		assert.Equal(t, what, list[0].String())
	}
	assert.Empty(t, Differences(joinable(), joinable()))
	unknown := joinable()
	unknown.Model = results.Model{DType: "f32"}
	unknown.Scores = []results.Score{{Task: "b", Values: []results.Value{{Metric: "acc", Signature: "z"}}}}
	assert.Empty(t, Differences(joinable(), unknown), "what is not known yet is not compared, another task has its own metric")
	renamed := joinable()
	renamed.Model.Name = "./m"
	assert.Empty(t, Differences(joinable(), renamed), "a path is no difference")
}

func TestJoin(t *testing.T) {
	order := []string{"a", "b", "c", "d"}
	held := joinable()
	held.Unfinished = []string{"d"}
	held.Status = results.StatusInterrupted
	f := On(atomicfile.OS{}, t.TempDir(), &held)
	next := joinable()
	next.Tool.Version, next.Model.Name, next.Started, next.AllowUnpinnedData = "2", "./m", time.Unix(200, 0), true
	next.Scores = []results.Score{{Task: "c", N: 3, Values: []results.Value{{Metric: "acc", Signature: "s"}}}, {Task: "a", Hole: "failed"}, {Task: "b", Hole: "no words"}}
	got := f.Join(next, []string{"c", "a", "b"}, order)
	require.Len(t, got.Scores, 3)
	assert.Equal(t, "a", got.Scores[0].Task)
	assert.Empty(t, got.Scores[0].Hole, "a number is not lost to a failure")
	assert.Equal(t, "1", got.Scores[0].Tool)
	assert.Equal(t, "no words", got.Scores[1].Hole)
	assert.Equal(t, 3, got.Scores[2].N, "a task that was run again has its new score")
	assert.Empty(t, got.Scores[2].Tool)
	assert.Equal(t, []string{"d"}, got.Unfinished)
	assert.Equal(t, results.StatusInterrupted, got.Status)
	assert.Equal(t, "m", got.Model.Name)
	assert.Equal(t, held.Started, got.Started)
	assert.True(t, got.AllowUnpinnedData)
	assert.Len(t, held.Scores, 2, "what was held is as it was")

	next.Scores = []results.Score{{Task: "d"}, {Task: "b"}}
	require.NoError(t, f.Finish(got))
	got = f.Join(next, []string{"b", "d"}, order)
	assert.Empty(t, got.Unfinished)
	assert.Equal(t, results.StatusComplete, got.Status)
	next.Scores = []results.Score{{Task: "d", Hole: "x"}}
	assert.Equal(t, results.StatusIncomplete, f.Join(next, []string{"d"}, order).Status)
	next.Scores = nil
	next.Status = results.StatusInterrupted
	again := f.Join(next, []string{"c"}, order)
	assert.Equal(t, []string{"d"}, again.Unfinished, "c has a number from before")
}

// TestOneWriter: a folder that is open keeps others out, without a trace when it is closed.
func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(dir)
	require.NoError(t, err)
	_, err = Open(dir)
	require.ErrorIs(t, err, atomicfile.ErrLocked)
	require.ErrorContains(t, err, dir)
	require.NoError(t, f.Close())
	require.NoError(t, f.Close())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	f, err = Open(dir)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// TestSetAside moves everything by one rename, behind links too, and the next writer is alone in the new folder.
func TestSetAside(t *testing.T) {
	work := t.TempDir()
	dir, link := filepath.Join(work, "real"), filepath.Join(work, "link")
	require.NoError(t, writeRunIn(dir, joinable()))
	require.NoError(t, os.Symlink(dir, link))
	for n := 1; n <= 2; n++ {
		f, err := Open(link)
		require.NoError(t, err)
		require.NotNil(t, f.Held())
		require.NoError(t, os.WriteFile(filepath.Join(link, "notes"), []byte("mine"), 0o644))
		aside, err := f.SetAside()
		require.NoError(t, err)
		assert.Regexp(t, `real\.old[12]$`, aside)
		assert.Nil(t, f.Held())
		entries, err := os.ReadDir(aside)
		require.NoError(t, err)
		assert.Len(t, entries, 2, "run.json and the notes: %v", entries)
		_, err = Open(dir)
		require.ErrorIs(t, err, atomicfile.ErrLocked)
		require.NoError(t, f.Finish(joinable()))
		require.NoError(t, f.Close())
		entries, err = os.ReadDir(link)
		require.NoError(t, err)
		assert.Len(t, entries, 1, "%v", entries)
	}
}

// writeRunIn makes the directory first.
func writeRunIn(dir string, r results.Run) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return WriteRun(dir, r)
}

func TestUnreadableManifests(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"{", `{"schema_version":99}`, `{"schema_version":1,"baseline":true}`} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, results.RunFile), []byte(text), 0o644))
		f, err := Open(dir)
		var bad *UnreadableError
		require.ErrorAs(t, err, &bad, text)
		aside, err := f.SetAside()
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(aside, results.RunFile))
		require.NoError(t, f.Close())
	}
}
