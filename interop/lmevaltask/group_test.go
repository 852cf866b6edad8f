package lmevaltask

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/results"
)

// TestGroupsAreLMEvals: an imported group averages as lm-eval's code did.
func TestGroupsAreLMEvals(t *testing.T) {
	path := filepath.Join(shared.Path(t, "goldens/lmeval"), "yaml/lm_eval/tasks/longbench2/_longbench2_structured.yaml")
	source, err := Open(path, "")
	require.NoError(t, err)
	content, err := source.File(path, map[string]map[string]string{"": {"train": "all.jsonl"}, "longbench2_graph": {"train": "graph.jsonl"}})
	require.NoError(t, err)
	own, err := owntasks.From("mine.yaml", content)
	require.NoError(t, err)
	assert.Equal(t, "graph.jsonl", own.Tasks[0].Data["train"].File)
	assert.Equal(t, "all.jsonl", own.Tasks[1].Data["train"].File)

	docs := documents(t)
	scores := map[int][]results.Score{} // by variant
	compared := 0
	for _, line := range shared.Lines(t, "goldens/lmeval/results.jsonl.gz") {
		var g goldenResult
		require.NoError(t, json.Unmarshal(bytes.ReplaceAll(line, []byte("NaN"), []byte("null")), &g))
		if g.Run != "longbench2_structured" {
			continue
		}
		if g.Group == "" {
			scores[g.Variant] = append(scores[g.Variant], scoreOf(t, own, g, docs))
		}
	}
	for _, line := range shared.Lines(t, "goldens/lmeval/results.jsonl.gz") {
		var g goldenResult
		require.NoError(t, json.Unmarshal(bytes.ReplaceAll(line, []byte("NaN"), []byte("null")), &g))
		if g.Group == "" {
			continue
		}
		groups := results.Averages(results.Run{Scores: scores[g.Variant]}, owntasks.Groups([]owntasks.File{own}))
		require.Len(t, groups, 1)
		assert.Equal(t, g.Aggregated["alias"], groups[0].Title)
		assert.EqualValues(t, g.Aggregated["sample_len"], groups[0].N)
		require.Len(t, groups[0].Values, 1)
		assert.InDelta(t, g.Aggregated["acc,none"], groups[0].Values[0].Value.Value, 1e-15)
		assert.InDelta(t, g.Aggregated["acc_stderr,none"], *groups[0].Values[0].StdErr, 1e-15)
		compared++
	}
	require.Equal(t, 3, compared)
}

// scoreOf scores the recorded answers of one task.
func scoreOf(t *testing.T, own owntasks.File, g goldenResult, docs map[string]memory) results.Score {
	for _, task := range own.Tasks {
		if task.Spec().Name != g.Task {
			continue
		}
		built, err := task.Docs(docs[g.Task], g.Shots, nil)
		require.NoError(t, err)
		stats := make([][]metrics.Stat, len(task.Spec().Metrics))
		for _, d := range g.Docs {
			for i, out := range task.Outputs(built[d.Index], responsesOf(t, d.Responses)) {
				stats[i] = append(stats[i], task.Spec().Metrics[i].Each(out, built[d.Index].Targets))
			}
		}
		score := results.Score{Task: g.Task, N: len(g.Docs), Total: len(g.Docs)}
		score.Values, score.Unmeasured = eval.Values(task.Spec().Metrics, stats)
		return score
	}
	t.Fatalf("no task %s", g.Task)
	return results.Score{}
}

// TestGroupsThatAreNoPlainOnes are refused by key and line, or stand without an average.
func TestGroupsThatAreNoPlainOnes(t *testing.T) {
	const task = "task: a\ntest_split: test\ndoc_to_text: q\ndoc_to_target: a\n"
	for group, want := range map[string]string{
		"group: g\ntask:\n- a\n- {task: a, num_fewshot: 2}\n": "g.yaml:4: task: a member that is written out",
		"group: g\ntask: [b]\n":                               "g.yaml:2: task: no YAML file in or below",
		"group: g\ntask: [h]\n":                               "h is a group itself",
		"group: g\n":                                          "g.yaml:1: task: the group has no tasks",
		"group: g\ntask: [a]\nnum_fewshot: 3\n":               "g.yaml:3: num_fewshot: a group has no such key here",
		"group: g\ntask: [a]\naggregate_metric_list:\n- metric: exact_match\n  aggregation: !function utils.f\n": "g.yaml:5: groups[0].aggregate_metric_list[0].aggregation: !function utils.f: code of other programs is not run",
		"group: g\ntask: [a]\naggregate_metric_list:\n- metric: acc\n":                                           `g.yaml:4: groups[0].aggregate_metric_list[0].metric: no task of g has a metric "acc"`,
		"group: g\ntask: [a]\naggregate_metric_list:\n- metric: exact_match\n  aggregation: median\n":            "median is no way to average",
		"group: g\ntask: [a, twice]\n": "both are the task twice",
		"group: g\ntask: [bad]\n":      "bad.yaml:2: process_docs: !function utils.f: records are changed by a Python function",
	} {
		dir := t.TempDir()
		for name, content := range map[string]string{
			"a.yaml": task, "g.yaml": group, "h.yaml": "group: h\ntask: [a]\n", "broken.yaml": "{", "list.yaml": "- 1\n",
			"one/twice.yaml": "task: twice\n", "two/twice.yaml": "task: twice\n", "bad.yaml": "task: bad\nprocess_docs: !function utils.f\n",
		} {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		}
		_, err := Open(filepath.Join(dir, "g.yaml"), "")
		if assert.Error(t, err, group) {
			assert.Contains(t, err.Error(), want, group)
			assert.NotContains(t, err.Error(), "\n", group)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "g.yaml"), []byte("group: g\ntask: a\n"), 0o600))
		alone, err := Open(filepath.Join(dir, "g.yaml"), dir)
		require.NoError(t, err)
		content, err := alone.File("g.yaml", nil)
		require.NoError(t, err)
		assert.Contains(t, string(content), "averages nothing")
		assert.NotContains(t, string(content), "groups:")
		_, err = alone.File("g.yaml", map[string]map[string]string{"zz": {"test": "x"}})
		require.ErrorContains(t, err, "--data zz:…: g.yaml has no such task")
		_, err = alone.File("g.yaml", map[string]map[string]string{"": {"tst": "x"}})
		require.ErrorContains(t, err, "--data tst=: no task of g.yaml names such a split")
		_, err = alone.File("g.yaml", map[string]map[string]string{"a": {"tst": "x"}})
		require.ErrorContains(t, err, "--data a:tst=: the task names no such split, only test")
	}
}
