package schedule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// scheduler returns one for a small model, with memory for everything.
func scheduler(t *testing.T, vocab int, k *kernel.Kernel, mode kernel.Mode, threads int) *Scheduler {
	dir, shape := t.TempDir(), enginetest.Tiny()
	shape.Vocab = vocab
	require.NoError(t, enginetest.Write(dir, shape, 1))
	c, err := checkpoint.Open(dir, nil)
	require.NoError(t, err)
	n, err := graph.New(c.Config, c.Tensors, k, mode)
	require.NoError(t, err)
	n.Start(threads)
	require.NoError(t, n.Pack(false))
	s := New(n, 1024, 1<<30, graph.Spill{})
	t.Cleanup(func() {
		assert.NoError(t, s.Close())
		assert.NoError(t, n.Close())
		assert.NoError(t, c.Files.Close())
	})
	return s
}

// tokens returns n tokens that differ from seed to seed.
func tokens(n, seed, vocab int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32((i*7919 + seed*104729 + 17) % vocab)
	}
	return list
}

// runs is how many times something is done, or less with -short, for emulated machines.
func runs(n int) int { return shorttest.Few(n, n/10) }

// everyArithmetic runs a test for each arithmetic and kernel.
func everyArithmetic(t *testing.T, test func(t *testing.T, s *Scheduler)) {
	for _, mode := range []kernel.Mode{kernel.ModeF32, kernel.ModeBF16, kernel.ModeQ8} {
		for _, k := range kernel.Available() {
			t.Run(mode.String()+" "+k.Name(), func(t *testing.T) { test(t, scheduler(t, 700, k, mode, 2)) })
		}
	}
}

// settle calls a function until it has allocated nothing five times in a row, if it comes to that: scratch of a worker grows when that first
// has a larger task than before, and which worker has which task is left to chance.
func settle(f func()) {
	quiet := 0
	for tries := 0; quiet < 5 && tries < 25; tries++ {
		if quiet++; testing.AllocsPerRun(1, f) > 0 {
			quiet = 0
		}
	}
}

func TestDecodingAllocatesNothing(t *testing.T) { everyArithmetic(t, testDecodingAllocations) }

func testDecodingAllocations(t *testing.T, s *Scheduler) {
	var items []item
	for i := range 5 {
		items = append(items, item{generating: &Generating{Index: i, Prompt: Prompt{Tokens: []int32{1, 2, 3, int32(4 + i)}, MaxTokens: 60, IgnoreEOS: true}}})
	}
	w := s.newWalk(items, true, Done{})
	step := func() {
		require.NoError(t, w.fill(t.Context()))
		require.NoError(t, w.compute(t.Context()))
		require.NoError(t, w.deliver())
	}
	step() // the prompts; buffers and pages are made
	require.Len(t, w.live, 5)
	step()
	assert.Zero(t, testing.AllocsPerRun(40, step))
	require.Len(t, w.live, 5, "still decoding")
}

func TestScoringAllocatesNothing(t *testing.T) { everyArithmetic(t, testScoringAllocations) }

func testScoringAllocations(t *testing.T, s *Scheduler) {
	var items []item
	for i := range 5 {
		items = append(items, item{scoring: NewScoring(i, i, tokens(40+i, i, 700), 1+7*i)})
	}
	w := s.newWalk(items, true, Done{})
	require.NoError(t, w.fill(t.Context()))
	compute := func() { require.NoError(t, w.compute(t.Context())) }
	settle(compute)
	assert.Zero(t, testing.AllocsPerRun(max(10, runs(40)), compute), "but for the first time")
	assert.True(t, w.wants[0].Finite)
}
