package smokedata

import (
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/smokedata/invent"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestFilesAreTheGenerators proves that the committed files are what the generator writes, and nothing else.
func TestFilesAreTheGenerators(t *testing.T) {
	made, err := invent.PublishedFiles()
	require.NoError(t, err)
	want := map[string]string{}
	for _, f := range made {
		want["data/"+f.Path] = string(f.Content)
	}
	got := map[string]string{}
	require.NoError(t, fs.WalkDir(files, "data", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := files.ReadFile(path)
		got[path] = string(content)
		return err
	}))
	for path := range want {
		assert.Equal(t, want[path], got[path], "%s: run go generate ./datasets/smokedata", path)
	}
	assert.Len(t, got, len(want), "data holds files that the generator does not write")
}

// TestReadersGiveTheRows compares what the benchmarks' readers make of the files with the rows the generator meant.
func TestReadersGiveTheRows(t *testing.T) {
	set, err := invent.Published()
	require.NoError(t, err)
	dir, err := Open()
	require.NoError(t, err)
	for _, split := range dir.Splits() {
		file, rows, err := dir.Rows(split.Dataset, split.Name)
		require.NoError(t, err)
		_, meant, err := set.Rows(split.Dataset, split.Name)
		require.NoError(t, err)
		require.Len(t, rows, len(meant), file)
		for i := range rows {
			var got, want map[string]any
			require.NoError(t, json.Unmarshal(rows[i], &got))
			require.NoError(t, json.Unmarshal(meant[i], &want))
			if split.Dataset == "mgsm" && split.Name == "test" {
				want["answer"] = nil // the file has none
			}
			if split.Dataset == "wmt20" || split.Dataset == "xlsum_ja" || split.Dataset == "mgsm" || split.Dataset == "niilc" {
				assert.Equal(t, want, got, "%s %d", file, i)
			}
			for field := range want {
				assert.Contains(t, got, field, "%s %d", file, i)
			}
		}
	}
}

// TestEverythingIsInvented: no file of the data set may ever be taken for a benchmark's.
func TestEverythingIsInvented(t *testing.T) {
	dir, err := Open()
	require.NoError(t, err)
	r := dir.Recorder()
	for _, split := range dir.Splits() {
		_, _, err := r.Rows(split.Dataset, split.Name)
		require.NoError(t, err)
	}
	real := map[string]bool{}
	for _, split := range datasets.Manifest() {
		for _, l := range split.Layouts {
			for _, f := range l.Files {
				for _, p := range f.Pins {
					real[p.SHA256] = true
				}
			}
		}
	}
	for _, f := range r.Files() {
		assert.Equal(t, datasets.Invented, f.State, f.Path)
		assert.False(t, real[f.SHA256], f.Path)
	}
	assert.Len(t, r.Files(), len(dir.Splits())+2) // a direction of WMT20 has two files
}

// TestTasksTakeTheData builds every document of every task.
func TestTasksTakeTheData(t *testing.T) {
	dir, err := Open()
	require.NoError(t, err)
	for _, profile := range suite.Profiles() {
		for _, task := range profile.OnInvented().Tasks {
			name := profile.Name + " " + task.Spec().Name
			docs, err := task.Docs(dir, task.Spec().Shots, tasks.Unlimited{})
			require.NoError(t, err, name)
			want := 40
			if task.Spec().Name == "jmmlu" { // half of them, without those that are kept for examples
				want = 5
			}
			if _, ok := tasks.AsJudged(task); ok { // ten answers each, which nothing trained the model to end
				want = 4
			}
			assert.Len(t, docs, want, name)
			for _, d := range docs {
				if task.Spec().MinShots == 0 && task.Spec().Name != "xwino" { // those of BBH are text, those of XWINO may be the document
					assert.Len(t, d.Shots, task.Spec().Shots, name)
				}
				assert.Empty(t, d.Fault, name)
			}
		}
	}
}

// TestTrainingIsDisjoint: what training text is drawn from never holds an evaluated question, nor does the data set's
// own training split.
func TestTrainingIsDisjoint(t *testing.T) {
	published, err := invent.Published()
	require.NoError(t, err)
	evaluated := published.Evaluated()
	assert.Equal(t, 18*40+2*4, len(evaluated))
	for seed := range uint64(20) {
		set, err := invent.New(invent.Options{Seed: 1_000_000 + seed, Evaluated: 12, Training: 24, Without: evaluated})
		require.NoError(t, err)
		for key := range set.Keys() {
			assert.False(t, evaluated[key], key)
		}
	}
}
