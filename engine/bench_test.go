package engine_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// benchEnv names the environment variable whose value "110m" or "1b" lets the benchmarks run models of those sizes,
// which take up to a minute and 2.2 GB of disk to write.
const benchEnv = "SWALLOW_EVAL_BENCH"

func benchShape() (string, enginetest.Shape) {
	switch os.Getenv(benchEnv) {
	case "110m":
		return "110m", enginetest.Small110M()
	case "1b":
		return "1b", enginetest.Medium1B()
	}
	shape := enginetest.Tiny()
	shape.Hidden, shape.Intermediate, shape.Heads, shape.KVHeads, shape.Layers, shape.Vocab = 256, 688, 8, 4, 4, 4096
	return "tiny", shape
}

func BenchmarkPrefill(b *testing.B) {
	name, shape := benchShape()
	m := load(b, model(b, shape, 1), engine.Options{})
	for _, n := range []int{128, 512} {
		b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
			tokens := make([]int32, n+1)
			for i := range tokens {
				tokens[i] = int32(i * 7 % shape.Vocab)
			}
			for b.Loop() {
				score(b, m, []engine.Sequence{{Tokens: tokens, From: n}})
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	name, shape := benchShape()
	m := load(b, model(b, shape, 1), engine.Options{})
	const tokens = 16
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprintf("%s/batch%d", name, n), func(b *testing.B) {
			prompts := make([]engine.Prompt, n)
			for i := range prompts {
				prompts[i] = engine.Prompt{Tokens: []int32{1}, MaxTokens: tokens, IgnoreEOS: true}
			}
			for b.Loop() {
				generate(b, m, prompts)
			}
			b.ReportMetric(float64(n*tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// prefillOperations counts position by position what the logits after n tokens depend on.
func prefillOperations(s enginetest.Shape, n int) float64 {
	width := s.Hidden / s.Heads
	count := 2 * s.Hidden * s.Vocab
	for layer := range s.Layers {
		for at := range n {
			count += 2 * 2 * s.Hidden * s.KVHeads * width
			if layer < s.Layers-1 || at == n-1 {
				count += 2*(2*s.Hidden*s.Heads*width+3*s.Hidden*s.Intermediate) + 2*2*s.Heads*width*(at+1)
			}
		}
	}
	return float64(count)
}

func TestBench(t *testing.T) {
	m := load(t, model(t, enginetest.Tiny(), 1), engine.Options{Threads: 2})
	r, err := engine.Bench(t.Context(), m, engine.BenchOptions{Prefill: []int{1, 20}, Scored: []int{20}, Decode: []int{1, 3}, DecodeTokens: 3, Repeats: 1, Loads: []engine.BenchLoad{
		{Name: "toy", Documents: 3, Header: 20, Context: 5, Choices: 2, Ending: 2},
	}})
	require.NoError(t, err)
	assert.Equal(t, engine.Numerics, r.Numerics)
	assert.Equal(t, 2, r.Threads)
	assert.Equal(t, m.Parameters(), r.Parameters)
	assert.Greater(t, r.WeightBytes, 2*r.Parameters)
	assert.Positive(t, r.PeakGFLOPS)
	require.Len(t, r.Prefill, 2)
	require.Len(t, r.Decode, 2)
	for i, n := range []int{1, 20} {
		assert.Equal(t, n, r.Prefill[i].Tokens)
		assert.InEpsilon(t, float64(n), r.Prefill[i].TokensPerSecond*r.Prefill[i].Seconds, 1e-9)
		assert.InEpsilon(t, r.Prefill[i].GFLOPS, r.Prefill[i].ShareOfPeak*r.PeakGFLOPS, 1e-9)
		assert.InEpsilon(t, prefillOperations(enginetest.Tiny(), n), r.Prefill[i].GFLOPS*1e9*r.Prefill[i].Seconds, 1e-9)
	}
	require.Len(t, r.Scored, 1)
	assert.Equal(t, 20, r.Scored[0].Tokens)
	assert.InEpsilon(t, 20, r.Scored[0].TokensPerSecond*r.Scored[0].Seconds, 1e-9)
	assert.Greater(t, r.Scored[0].Cost, -1.0)
	assert.Greater(t, r.Scored[0].OutputCost, -1.0)
	assert.NotZero(t, r.Scored[0].OutputCost)
	for i, n := range []int{1, 3} {
		assert.Equal(t, n, r.Decode[i].Batch)
		assert.InEpsilon(t, float64(n), r.Decode[i].TokensPerSecond*r.Decode[i].Seconds, 1e-9)
		assert.Positive(t, r.Decode[i].WeightGBs)
	}
	require.Len(t, r.Loads, 1)
	l := r.Loads[0]
	assert.Equal(t, 6, l.Requests)
	assert.Equal(t, 6*26, l.Tokens)
	assert.Equal(t, 20+3*(4+2*2), l.DistinctTokens, "the last token of an odd beginning is computed for each choice")
	assert.InEpsilon(t, 6, l.RequestsPerSecond*l.Seconds, 1e-9)
	assert.InEpsilon(t, l.RequestsPerSecond, l.Speedup*l.RequestsPerSecondWithout, 1e-9)
	assert.Positive(t, r.LoadSeconds)
	assert.Positive(t, r.ReadGBs)
	assert.Equal(t, r.PeakGFLOPS, r.Peaks[r.DType])
	assert.Equal(t, m.PackedBytes(), r.PackedBytes)
	assert.Equal(t, m.MemoryBytes(), r.MemoryBytes)
	if runtime.GOOS == "linux" {
		assert.Greater(t, r.PeakMemoryBytes, r.PackedBytes)
	}
	_, err = engine.Bench(t.Context(), m, engine.BenchOptions{Loads: []engine.BenchLoad{{Name: "nothing"}}})
	require.ErrorContains(t, err, "bench: load nothing: ")
	for _, bad := range []engine.BenchOptions{{Prefill: []int{0}}, {Scored: []int{0}}, {Decode: []int{-1}}, {DecodeTokens: 1}, {Repeats: -1}} {
		_, err := engine.Bench(t.Context(), m, bad)
		assert.ErrorContains(t, err, "bench: ")
	}
}
