package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

func TestDecodingAllocatesNothing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 1))
	m, err := Load(dir, Options{Threads: 2})
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.Close()) }()

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
