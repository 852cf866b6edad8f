package bench

import (
	"context"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// TestDecodeBesideReading prints how fast the model that SWALLOW_EVAL_READING names decodes single tokens, beside how fast its
// packed weights are read by the same threads with nothing else to do, in turns of about a second.
func TestDecodeBesideReading(t *testing.T) {
	path := os.Getenv("SWALLOW_EVAL_READING")
	if path == "" {
		t.Skip("SWALLOW_EVAL_READING names no model")
	}
	const rounds, tokens, part = 12, 12, 1 << 20
	model, err := engine.Load(path, engine.Options{DType: engine.DType(os.Getenv("SWALLOW_EVAL_DTYPE"))})
	require.NoError(t, err)
	defer func() { require.NoError(t, model.Close()) }()
	m, ctx := measurement{model, Options{}}, context.Background()
	var shares []float64
	for i := range rounds {
		seconds, err := m.timeDecode(ctx, 1, tokens)
		require.NoError(t, err)
		var bytes int64
		var read float64
		require.NoError(t, m.Measure(ctx, func(n *graph.Network, _ *schedule.Scheduler) (err error) {
			bytes = n.StepBytes()
			read, err = timeRead(ctx, n, n.Packed().Floats(), part/4)
			return err
		}))
		rate := float64(bytes) / seconds / 1e9
		shares = append(shares, rate/read)
		t.Logf("round %2d: %5.1f tokens/s, %5.1f GB/s of weights, %5.1f GB/s reading alone, %3.0f %%", i+1, 1/seconds, rate, read, 100*rate/read)
	}
	slices.Sort(shares)
	t.Logf("share of reading: median %.0f %%, %.0f to %.0f %%", 100*middle(shares), 100*shares[0], 100*shares[rounds-1])
}

// TestPrefillBesidePeak prints how many operations a second the model that SWALLOW_EVAL_PEAK names computes when it reads a
// prompt of 512 tokens (SWALLOW_EVAL_TOKENS), beside what the same threads reach with operands in registers, before and after,
// in turns. The peak that is set against each prompt is the mean of those two.
func TestPrefillBesidePeak(t *testing.T) {
	path := os.Getenv("SWALLOW_EVAL_PEAK")
	if path == "" {
		t.Skip("SWALLOW_EVAL_PEAK names no model")
	}
	const rounds = 12
	tokens := 512
	if set := os.Getenv("SWALLOW_EVAL_TOKENS"); set != "" {
		var err error
		tokens, err = strconv.Atoi(set)
		require.NoError(t, err)
	}
	model, err := engine.Load(path, engine.Options{DType: engine.DType(os.Getenv("SWALLOW_EVAL_DTYPE")), Kernel: os.Getenv("SWALLOW_EVAL_KERNEL")})
	require.NoError(t, err)
	defer func() { require.NoError(t, model.Close()) }()
	m, ctx := measurement{model, Options{}}, context.Background()
	peak := func() float64 {
		var r Report
		r.DType = string(model.DType())
		require.NoError(t, m.peaks(ctx, &r))
		return r.PeakGFLOPS
	}
	_, err = m.timePrefill(ctx, tokens, tokens) // weights are packed as they are reached
	require.NoError(t, err)
	var shares []float64
	before := peak()
	for i := range rounds {
		seconds, err := m.timePrefill(ctx, tokens, tokens)
		require.NoError(t, err)
		after := peak()
		rate, most := m.prefillFLOPs(tokens)/seconds/1e9, (before+after)/2
		shares, before = append(shares, rate/most), after
		t.Logf("round %2d: %6.1f tokens/s, %5.0f GFLOP/s, %5.0f among registers, %3.0f %%", i+1, float64(tokens)/seconds, rate, most, 100*rate/most)
	}
	slices.Sort(shares)
	t.Logf("share of peak: median %.0f %%, %.0f to %.0f %%", 100*middle(shares), 100*shares[0], 100*shares[rounds-1])
}
