package eval_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/store"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// loadEnv sets the number of requests of TestLoad, for example 1000000.
const loadEnv = "SWALLOW_EVAL_LOAD"

// bulk is a task of many documents with four long requests each.
type bulk struct{ docs int }

func (b bulk) Spec() tasks.Spec {
	return tasks.Spec{
		Name: "bulk", Reference: "bulk", Title: "Bulk", Language: "en", Version: "0", Protocol: tasks.Plain,
		Metrics: []metrics.Metric{metrics.Accuracy("acc")},
	}
}

func (b bulk) Docs(tasks.Source, int, tasks.Budget) ([]tasks.Doc, error) {
	docs := make([]tasks.Doc, b.docs)
	target := []string{"0"}
	for i := range docs {
		docs[i] = tasks.Doc{ID: tasks.RowID(int64(i)), Targets: target}
	}
	return docs, nil
}

// head is what the prompts of real tasks are long with: examples.
var head = strings.Repeat("Question: how many?\nAnswer: as many as there are.\n\n", 20)

func (bulk) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	prompt := head + d.ID.String()
	rs := make([]tasks.Request, 4)
	for i := range rs {
		rs[i] = tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: prompt, Continuation: " " + strconv.Itoa(i)}
	}
	return rs
}

func (bulk) Outputs(_ tasks.Doc, rs []tasks.Response) []string {
	best := 0
	for i, r := range rs {
		if r.LogProb > rs[best].LogProb {
			best = i
		}
	}
	return []string{strconv.Itoa(best)}
}

// instant answers at once, last request first.
type instant struct{}

func (instant) Budget() tasks.Budget { return tasks.Unlimited{} }

func (instant) Identity() results.Model {
	return results.Model{Name: "instant", Digest: "sha256:00", TokenizerDigest: "sha256:01", DType: "f32", Numerics: "t", Window: 1}
}

func (instant) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for i := len(qs) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := tasks.Response{LogProb: -1 - float64(len(qs[i].Continuation)+int(qs[i].Continuation[1]-'0')), PromptTokens: 256, OutputTokens: 1}
		if err := done(i, r); err != nil {
			return err
		}
	}
	return nil
}

// noData is a source without files.
type noData struct{ tasks.Source }

func (noData) Files() []results.DataFile { return nil }

// gauge is the progress: it looks at the memory ten times, and at the file.
type gauge struct {
	t               *testing.T
	requests, done  int
	file            string
	live            []uint64 // bytes reachable at every tenth of the requests
	written         []int64
	began, finished bool
}

func (g *gauge) Begin(_ string, docs, requests int) {
	g.began = true
	assert.Equal(g.t, g.requests, requests)
	assert.Equal(g.t, g.requests/4, docs)
}

func (g *gauge) Answered(int) {
	if g.done++; g.done%(g.requests/10) != 0 {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	g.live = append(g.live, m.HeapAlloc)
	size := int64(0)
	if found, err := filepath.Glob(g.file); err == nil && len(found) == 1 {
		if info, err := os.Stat(found[0]); err == nil {
			size = info.Size()
		}
	}
	g.written = append(g.written, size)
}

func (g *gauge) End(results.Score) { g.finished = true }

type bulkFile struct{ *atomicfile.Stream }

func (bulkFile) Name() string            { return "bulk.jsonl" }
func (f bulkFile) Commit(_ string) error { return f.Stream.Commit() }

// TestLoad runs many requests past a model that costs nothing: what is left is the loop itself. The memory that is
// reachable must not grow with the requests answered, except by what the scores are made of (a statistic a document)
// and, with a store, by its index. Samples must reach the disk on the way.
func TestLoad(t *testing.T) {
	given := 0
	if s := os.Getenv(loadEnv); s != "" {
		var err error
		given, err = strconv.Atoi(s)
		require.NoError(t, err)
		require.Zero(t, given%40)
	}
	for _, c := range []struct {
		name string
		// grows is how many bytes an answered request may leave behind: a statistic is shared by four, the store's index
		// holds each.
		grows    int
		remember bool
		n        int
	}{{"without store", 24, false, 50_000}, {"with store", 24 + 100, true, 20_000}} {
		t.Run(c.name, func(t *testing.T) {
			n := c.n
			if given > 0 {
				n = given
			}
			dir := t.TempDir()
			g := &gauge{t: t, requests: n, file: filepath.Join(dir, ".samples.jsonl.*.tmp")}
			var model eval.Model = instant{}
			if c.remember {
				s, err := store.Open(filepath.Join(dir, "answers"), store.Identity{Weights: "w", Tokenizer: "t", DType: "f32", Numerics: "n", Window: 1})
				require.NoError(t, err)
				defer func() { require.NoError(t, s.Close()) }()
				model = eval.Cached(model, s)
			}
			started := time.Now()
			run, err := eval.Run(context.Background(), model, eval.Options{
				Profile: tasks.Profile{Name: "load"}, Tasks: []tasks.Task{bulk{n / 4}}, Source: func() eval.Source { return noData{} }, Progress: g, Now: time.Now,
				Open: func(string) (eval.SampleFile, error) {
					s, err := atomicfile.NewStream(filepath.Join(dir, "samples.jsonl"))
					return bulkFile{s}, err
				},
			})
			took := time.Since(started)
			require.NoError(t, err)
			assert.Equal(t, n/4, run.Scores[0].N)
			assert.Equal(t, 1.0, run.Scores[0].Values[0].Value)
			assert.True(t, g.began && g.finished)
			assert.Equal(t, n, g.done)
			require.Len(t, g.live, 10)

			whole := fileSize(t, filepath.Join(dir, "samples.jsonl"))
			assert.Greater(t, g.written[8], whole/2, "samples reach the disk while the run goes on: %v of %d", g.written, whole)
			// From the second tenth on: the first may lack what is allocated once.
			allowed := g.live[1] + uint64(c.grows*n) + 32<<20
			assert.Less(t, g.live[9], allowed, "live bytes by tenth: %v", g.live)
			t.Logf("%d requests in %.1f s: %.0f a second; live MiB by tenth: %s; samples %d MiB; from the system %d MiB",
				n, took.Seconds(), float64(n)/took.Seconds(), mebis(g.live), whole>>20, systemMemory()>>20)
		})
	}
}

func mebis(bytes []uint64) string {
	parts := make([]string, len(bytes))
	for i, b := range bytes {
		parts[i] = fmt.Sprint(b >> 20)
	}
	return strings.Join(parts, " ")
}

func fileSize(t *testing.T, path string) int64 {
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

// systemMemory is what the process has had from the system, less what it gave back.
func systemMemory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}
