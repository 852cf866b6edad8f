package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// TestWeightsArePackedWhenTheyAreReached: a first short pass goes through weights as they are stored, the second packs them, and a
// long one does so at once; bits are the same, and those of a call that ended on the way.
func TestWeightsArePackedWhenTheyAreReached(t *testing.T) {
	dir := model(t, deep("BF16", false), 51)
	short, long := tokenSequences(130, 1, 20), tokenSequences(130, 3, 90)
	waiting := func(m *engine.Model) (n int) {
		require.NoError(t, m.Measure(t.Context(), func(net *graph.Network, _ *schedule.Scheduler) error { n = net.Waiting(); return nil }))
		return n
	}
	for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		o := engine.Options{Threads: 2, DType: d, Kernel: engine.Kernels()[0]}
		m, packed := load(t, dir, o), load(t, dir, o)
		require.NoError(t, packed.Measure(t.Context(), func(net *graph.Network, _ *schedule.Scheduler) error { return net.PackRest(t.Context()) }))
		assert.Zero(t, waiting(packed))
		all := waiting(m)
		assert.Equal(t, 5*7+1, all)
		want := score(t, packed, short)
		assert.Equal(t, want, score(t, m, short))
		assert.Equal(t, all, waiting(m), "a first answer does not wait for packing")
		assert.Equal(t, want, score(t, m, short))
		assert.Zero(t, waiting(m), "the second pass packs")
		wantLong := score(t, packed, long)
		other := load(t, dir, o)
		assert.Equal(t, wantLong, score(t, other, long))
		assert.Zero(t, waiting(other), "a long pass packs at once")
		ended := load(t, dir, o)
		for polls := 1; polls < 200; polls += 20 {
			if err := ended.Score(countdownFrom(polls), long, func(_ int, _ engine.Scored, err error) error { return err }); err != nil {
				assert.ErrorContains(t, err, "canceled")
			}
		}
		assert.Equal(t, wantLong, score(t, ended, long))
	}
}
