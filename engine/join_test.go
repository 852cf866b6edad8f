package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// TestContextsAreComputedOnce counts the tokens that go through the model when every context is both continued and scored:
// no more than for continuing them, but for the scored tokens and two before them.
func TestContextsAreComputedOnce(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 1))
	m, err := Load(dir, Options{Threads: 1})
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.Close()) }()

	const documents, header, context, generated, scored = 9, 40, 20, 5, 3
	var prompts []*generating
	var items []*scoring
	for d := range documents {
		text := m.benchTokens(header, 1)
		text = append(text, m.benchTokens(context, 10+d)...)
		g, err := m.newGenerating(d, Prompt{Tokens: text, MaxTokens: generated, IgnoreEOS: true})
		require.NoError(t, err)
		prompts = append(prompts, g)
		s, err := m.newScoring(d, Sequence{Tokens: append(text[:len(text):len(text)], m.benchTokens(scored, 50)...), From: len(text)})
		require.NoError(t, err)
		items = append(items, s)
	}
	joining, others := m.join(prompts, items)
	require.Empty(t, others)
	w := m.newGeneratingWalk(append(prompts, joining...))
	computed := 0
	for w.admit(); len(w.active) > 0; w.admit() {
		require.NoError(t, w.step(t.Context()))
		computed += w.batch.n
		require.NoError(t, w.advance(
			func(_ int, _ Generated, err error) error { return err }, func(_ int, _ Scored, err error) error { return err }))
	}
	// Of the context, all but two tokens are kept in common: the last is the first to be continued, and pairs stay together.
	assert.Equal(t, header+documents*(context-2)+documents*(generated+1+scored+1), computed)
	assert.Zero(t, w.used, "everything is given back")

	stranger, err := m.newScoring(0, Sequence{Tokens: append(m.benchTokens(header, 1), m.benchTokens(2*header, 77)...), From: 100})
	require.NoError(t, err)
	joining, others = m.join(prompts, []*scoring{stranger})
	assert.Empty(t, joining)
	assert.Len(t, others, 1, "only the header in common")
}
