package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// everyArithmetic runs a test for each arithmetic and kernel, on a small model.
func everyArithmetic(t *testing.T, test func(t *testing.T, m *Model)) {
	dir := t.TempDir()
	shape := enginetest.Tiny()
	shape.Vocab = 700
	require.NoError(t, enginetest.Write(dir, shape, 1))
	for _, d := range []DType{F32, BF16, Q8} {
		for _, kernel := range Kernels() {
			t.Run(string(d)+" "+kernel, func(t *testing.T) {
				m, err := Load(dir, Options{DType: d, Kernel: kernel, Threads: 2})
				require.NoError(t, err)
				defer func() { assert.NoError(t, m.Close()) }()
				test(t, m)
			})
		}
	}
}

func TestDecodingAllocatesNothing(t *testing.T) { everyArithmetic(t, testDecodingAllocations) }

func testDecodingAllocations(t *testing.T, m *Model) {
	var items []*generating
	for i := range 5 {
		g, err := m.newGenerating(i, Prompt{Tokens: []int32{1, 2, 3, int32(4 + i)}, MaxTokens: 60, IgnoreEOS: true})
		require.NoError(t, err)
		items = append(items, g)
	}
	w := m.newGeneratingWalk(items)
	w.admit()
	require.Len(t, w.active, 5)
	step := func() {
		require.NoError(t, w.step(t.Context()))
		require.NoError(t, w.advance(nil, nil))
	}
	step() // the prompts; buffers and pages are made
	step()
	assert.Zero(t, testing.AllocsPerRun(40, step))
	require.Len(t, w.active, 5, "still decoding")
}

func TestScoringAllocatesNothing(t *testing.T) { everyArithmetic(t, testScoringAllocations) }

func testScoringAllocations(t *testing.T, m *Model) {
	var items []*scoring
	for i := range 5 {
		s, err := m.newScoring(i, Sequence{Tokens: m.benchTokens(40+i, i), From: 1 + 7*i})
		require.NoError(t, err)
		items = append(items, s)
	}
	w := m.newScoringWalk(items, true)
	_, _, err := w.fill()
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(40, func() { require.NoError(t, w.compute(t.Context())) }), "but for the first time")
	assert.True(t, items[4].finite[0])
}
