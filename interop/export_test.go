package interop

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/source"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// guesser is a model without a window whose answers depend on what it is asked alone, and are right now and then.
type guesser struct{}

func (guesser) Budget() tasks.Budget { return tasks.Unlimited{} }
func (guesser) Identity() results.Model {
	return results.Model{Name: "guesser", Digest: "sha256:aa", DType: "f32", Numerics: "f32-2"}
}

func (guesser) Do(_ context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	for i, r := range requests {
		h := fnv.New32a()
		fmt.Fprint(h, r.Prompt, r.Continuation, r.Sampling.Draw)
		n := h.Sum32()
		answer := tasks.Response{LogProb: -float64(n%1000) / 64, Greedy: n%2 == 0, Finish: "stop", PromptTokens: 7, OutputTokens: 3}
		if r.Kind == tasks.Generate {
			answer.Text = []string{" A", "東京です", " 4\n#### 4", " the answer is (B).", ` $\boxed{2}$ I hope`, "    return x", ""}[n%7]
		}
		if err := done(i, answer); err != nil {
			return err
		}
	}
	return nil
}

// lenient lets every other program pass.
type lenient struct{}

func (lenient) Judge(_ context.Context, programs []eval.Program) ([]string, error) {
	verdicts := make([]string, len(programs))
	for i := range programs {
		if verdicts[i] = tasks.Passed; i%2 == 1 {
			verdicts[i] = "failed: AssertionError"
		}
	}
	return verdicts, nil
}
func (lenient) About() results.Judge { return results.Judge{By: "a test"} }

// kept is a samples file in a folder.
type kept struct {
	*os.File
	name string
}

func (k kept) Name() string        { return k.name }
func (k kept) Commit(string) error { return k.Close() }
func (k kept) Keep() error         { return k.Close() }

// TestEveryColumnIsExportedAndReadBack: every task of every profile goes into lm-eval's files and comes back with its number, its
// documents' scores and the hashes that pair them with the run's own, under the profile that the files name, whatever the scorer's is.
func TestEveryColumnIsExportedAndReadBack(t *testing.T) {
	env := metrics.Env{
		Pieces: func(s string) []string { return strings.Split(s, "") }, PiecesDigest: "sha256:0123456789ab", Segment: func(s string) string { return s }, Segmenter: "char",
	}
	data, err := smokedata.Open()
	require.NoError(t, err)
	other := func(run results.Run) ([]tasks.Task, error) {
		p, err := suite.Find(suite.Profiles(), run.Profile)
		return p.Bind(env).Tasks, err
	}
	columns := 0
	for _, p := range suite.Profiles() {
		p = p.OnInvented().Bind(env)
		for _, task := range p.Tasks {
			columns++
			t.Run(p.Name+"/"+task.Spec().Name, func(t *testing.T) {
				dir := t.TempDir()
				run, err := eval.Run(t.Context(), guesser{}, eval.Options{
					Profile: p, Tasks: []tasks.Task{task}, Env: env, Source: source.Of(data), Judge: lenient{}, Now: func() time.Time { return time.Unix(1e9, 0) },
					Open: func(task string) (eval.SampleFile, error) {
						f, err := os.Create(filepath.Join(dir, "samples_"+task+".jsonl"))
						return kept{f, filepath.Base(f.Name())}, err
					},
				})
				require.NoError(t, err)
				require.Empty(t, run.Scores[0].Hole)
				out := exportOf(t, dir, run, p, func() tasks.Source { return source.Of(data)() })

				found, err := Find(out)
				require.NoError(t, err)
				s := &series.Scorer{Profile: "swallow-none", Missing: func(tasks.Spec) string { return "" }, Other: other}
				all, err := NewScorer(s).All(found)
				require.NoError(t, err)
				require.Len(t, all.Series, 1)
				got := all.Series[0]
				assert.Empty(t, got.Hole)
				assert.Empty(t, got.Unscored)
				assert.Empty(t, got.Changed)
				assert.Equal(t, p.Name, got.Protocol)
				assert.Equal(t, task.Spec().Name, got.Task)
				values := map[string]results.Value{}
				for _, v := range got.Values {
					if v.Hole == "" {
						values[v.Metric] = v.Value
						assert.Contains(t, []string{string(series.Identical), string(series.Close)}, v.Verdict, v.Metric)
					}
				}
				for _, want := range run.Scores[0].Values {
					assert.Equal(t, want, values[want.Metric])
				}
				assert.Len(t, values, len(run.Scores[0].Values))

				back, err := NewScorer(s).Import(out, found)
				require.NoError(t, err)
				assert.Equal(t, p.Name, back.Run.Profile)
				hashes := map[string]bool{}
				f, err := os.Open(filepath.Join(dir, run.Scores[0].SamplesFile))
				require.NoError(t, err)
				require.NoError(t, results.ReadSamples(f.Name(), f, func(s results.Sample) error { hashes[s.DocHash] = true; return nil }))
				require.NoError(t, f.Close())
				require.Len(t, back.Samples[task.Spec().Name], run.Scores[0].N)
				for _, s := range back.Samples[task.Spec().Name] {
					assert.True(t, hashes[s.DocHash], "document %s does not pair with the run's own", s.DocID)
				}
			})
		}
	}
	assert.Equal(t, 14+19+20, columns, "a profile without a column would be walked over in silence")
}

// exportOf writes a run in lm-eval's files and returns their folder.
func exportOf(t *testing.T, dir string, run results.Run, p tasks.Profile, open func() tasks.Source) string {
	out := t.TempDir()
	e := lmeval.Export{Dir: dir, Run: run, Profile: p.Name, Tasks: p.Tasks, Source: open, Metrics: func(task string) []metrics.Metric {
		found, _ := p.Task(task)
		return found.Spec().Metrics
	}}
	date := lmeval.Date(run)
	jobs, err := e.Jobs(func(name string) string { return filepath.Join(out, "samples_"+name+"_"+date+".jsonl") }, false)
	require.NoError(t, err)
	exported, err := e.Write(t.Context(), jobs)
	require.NoError(t, err)
	f, err := os.Create(filepath.Join(out, "results_"+date+".json"))
	require.NoError(t, err)
	require.NoError(t, lmeval.WriteResults(f, run, exported))
	require.NoError(t, f.Close())
	return out
}
