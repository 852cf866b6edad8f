package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// later is the profile whose tasks have programs for answers.
func later(t *testing.T) tasks.Profile {
	t.Helper()
	p, err := suite.Find(suite.Profiles(), "swallow-202411")
	require.NoError(t, err)
	return p
}

// TestWhoHasPrograms finds the tasks whose answers are programs, each once.
func TestWhoHasPrograms(t *testing.T) {
	p := later(t)
	assert.Equal(t, []string{"jhumaneval", "humaneval"}, TaskNames([]tasks.Profile{p, p}))
	assert.True(t, Needed(p.Tasks))
	chosen, err := suite.Select(p, []string{"gsm8k"})
	require.NoError(t, err)
	assert.False(t, Needed(chosen))
}

// TestRunsWithoutPrograms have none; samples are read from the run's own folder alone, and must be there.
func TestRunsWithoutPrograms(t *testing.T) {
	dir, p := t.TempDir(), later(t)
	list, err := ReadPrograms(dir, results.Run{Scores: []results.Score{{Task: "gsm8k"}, {Task: "unheard-of"}}}, p)
	require.NoError(t, err)
	assert.Nil(t, list)
	for _, file := range []string{"", filepath.Join("..", "samples_humaneval.jsonl")} {
		_, err = ReadPrograms(dir, results.Run{Scores: []results.Score{{Task: "humaneval", SamplesFile: file}}}, p)
		assert.EqualError(t, err, dir+": humaneval has no samples file: nothing is there to judge")
	}
	_, err = ReadPrograms(dir, results.Run{Scores: []results.Score{{Task: "humaneval", SamplesFile: "samples_humaneval.jsonl"}}}, p)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestProgramsAreJudged: what is exported of a run and comes back with verdicts completes it, and gives its task a number; with one
// verdict missing nothing is begun.
func TestProgramsAreJudged(t *testing.T) {
	dir, p := t.TempDir(), later(t)
	task, ok := p.Task("humaneval")
	require.True(t, ok)
	src := rows{`{"task_id":"HumanEval/0","prompt":"def f():\n","entry_point":"f","canonical_solution":"    return 1\n","test":"def check(f):\n    assert f() == 1\n"}`}
	had := evaluated(t, dir, task, src)
	list, err := ReadPrograms(dir, results.Run{Scores: []results.Score{had}}, p)
	require.NoError(t, err)
	require.Len(t, list, 1)
	lines, err := Lines(list)
	require.NoError(t, err)
	require.Len(t, lines, 10, "ten answers are drawn")
	assert.Equal(t, "HumanEval/0", lines[0].Problem)
	assert.Equal(t, "    return 1\n", lines[0].Completion)

	read := func(lines []Line) *Verdicts {
		for i := range lines {
			passed := i < 4
			lines[i].Passed = &passed
		}
		var b bytes.Buffer
		require.NoError(t, WriteLines(&b, lines))
		v, err := ReadVerdicts("verdicts.jsonl", &b)
		require.NoError(t, err)
		return v
	}
	assert.ErrorContains(t, read(lines[:9]).Complete(t.Context(), list), "humaneval: verdicts.jsonl: no verdict on humaneval document")
	all := read(lines)
	require.NoError(t, all.Complete(t.Context(), list))
	out, err := folder.Open(dir)
	require.NoError(t, err)
	scores, err := Scores(t.Context(), all, list, func(task string) (eval.SampleFile, error) { return out.Samples(task) })
	require.NoError(t, err)
	require.NoError(t, out.Close())
	require.Len(t, scores, 1)
	assert.Empty(t, scores[0].Hole)
	assert.InDelta(t, 0.4, scores[0].Values[0].Value, 1e-12)
	assert.Equal(t, 10, scores[0].Judge.Programs)
}

// rows are the records of a data set's only split.
type rows []string

func (r rows) Rows(_, _ string) (string, []json.RawMessage, error) {
	var list []json.RawMessage
	for _, row := range r {
		list = append(list, json.RawMessage(row))
	}
	return "rows.jsonl", list, nil
}

func (rows) Files() []results.DataFile { return nil }

// writer answers every request with the same program.
type writer struct{}

func (writer) Identity() results.Model { return results.Model{Name: "writer"} }
func (writer) Budget() tasks.Budget    { return tasks.Unlimited{} }

func (writer) Do(_ context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	for i := range requests {
		if err := done(i, tasks.Response{Text: "    return 1\n"}); err != nil {
			return err
		}
	}
	return nil
}

// evaluated leaves a task's samples in dir and returns its score: a hole, for nothing ran the programs.
func evaluated(t *testing.T, dir string, task tasks.Task, src rows) results.Score {
	t.Helper()
	out, err := folder.Open(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, out.Close()) }()
	run, err := eval.Run(t.Context(), writer{}, eval.Options{
		Tasks: []tasks.Task{task}, Source: func() eval.Source { return src }, Open: func(task string) (eval.SampleFile, error) { return out.Samples(task) },
	})
	require.NoError(t, err)
	require.Len(t, run.Scores, 1)
	require.NotEmpty(t, run.Scores[0].Hole)
	return run.Scores[0]
}
