package runs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/results/published"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestReference finds a table by its own name and by that of a profile, and says which there are.
func TestReference(t *testing.T) {
	own := published.All()[0]
	p := Profiles{{Name: "of one's own"}, {Name: "with a table", Reference: own.Name}}
	for _, name := range []string{own.Name, "with a table"} {
		got, err := p.Reference(name)
		require.NoError(t, err)
		assert.Equal(t, own.Name, got.Name)
	}
	_, err := p.Reference("of one's own")
	assert.EqualError(t, err, `"of one's own": the profile has no published numbers`)
	_, err = p.Reference("x")
	require.ErrorContains(t, err, `"x": this build knows the published numbers of `+own.Name)
	assert.ErrorContains(t, err, " and with a table")
	assert.NotContains(t, err.Error(), "one's own")
}

// TestNumbers reads a printed table of the Swallow project in the columns that are asked for, and of a run of ours what its samples
// vouch for, with a warning where there are none.
func TestNumbers(t *testing.T) {
	dir := t.TempDir()
	l := Loader{Profiles: suite.Profiles()}
	_, _, err := l.Numbers(filepath.Join(dir, "none"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)

	task := suite.Default().Tasks[0]
	aggregate := filepath.Join(dir, "aggregated_result.json")
	content, err := json.Marshal(map[string]any{"model": "m", "result": map[string]any{task.Spec().Known().Swallow[0].Name: 0.5}, "tasks": []string{}, "overall": "0.5"})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(aggregate, content, 0o600))
	run, warnings, err := l.Numbers(aggregate, []tasks.Task{task})
	require.NoError(t, err)
	assert.Empty(t, warnings)
	assert.Equal(t, "m", run.Model.Name)
	require.Len(t, run.Scores, 1)
	assert.InDelta(t, 0.5, run.Scores[0].Values[0].Value, 1e-12)

	ours := stored(t, "prompt", "answer")
	run, warnings, err = l.Numbers(ours, nil)
	require.NoError(t, err)
	assert.Len(t, run.Scores, 1)
	assert.Empty(t, warnings)
	require.NoError(t, os.Remove(filepath.Join(ours, results.SamplesFile("gsm8k"))))
	_, _, err = l.Numbers(ours, nil)
	assert.ErrorIs(t, err, os.ErrNotExist)
	kept, err := results.ReadRun(ours)
	require.NoError(t, err)
	kept.Scores[0].SamplesFile, kept.Scores[0].SamplesDigest = "", ""
	require.NoError(t, folder.WriteRun(ours, kept))
	_, warnings, err = l.Numbers(filepath.Join(ours, results.RunFile), nil)
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "no samples vouch for")

	kept.Profile, kept.Own, kept.Scores = owntasks.Prefix+"none", []results.OwnTask{{File: "none.yaml", Text: "doc_to_texts: x"}}, nil
	require.NoError(t, folder.WriteRun(ours, kept))
	read, err := l.Load(ours)
	require.NoError(t, err)
	require.Len(t, read.Warnings, 1, "its task file cannot be read")
	_, warnings, err = l.Numbers(ours, nil)
	require.NoError(t, err)
	assert.Empty(t, warnings, "no printed table has their tasks")
}

// outside opens what other programs' outputs are scored by.
func outside() (*interop.Scorer, error) {
	p := suite.Default()
	return interop.NewScorer(&series.Scorer{Profile: p.Name, Tasks: p.Tasks, Missing: func(tasks.Spec) string { return "" }}), nil
}

// TestNumbersOfTotals: a total without documents is enough, of a task that is a column.
func TestNumbersOfTotals(t *testing.T) {
	spec := suite.Default().Tasks[0].Spec()
	for _, task := range suite.Default().Tasks {
		if task.Spec().Protocol == tasks.HarnessEN {
			spec = task.Spec()
		}
	}
	path := filepath.Join(t.TempDir(), "result.json")
	content, err := json.Marshal(map[string]any{
		"results": map[string]any{spec.Reference: map[string]any{spec.Metrics[0].Name: 0.5}}, "config": map[string]any{"model_args": "pretrained=org/x"},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	l := Loader{Profiles: suite.Profiles(), Scorer: outside}
	run, warnings, err := l.Numbers(path, suite.Default().Tasks)
	require.NoError(t, err)
	require.Len(t, run.Scores, 1)
	assert.Equal(t, spec.Name, run.Scores[0].Task)
	assert.Equal(t, []results.Value{{Metric: spec.Metrics[0].Name, Value: 0.5, Max: spec.Metrics[0].Max}}, run.Scores[0].Values)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "no samples vouch for "+spec.Name)
}

// TestNumbersOfAnImport: another program's outputs vouch for their numbers by the metrics that they were scored with, which no profile
// knows where the task is none of ours.
func TestNumbersOfAnImport(t *testing.T) {
	var lines []string
	for i, right := range []string{"1.0", "0.0", "1.0", "1.0"} {
		lines = append(lines, fmt.Sprintf(`{"doc_id":%d,"doc":{"q":"q%d"},"target":"x","arguments":{"gen_args_0":{"arg_0":"q%d","arg_1":{}}},`+
			`"resps":[["x"]],"filtered_resps":["x"],"filter":"none","exact_match":%s}`, i, i, i, right))
	}
	path := filepath.Join(t.TempDir(), "samples_a_task_of_theirs_2025-01-02T03-04-05.678901.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	l := Loader{Profiles: suite.Profiles(), Scorer: outside}
	run, warnings, err := l.Numbers(path, suite.Default().Tasks)
	require.NoError(t, err)
	assert.Empty(t, warnings)
	require.Len(t, run.Scores, 1)
	score := run.Scores[0]
	assert.Equal(t, "a_task_of_theirs", score.Task)
	assert.Empty(t, score.Hole)
	require.Len(t, score.Values, 1)
	assert.Equal(t, "exact_match", score.Values[0].Metric)
	assert.InDelta(t, 0.75, score.Values[0].Value, 1e-12)
	_, known := ColumnMetric(suite.Default())(score.Task, "exact_match")
	assert.False(t, known, "no profile's metric would do")
}

// stored is the directory of a run of one document.
func stored(t *testing.T, prompt, answer string) string {
	t.Helper()
	dir := t.TempDir()
	task, ok := suite.Default().Task("gsm8k")
	require.True(t, ok)
	m := task.Spec().Metrics[0]
	line, err := results.AppendSample(nil, results.Sample{
		Task: "gsm8k", DocID: json.RawMessage(`1`), DocHash: "h", Targets: []string{"1"},
		Exchanges: []results.Exchange{{Kind: "generate", Prompt: prompt, Text: &answer}},
		Marks:     []results.Mark{{Metric: m.Name, Output: answer, Stat: metrics.Stat{1}}},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, results.SamplesFile("gsm8k")), line, 0o600))
	sum := sha256.Sum256(line)
	require.NoError(t, folder.WriteRun(dir, results.Run{
		SchemaVersion: results.SchemaVersion, Status: "complete", Profile: suite.Default().Name, Model: results.Model{Name: answer, Digest: answer},
		Scores: []results.Score{{
			Task: "gsm8k", N: 1, Total: 1, SamplesFile: results.SamplesFile("gsm8k"), SamplesDigest: "sha256:" + hex.EncodeToString(sum[:]),
			Values: []results.Value{{Metric: m.Name, Signature: m.Signature, Value: 1, Max: 1}},
		}},
	}))
	return dir
}

// TestBeside puts runs beside the first: what was not asked alike is refused with the text in which it differs, which only whole runs have.
func TestBeside(t *testing.T) {
	a, b, other := stored(t, "the prompt", "x"), stored(t, "the prompt", "y"), stored(t, "another prompt", "z")
	l := Loader{Profiles: suite.Profiles()}
	p, err := l.Beside(a, []string{b}, How{})
	require.NoError(t, err)
	require.Len(t, p.All, 2)
	require.Len(t, p.Pairings, 1)
	require.NoError(t, p.Refused[0])
	assert.Empty(t, p.All[0].Samples["gsm8k"][0].Exchanges[0].Prompt, "alike, they are read condensed")

	p, err = l.Beside(a, []string{b, other}, How{})
	require.NoError(t, err)
	require.Len(t, p.Pairings, 2)
	require.NoError(t, p.Refused[0])
	require.ErrorIs(t, p.Refused[1], compare.ErrIncomparable)
	assert.ErrorContains(t, p.Refused[1], "another prompt")

	_, err = l.Beside(a, []string{b}, How{Metrics: []string{"none"}})
	assert.EqualError(t, err, "--metric none: no task of both runs has it")
	_, err = l.Beside(a, []string{filepath.Join(b, "none")}, How{})
	assert.ErrorIs(t, err, os.ErrNotExist)
}
