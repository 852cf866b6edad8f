package eval

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// described is a task of which nothing but the Spec is asked.
type described struct {
	tasks.Task
	spec tasks.Spec
}

func (d described) Spec() tasks.Spec { return d.spec }

func two() []tasks.Task {
	return []tasks.Task{
		described{spec: tasks.Spec{Name: "a", Reference: "ref_a", Dataset: "x", Metrics: []metrics.Metric{metrics.Accuracy("acc")}}},
		described{spec: tasks.Spec{Name: "b", Reference: "ref_b", Dataset: "y"}},
	}
}

// TestParseSamples reads positions from the command line and from a file, by either name of a task.
func TestParseSamples(t *testing.T) {
	file := filepath.Join(t.TempDir(), "samples.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"ref_b":[5]}`), 0o600))
	for given, want := range map[string]map[string][]int{
		"": nil, ` {"a":[0,2]}`: {"a": {0, 2}}, file: {"b": {5}}, "{}": {},
	} {
		got, err := ParseSamples(given, two())
		require.NoError(t, err)
		assert.Equal(t, want, got, given)
	}
	for given, want := range map[string]string{
		`{"c":[1]}`:   `--samples: task "c" is not among the --tasks`,
		`{"a":1}`:     `--samples is not of the form {"task":[positions]}: `,
		file + "none": "--samples: ",
	} {
		_, err := ParseSamples(given, two())
		assert.ErrorContains(t, err, want)
	}
	assert.Equal(t, two()[1:], Sampled(two(), map[string][]int{"b": {1}}))
	none := Sampled(two(), map[string][]int{})
	assert.NotNil(t, none)
	assert.Empty(t, none)
}

// TestPlanned holds what a folder of results is asked about.
func TestPlanned(t *testing.T) {
	shots := 3
	r := Options{Profile: tasks.Profile{Name: "p"}, Tasks: two(), Shots: &shots, Samples: map[string][]int{}}.Planned(results.Model{Name: "m"})
	assert.Equal(t, "p", r.Profile)
	assert.Equal(t, "m", r.Model.Name)
	assert.True(t, r.Samples)
	assert.Equal(t, 3, *r.ShotsOverride)
	require.Len(t, r.Scores, 2)
	assert.Equal(t, []results.Value{{Metric: "acc", Signature: metrics.Accuracy("acc").Signature}}, r.Scores[0].Values)
	assert.False(t, Options{Tasks: two()}.Planned(results.Model{}).Samples)
}

// opened remembers what was read.
type opened struct{ read []string }

func (o *opened) Rows(dataset, split string) (string, []json.RawMessage, error) {
	o.read = append(o.read, dataset+"/"+split)
	return "", nil, errors.New("not there")
}

func (o *opened) Files() (files []results.DataFile) {
	for _, name := range o.read {
		files = append(files, results.DataFile{Path: name})
	}
	return files
}

// TestDataInBoth reads what both rest on: of pinned files only where others are permitted.
func TestDataInBoth(t *testing.T) {
	held := results.Run{Scores: []results.Score{{Data: []results.DataFile{
		{Dataset: "x", Split: "pinned", State: "official"}, {Dataset: "x", Split: "rebuilt", State: "rebuilt"}, {Dataset: "x", Split: "free", State: "unpinned"},
		{Dataset: "z", Split: "other", State: "unpinned"},
	}}}}
	for unpinned, want := range map[bool][]string{false: {"x/free"}, true: {"x/pinned", "x/rebuilt", "x/free"}} {
		var source opened
		o := Options{Tasks: two(), Source: func() Source { return &source }}
		assert.Len(t, o.DataInBoth(held, unpinned), len(want))
		assert.Equal(t, want, source.read)
	}
}
