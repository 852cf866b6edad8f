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

// TestEstimate: an estimate is that of the tokens that are read and, at most, of all that may be generated.
func TestEstimate(t *testing.T) {
	e, c := open(t)
	m := planned.New(e, c, results.Model{Name: "m"}, nil)
	m.Begin("t", 1, 1)
	q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "the end of the day", MaxTokens: 10}
	require.NoError(t, m.Do(t.Context(), []tasks.Request{q}, func(int, tasks.Response) error { return nil }))
	here := planned.Machine{
		Rates: bench.Rates{Products: []bench.Rate{{Tokens: 1, Rate: 1e3}, {Tokens: 512, Rate: 1e3}}, Recall: 1e3, Shared: 1e3},
		Use:   engine.Use{BatchTokens: 512, Together: 256, CacheBytes: 1 << 30, PositionBytes: 1},
	}
	got, task := m.Tasks()[0].Estimate(here), m.Tasks()[0]
	assert.InEpsilon(t, (task.Read+bench.LayerFLOPs(c, 1, 0)+2*float64(c.HiddenSize*c.VocabSize))/1e3, got.Least.Seconds(), 1e-9)
	// Nine more go through the network one by one, each with attention to what is before it.
	n, vocab := float64(task.Tokens), 2*float64(c.HiddenSize*c.VocabSize)
	assert.InEpsilon(t, got.Least.Seconds()+(bench.LayerFLOPs(c, 9, n+5)+9*vocab)/1e3, got.Most.Seconds(), 1e-9)
	here.Use.StreamedBytes, here.Read = 100, 1e-3
	assert.InEpsilon(t, 1e5, m.Tasks()[0].Estimate(here).Least.Seconds(), 1e-6, "a batch takes as long as reading the weights")
	assert.InEpsilon(t, 1e6, m.Tasks()[0].Estimate(here).Most.Seconds(), 1e-6)
}

func TestWords(t *testing.T) {
	e := planned.Estimate{Least: 2 * time.Second, Most: 8 * time.Second}
	assert.Equal(t, "2 s to 8 s", e.String())
	assert.Equal(t, "4 s to 16 s", e.Add(e).String())
	assert.Equal(t, "4 s to 10 s", e.And(2*time.Second).String())
	assert.Equal(t, "about 31.0 h", planned.Estimate{Least: 30 * time.Hour, Most: 31 * time.Hour}.String())
	assert.Equal(t, "about 50 s", planned.Estimate{Least: 45 * time.Second, Most: 50 * time.Second}.String(), "a tenth of the most is one number")
	assert.Equal(t, "under 1 s", planned.Estimate{Most: time.Millisecond}.String())
	assert.Equal(t, "about 1.9 h", planned.Estimate{Least: 59 * time.Hour, Most: 60 * time.Hour}.On(2, 64).String())
	assert.Equal(t, "40 min", planned.Words(40*time.Minute))
	assert.Equal(t, "5 days", planned.Words(120*time.Hour))
	assert.Equal(t, "under 1 s", planned.Words(time.Millisecond))
}

func TestRates(t *testing.T) {
	r := bench.Rates{Products: []bench.Rate{{Tokens: 1, Rate: 1e8}, {Tokens: 8, Rate: 4e8}, {Tokens: 32, Rate: 1e9}}}
	// A batch of 8 takes 2e-8 of something, one of 32 3.2e-8: one of 20 is half way.
	assert.InDelta(t, 20/2.6e-8, r.At(20), 1)
	assert.InDelta(t, 4e8, r.At(8), 1)
	assert.InDelta(t, 1e9, r.At(256), 1)
}

// TestPlan: the sum is of all tasks and of what precedes the first answer, by both clocks.
func TestPlan(t *testing.T) {
	e, c := open(t)
	m := planned.New(e, c, results.Model{Name: "m"}, nil)
	for _, name := range []string{"t", "u"} {
		m.Begin(name, 1, 1)
		q := tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: "the end", Continuation: " of the day"}
		require.NoError(t, m.Do(t.Context(), []tasks.Request{q}, func(int, tasks.Response) error { return nil }))
	}
	rate := func(r float64) bench.Rates {
		return bench.Rates{Threads: 2, Products: []bench.Rate{{Tokens: 1, Rate: r}}, Recall: r, Shared: r, Pack: 10}
	}
	processor := rate(4e3)
	p := planned.Plan{FetchBytes: 100, Use: engine.Use{BatchTokens: 64, Together: 4}, Rates: &bench.Costs{Rates: rate(1e3), Processor: &processor}}
	p.Started(2*time.Second, time.Second)
	p.LoadSeconds = p.Loading()
	assert.InEpsilon(t, 10, p.LoadSeconds, 1e-9)
	p.Fill(m.Tasks())
	operations := 2 * m.Tasks()[0].Read
	assert.InEpsilon(t, 12+operations/1e3, p.Sum.Most, 1e-6)
	assert.InEpsilon(t, 11+operations/4e3, p.Processor.Most, 1e-6)
	alone, busy := p.Busy()
	assert.True(t, busy)
	assert.InEpsilon(t, p.Processor.Most/2, alone.Seconds(), 1e-6)
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
	both := []bench.Rates{r.Rates}
	if bench.ProcessorTime() > 0 {
		require.NotNil(t, r.Processor)
		both = append(both, *r.Processor)
	}
	for _, by := range both {
		assert.Positive(t, by.Pack)
		assert.Positive(t, by.Recall)
		assert.GreaterOrEqual(t, by.Shared, by.Recall)
		require.Len(t, by.Products, 4)
		for _, p := range by.Products {
			assert.Positive(t, p.Rate)
		}
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
