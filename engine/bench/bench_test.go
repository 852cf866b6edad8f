package bench_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

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
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 1))
	m, err := engine.Load(dir, engine.Options{Threads: 2})
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.Close()) }()
	r, err := bench.Run(t.Context(), m, bench.Options{Prefill: []int{1, 20}, Scored: []int{20}, Decode: []int{1, 3}, DecodeTokens: 3, Repeats: 1, Loads: []bench.Load{
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
	chosen := slices.IndexFunc(r.Kernels, func(k bench.KernelReport) bool { return k.Chosen })
	require.GreaterOrEqual(t, chosen, 0)
	assert.Equal(t, r.Kernel, r.Kernels[chosen].Name)
	assert.Equal(t, r.Instruction, r.Kernels[chosen].Instruction)
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
	_, err = bench.Run(t.Context(), m, bench.Options{Loads: []bench.Load{{Name: "nothing"}}})
	require.ErrorContains(t, err, "bench: load nothing: ")
	for _, bad := range []bench.Options{{Prefill: []int{0}}, {Scored: []int{0}}, {Decode: []int{-1}}, {DecodeTokens: 1}, {Repeats: -1}} {
		_, err := bench.Run(t.Context(), m, bad)
		assert.ErrorContains(t, err, "bench: ")
	}
}

// TestSummaryTellsHowWeightsAreRead: a model whose weights are read for every batch says how, and what that was chosen from.
func TestSummaryTellsHowWeightsAreRead(t *testing.T) {
	assert.NotContains(t, bench.Report{}.Summary(), "reading ")
	r := bench.Report{StreamedBytes: 3 << 20, Reading: "mapped"}
	assert.Contains(t, r.Summary(), "\nreading   3.0 MiB of weights for every batch: mapped\n")
	r.Readings = []bench.ReadingReport{{Name: "buffered-1", GBs: .5}, {Name: "buffered-2", GBs: .75, Chosen: true}, {Name: "direct-1", Refused: "a\n: invalid argument"}}
	assert.Contains(t, r.Summary(), `: buffered-1 0.50 GB/s; buffered-2 0.75 GB/s, chosen; direct-1 refused: "a\n: invalid argument"`+"\n")
}
