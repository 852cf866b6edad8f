package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/tables"
	"github.com/swallow-eval/swallow-eval/tasks"
	gsm8ktask "github.com/swallow-eval/swallow-eval/tasks/gsm8k"
	"github.com/swallow-eval/swallow-eval/tasks/jsquad"
	"github.com/swallow-eval/swallow-eval/tasks/openbookqa"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
	"github.com/swallow-eval/swallow-eval/tasks/xlsum"
)

// lite is a second profile: one literal of tasks that exist, under other terms.
func lite() tasks.Profile {
	return tasks.Profile{
		Name:  "swallow-lite",
		About: "a few columns with fewer examples",
		Tasks: []tasks.Task{
			tasks.Under(gsm8ktask.New(), tasks.Terms{Shots: new(2)}),
			tasks.Under(openbookqa.New(), tasks.Terms{Shots: new(1), Metric: "acc_norm", Title: "OBQA"}),
			jsquad.New(), xlsum.New(),
		},
		Groups: []tasks.Group{{Name: "quick", Tasks: []string{"gsm8k", "openbookqa"}}},
	}
}

// chinese is a fifteenth task, of a language that no published table has, with a metric of its own that counts in the
// model's pieces.
type chinese struct{}

func (chinese) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "shuzi", Reference: "shuzi_zh", Title: "数字", Language: "zh", Shots: 0, Dataset: "openbookqa", Version: "1",
		Protocol: tasks.Plain, Metrics: []metrics.Metric{brevity(), metrics.Accuracy("acc")}, Unmet: "there is no tokenizer",
	}
}

// brevity is how near an output is to its target in number of pieces, lower for the farther.
func brevity() metrics.Metric {
	return metrics.Metric{
		Name: "brevity", Signature: "tok:lm|version:test", Max: 1, Width: 1, Needs: metrics.ModelPieces,
		Late: func(e metrics.Env) (func(string, []string) metrics.Stat, string) {
			if e.Pieces == nil {
				return nil, ""
			}
			return func(output string, targets []string) metrics.Stat {
				d := len(e.Pieces(output)) - len(e.Pieces(targets[0]))
				return metrics.Stat{1 / float64(1+d*d)}
			}, "tok:lm|version:test"
		},
		Corpus: func(sum metrics.Stat, n int) float64 { return sum[0] / float64(n) },
	}
}

func (chinese) Docs(src tasks.Source, _ int, _ tasks.Budget) ([]tasks.Doc, error) {
	_, rows, err := src.Rows("openbookqa", "test")
	if err != nil {
		return nil, err
	}
	docs := make([]tasks.Doc, len(rows))
	for i := range rows {
		docs[i] = tasks.Doc{ID: tasks.RowID(int64(i)), Input: strings.Repeat("一", 1+i%5) + "是", Target: "数", Targets: []string{"数"}}
	}
	return docs, nil
}

func (chinese) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: d.Input, Stop: []string{"\n"}, MaxTokens: 4}}
}

func (chinese) Outputs(_ tasks.Doc, responses []tasks.Response) []string {
	return []string{responses[0].Text, responses[0].Text}
}

// fifteen is the published profile and one more task in its list.
func fifteen() tasks.Profile {
	p := suite.Default()
	p.Name, p.Tasks = "swallow-fifteen", append(p.Tasks, chinese{})
	return p
}

func withProfiles() console {
	return console{profiles: append(suite.Profiles(), lite(), fifteen())}
}

// must runs a command that must succeed.
func must(t *testing.T, args ...string) (out string) {
	t.Helper()
	out, errs, err := inWorld(t, withProfiles(), args...)
	require.NoError(t, err, "%v: %s", args, errs)
	return out
}

// evaluated runs a profile on the model and the data within the program.
func evaluated(t *testing.T, dir, profile, chosen string) results.Run {
	t.Helper()
	out := must(t, "run", "--profile", profile, "--tasks", chosen, "--limit", "4", "--threads", "2", "-o", dir, "--format", "json")
	var run results.Run
	require.NoError(t, json.Unmarshal([]byte(out), &run))
	return run
}

// TestASecondProfileIsOneLiteral: a profile of existing tasks runs, is scored, compared and exported under its own name.
func TestASecondProfileIsOneLiteral(t *testing.T) {
	isolated(t)
	dir := filepath.Join(t.TempDir(), "lite")
	run := evaluated(t, dir, "swallow-lite", "all")
	assert.Equal(t, "swallow-lite", run.Profile)
	require.Len(t, run.Scores, 4)
	assert.Equal(t, 2, run.Scores[0].Shots)
	assert.Equal(t, "OBQA", run.Scores[1].Title)
	assert.Equal(t, "acc_norm", run.Scores[1].Values[0].Metric, "the profile's column")
	assert.Nil(t, run.ShotsOverride, "the shots are the profile's own")
	for _, s := range run.Scores {
		assert.Equal(t, 4, s.N, "%s: no harness of this profile shares its limit", s.Task)
		assert.Empty(t, s.Hole, s.Task)
	}

	list := must(t, "list", "tasks", "--profile", "swallow-lite")
	assert.Contains(t, list, "OBQA")
	assert.Contains(t, list, "quick   gsm8k openbookqa")
	assert.NotContains(t, list, "triviaqa")
	assert.Contains(t, must(t, "list", "profiles"), "swallow-lite  a few columns")
	assert.Contains(t, must(t, "version"), "swallow-2023, swallow-202407, swallow-202411, swallow-lite, swallow-fifteen")
	_, _, err := inWorld(t, withProfiles(), "prompts", "--profile", "swalow-lite", "--tasks", "all", "--data-dir", "smoke")
	require.EqualError(t, err, `unknown profile "swalow-lite", did you mean swallow-lite?`)

	checkEverywhere(t, dir, run)
	scored := must(t, "score", "--from", filepath.Join(dir, "samples_openbookqa.jsonl"), "--format", "json")
	assert.Contains(t, scored, `"swallow-lite"`)
	assert.Less(t, strings.Index(scored, "acc_norm"), strings.Index(scored, `"acc"`), "scored under the run's own profile")
}

// TestAFifteenthTaskIsOneFolderAndOneList: a task of another language with a metric of its own has its row and its
// samples, and nothing that reads a run leaves it out.
func TestAFifteenthTaskIsOneFolderAndOneList(t *testing.T) {
	isolated(t)
	dir := filepath.Join(t.TempDir(), "fifteen")
	run := evaluated(t, dir, "swallow-fifteen", "zh-all,gsm8k")
	require.Len(t, run.Scores, 2)
	s := run.Scores[1]
	assert.Equal(t, "shuzi", s.Task)
	assert.Equal(t, "zh", s.Language)
	assert.Empty(t, s.Hole)
	assert.Equal(t, []string{"brevity", "acc"}, []string{s.Values[0].Metric, s.Values[1].Metric})
	assert.FileExists(t, filepath.Join(dir, s.SamplesFile))
	checkEverywhere(t, dir, run)
}

// checkEverywhere has every command that reads a run read this one, and finds all its columns in what they print.
func checkEverywhere(t *testing.T, dir string, run results.Run) {
	t.Helper()
	outputs := everyOutput(t, dir)
	lmeval := filepath.Join(t.TempDir(), "lmeval")
	must(t, "export", dir, "--as", "lm-eval", "-o", lmeval)
	outputs["lm-eval with samples"] = readAll(t, lmeval)
	outputs["score of lm-eval's files"] = visible(t, "score", "--from", lmeval, "--model", "smoke")
	for name, out := range outputs {
		for _, s := range run.Scores {
			assert.True(t, strings.Contains(out, s.Title) || strings.Contains(out, s.Task), "%s has no %s: %s", name, s.Task, out)
		}
	}
}

// visible runs a command that may find holes, and returns all that it says.
func visible(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, err := inWorld(t, withProfiles(), args...)
	if coded := (*codedError)(nil); err != nil && (!errors.As(err, &coded) || coded.code != exitIncomplete) {
		require.NoError(t, err, "%v: %s", args, errs)
	}
	return out + errs
}

// everyOutput is what every command that reads a run prints of one, with its notes and whatever it writes.
func everyOutput(t *testing.T, dir string) map[string]string {
	t.Helper()
	temp := t.TempDir()
	run, err := results.ReadRun(dir)
	require.NoError(t, err)
	var table strings.Builder
	require.NoError(t, tables.Write(&table, run))
	baseline := filepath.Join(temp, "baseline")
	if run.Complete() { // others are no baseline
		must(t, "baseline", "save", dir, baseline)
	}
	outputs := map[string]string{
		"run": table.String(), "score": visible(t, "score", "--from", dir, "--model", "smoke"), "report": visible(t, "report", dir, "-o", "-"),
		"list": visible(t, "list", "tasks", "--profile", run.Profile),
	}
	for _, format := range []string{"table", "markdown", "junit", "github", "csv", "json"} {
		outputs["compare "+format] = visible(t, "compare", dir, dir, "--format", format)
		if run.Complete() {
			outputs["gate "+format] = visible(t, "compare", baseline, dir, "--gate", "--format", format)
			outputs["baseline show "+format] = visible(t, "baseline", "show", baseline, "--format", format)
		}
	}
	for _, form := range exportFormats {
		if form == "swallow" && run.InventedData != "" {
			continue // refused: the file has no place to say so
		}
		if form == "programs" {
			continue // answers and no numbers, of tasks whose answers are programs: TestJudgeReadsVerdicts
		}
		to := filepath.Join(temp, form)
		args := []string{"export", dir, "--as", form, "-o", to}
		if form == "lm-eval" {
			args = append(args, "--no-samples")
		}
		outputs["export "+form] = visible(t, args...) + readAll(t, to)
	}
	return outputs
}

// TestNothingIsDropped: a task that no table knows, of a language, a title and a metric that none has, has its number or its
// hole in every output, with the notes on it.
func TestNothingIsDropped(t *testing.T) {
	isolated(t)
	dir := filepath.Join(t.TempDir(), "fifteen")
	run := evaluated(t, dir, "swallow-fifteen", "zh-all,gsm8k")
	run.InventedData = "" // so that no output refuses it
	shuzi := &run.Scores[1]
	shuzi.Cuts.FewerShotsDocs, shuzi.Shots = 3, 2
	run.Scores = append(run.Scores, results.Score{Task: "koku", Title: "空欄", Language: "xx", Hole: "nobody measured it"})
	storeJSON(t, filepath.Join(dir, results.RunFile), run)

	outputs := everyOutput(t, dir)
	assert.Greater(t, len(outputs), 13)
	for name, out := range outputs {
		for _, s := range run.Scores {
			if s.Task == "koku" && (strings.HasPrefix(name, "list") || strings.HasPrefix(name, "score")) {
				continue // the profile has no such task, and there are no samples of it
			}
			shown := strings.Contains(out, s.Title) || strings.Contains(out, s.Task)
			assert.True(t, shown, "%s has no %s: %s", name, s.Task, out)
			if s.Hole == "" {
				continue
			}
			assert.Contains(t, out, s.Hole, name)
		}
		if strings.HasPrefix(name, "export") || name == "run" || name == "report" {
			assert.Contains(t, out, "3 of 4 documents have fewer than 2 examples", name)
		}
	}
	number := strconv.FormatFloat(shuzi.Values[0].Value, 'f', 4, 64)
	for _, name := range []string{"run", "score", "compare table", "compare markdown", "export latex", "export markdown", "report"} {
		assert.Contains(t, outputs[name], number, name)
	}
}

func storeJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b, 0o644))
}

// readAll is the text of a file, or of all files of a folder.
func readAll(t *testing.T, path string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(file)
		all.Write(b)
		return err
	}))
	return all.String()
}

// TestTheLaterProfiles: the two run on the data within the program, say who they are, and compare only when asked.
func TestTheLaterProfiles(t *testing.T) {
	isolated(t)
	dirs := map[string]string{}
	for profile, column := range map[string]string{"swallow-202407": "exact", "swallow-202411": "best_exact"} {
		dirs[profile] = filepath.Join(t.TempDir(), profile)
		run := evaluated(t, dirs[profile], profile, "jcommonsenseqa,jmmlu,squad2,mmlu,gsm8k")
		assert.Equal(t, profile, run.Profile)
		shown := map[string]results.Score{}
		for _, s := range run.Scores {
			assert.Empty(t, s.Hole, s.Task)
			shown[s.Task] = s
		}
		require.Len(t, shown, 5)
		assert.Equal(t, column, shown["squad2"].Values[0].Metric)
		assert.Equal(t, "strict_match", shown["gsm8k"].Values[0].Metric)
		assert.Equal(t, 4, shown["gsm8k"].Shots)
		assert.Equal(t, "acc", shown["mmlu"].Values[0].Metric)
		assert.Equal(t, 5, len(shown["mmlu"].Values)+len(shown["mmlu"].Unmeasured), "acc and the four groups, of which some have no document here")
		assert.Contains(t, shown["mmlu"].Protocol, strings.TrimPrefix(profile, "swallow-"))
	}
	_, _, err := inWorld(t, withProfiles(), "compare", dirs["swallow-202407"], dirs["swallow-202411"])
	require.ErrorContains(t, err, "profile: A has swallow-202407, B has swallow-202411")
	out := visible(t, "compare", dirs["swallow-202407"], dirs["swallow-202411"], "--across-profiles")
	assert.Contains(t, out, "swallow-202407 beside swallow-202411")
	assert.Contains(t, out, "their prompts, examples and metrics differ")
	assert.NotContains(t, visible(t, "list", "tasks", "--profile", "swallow-202411"), "not in this build")
}

// TestTasksOfAnotherProfile: who names a later profile's task without the profile is told which has it.
func TestTasksOfAnotherProfile(t *testing.T) {
	isolated(t)
	_, _, err := invoke(t, "prompts", "--tasks", "humaneval,gsm8k", "--data-dir", "smoke")
	require.ErrorContains(t, err, `unknown task: "humaneval"; there are`)
	require.ErrorContains(t, err, "; found with --profile swallow-202407 and with --profile swallow-202411")
	_, _, err = invoke(t, "prompts", "--tasks", "humanevall", "--data-dir", "smoke")
	require.NotContains(t, err.Error(), "--profile")
}
