package suite

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
)

var update = flag.Bool("update", false, "write marks.txt from the pinned files, testdata from the data within the program")

// TestMarks compares marks.txt with the pinned files, after the fingerprints have vouched for these.
func TestMarks(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	var file strings.Builder
	for _, f := range Fingerprints() {
		_, all, err := fingerprint(taskOf(t, f.Profile, f.Task), dir, f.Shots, tasks.Unlimited{})
		require.NoError(t, err)
		file.WriteString(f.Profile + " " + f.Task + " " + base64.StdEncoding.EncodeToString(all) + "\n")
	}
	if *update {
		require.NoError(t, os.WriteFile("marks.txt", []byte(file.String()), 0o644))
		return
	}
	assert.Equal(t, file.String(), string(marksFile))
}

func TestEveryFingerprintHasMarks(t *testing.T) {
	for _, f := range Fingerprints() {
		m, err := marks(f.Profile, f.Task)
		require.NoError(t, err)
		assert.Len(t, m, f.Docs*markSize, f.Task)
	}
	_, err := marks("swallow-2023", "nothing")
	assert.Error(t, err)
	_, err = marks("swallow-2022", "gsm8k")
	assert.Error(t, err, "a task's marks are of one profile")
}

// edited changes one record of a source, or leaves out the last.
type edited struct {
	tasks.Source
	row  int
	drop bool
}

func (e edited) Rows(dataset, split string) (string, []json.RawMessage, error) {
	file, rows, err := e.Source.Rows(dataset, split)
	rows = append([]json.RawMessage(nil), rows...)
	if split == "validation" {
		if e.drop {
			return file, rows[:len(rows)-1], err
		}
		rows[e.row] = json.RawMessage(strings.Replace(string(rows[e.row]), `"choice1": "`, `"choice1": "x`, 1))
	}
	return file, rows, err
}

func TestFirstDifference(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	f := Fingerprints()[0]
	jcqa := task(t, f.Task)
	_, _, differs, err := f.FirstDifference(jcqa, dir)
	require.NoError(t, err)
	assert.False(t, differs)
	position, id, differs, err := f.FirstDifference(jcqa, edited{Source: dir, row: 17})
	require.NoError(t, err)
	assert.True(t, differs)
	assert.Equal(t, 17, position)
	assert.Equal(t, "8956", id)
	position, id, differs, err = f.FirstDifference(jcqa, edited{Source: dir, drop: true})
	require.NoError(t, err)
	assert.True(t, differs)
	assert.Equal(t, 1118, position)
	assert.Empty(t, id)
}
