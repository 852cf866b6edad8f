package planned_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/models/planned"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func open(t *testing.T) (*wrapper.Encoder, engine.Config) {
	dir := t.TempDir()
	shape := enginetest.Tiny()
	shape.Vocab = tokenizertest.VocabSize
	require.NoError(t, enginetest.Write(dir, shape, 1))
	require.NoError(t, tokenizertest.WriteModel(dir+"/tokenizer.model"))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	c, err := engine.ReadConfig(dir)
	require.NoError(t, err)
	return wrapper.NewEncoder(tok, 128), c
}

func TestCounts(t *testing.T) {
	e, c := open(t)
	stored := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "the end", MaxTokens: 3}
	m := planned.New(e, c, results.Model{Name: "m"}, func(q tasks.Request) bool { return q.MaxTokens == 3 })
	requests := []tasks.Request{
		stored,
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "the end of the day", MaxTokens: 10},
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "the end of the night", MaxTokens: 7},
	}
	m.Begin("t", 3, 3)
	answered := 0
	require.NoError(t, m.Do(t.Context(), requests, func(i int, r tasks.Response) error { answered++; return nil }))
	assert.Equal(t, 3, answered)
	got := m.Tasks()[0]
	g1, _, err := e.Prepare(requests[1])
	require.NoError(t, err)
	g2, _, err := e.Prepare(requests[2])
	require.NoError(t, err)
	assert.Equal(t, 1, got.Remembered)
	assert.Equal(t, 17, got.Generated)
	assert.Equal(t, 2, got.Texts)
	assert.Equal(t, len(g1.Prompt)+len(g2.Prompt), got.Tokens)
	assert.Equal(t, engine.DistinctTokens([][]int32{g1.Prompt, g2.Prompt}), got.Distinct)
	assert.Less(t, got.Distinct, got.Tokens, "they share a beginning")
	before := (10*(float64(len(g1.Prompt))+5) + 7*(float64(len(g2.Prompt))+3.5)) / 17 // positions that a generated token looks at, on the average
	assert.Equal(t, bench.LayerFLOPs(c, 17, before)+17*2*float64(c.HiddenSize)*float64(c.VocabSize), got.Generate)
	m.End(results.Score{Task: "u", Hole: "why"})
	assert.Equal(t, "why", m.Tasks()[1].Hole)
}

// TestScoringReadsAllButTheLast: nobody asks what follows the last token of a continuation, so it is not read.
func TestScoringReadsAllButTheLast(t *testing.T) {
	e, c := open(t)
	m := planned.New(e, c, results.Model{Name: "m"}, nil)
	q := tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: "the end", Continuation: " of the day"}
	m.Begin("t", 1, 1)
	require.NoError(t, m.Do(t.Context(), []tasks.Request{q}, func(int, tasks.Response) error { return nil }))
	whole := len(e.Tokenizer().Encode(q.Prompt + q.Continuation))
	assert.Equal(t, whole-1, m.Tasks()[0].Tokens)
	assert.Zero(t, m.Tasks()[0].Generate)
}

func TestEstimate(t *testing.T) {
	task := planned.Task{Read: 4e9, Generate: 6e9, Texts: 300}
	r := bench.Rates{Prefill: 2e9, Decode: []bench.DecodeRate{{Live: 1, Rate: 1e8}, {Live: 8, Rate: 4e8}, {Live: 32, Rate: 1e9}}}
	e := task.Estimate(r)
	assert.Equal(t, planned.Estimate{Least: 2 * time.Second, Most: 8 * time.Second}, e)
	assert.Equal(t, "2 s to 8 s", e.String())
	assert.Equal(t, "4 s to 16 s", e.Add(e).String())
	assert.Equal(t, "4 s to 10 s", e.And(2*time.Second).String())
	task.Texts = 1
	assert.Equal(t, 62*time.Second, task.Estimate(r).Most)
	// A step of 8 takes 2e-8 of something, one of 32 3.2e-8: one of 20 is half way.
	assert.InDelta(t, 20/2.6e-8, r.DecodeAt(20), 1)
	assert.InDelta(t, 4e8, r.DecodeAt(8), 1)
	assert.InDelta(t, 1e9, r.DecodeAt(256), 1)
	assert.Equal(t, "about 31.0 h", planned.Estimate{Least: 30 * time.Hour, Most: 31 * time.Hour}.String())
	assert.Equal(t, "about 50 s", planned.Estimate{Least: 45 * time.Second, Most: 50 * time.Second}.String(), "a tenth of the most is one number")
	assert.Equal(t, "under 1 s", planned.Estimate{Most: time.Millisecond}.String())
	assert.Equal(t, "about 1.9 h", planned.Estimate{Least: 59 * time.Hour, Most: 60 * time.Hour}.On(2, 64).String())
	assert.Equal(t, "40 min", planned.Words(40*time.Minute))
	assert.Equal(t, "5 days", planned.Words(120*time.Hour))
	assert.Equal(t, "under 1 s", planned.Words(time.Millisecond))
}

func TestWeightBytes(t *testing.T) {
	_, c := open(t)
	m, err := engine.Load(writeAgain(t), engine.Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.Close()) }()
	assert.Equal(t, 2*m.Parameters(), planned.WeightBytes(c, 2))
}

func writeAgain(t *testing.T) string {
	dir := t.TempDir()
	shape := enginetest.Tiny()
	shape.Vocab = tokenizertest.VocabSize
	require.NoError(t, enginetest.Write(dir, shape, 1))
	return dir
}

// TestCalibrate: a made-up layer of the sizes runs, and gives rates.
func TestCalibrate(t *testing.T) {
	_, c := open(t)
	r, err := bench.Calibrate(t.Context(), c, engine.Options{Threads: 1}, 0)
	require.NoError(t, err)
	assert.Equal(t, 1, r.Threads)
	assert.Positive(t, r.Prefill)
	assert.Positive(t, r.Pack)
	require.Len(t, r.Decode, 3)
	for _, d := range r.Decode {
		assert.Positive(t, d.Rate)
	}
}

// TestWeightsAt: the files' bytes are counted whatever their number, and a folder without weights has none.
func TestWeightsAt(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Shape{Shards: 3}, 1))
	files, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	size := int64(0)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		size += info.Size()
	}
	w, err := planned.WeightsAt(dir)
	require.NoError(t, err)
	assert.Equal(t, size, w.Bytes)
	assert.Positive(t, w.Rate)
	one, err := planned.WeightsAt(files[0])
	require.NoError(t, err)
	assert.Less(t, one.Bytes, size)
	none, err := planned.WeightsAt(t.TempDir())
	require.NoError(t, err)
	assert.Zero(t, none)
}
