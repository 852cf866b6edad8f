package runs

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// promptOf is the text that the only document of a run was asked with, as it is in memory.
func promptOf(s Side) string { return s.Samples["gsm8k"][0].Exchanges[0].Prompt }

// TestShow reads runs condensed, with the whole at hand, and all of them again as whole where one asked something else.
func TestShow(t *testing.T) {
	a, b, other := stored(t, "the prompt", "x"), stored(t, "the prompt", "y"), stored(t, "another prompt", "z")
	l := Loader{Profiles: suite.Profiles()}
	var seen []int
	var anew []bool
	look := func(all []Side, again bool) error {
		seen, anew = append(seen, len(all)), append(anew, again)
		return nil
	}
	s, err := l.Show([]string{a, b}, false, look)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, seen)
	assert.Equal(t, []bool{false, false}, anew)
	require.Len(t, s.Documents, 2)
	assert.Empty(t, promptOf(s.All[1]), "alike, they are condensed")
	whole, err := Originals(s.Documents, s.All)(1, s.All[1].Samples["gsm8k"][0])
	require.NoError(t, err)
	assert.Equal(t, "the prompt", whole.Exchanges[0].Prompt)
	s.Close()
	_, err = Originals(s.Documents, s.All)(1, s.All[1].Samples["gsm8k"][0])
	require.Error(t, err, "it is closed")

	seen, anew = nil, nil
	var condensed Side
	s, err = l.Show([]string{a, b, other}, false, func(all []Side, again bool) error {
		if !again {
			condensed = all[0]
		}
		return look(all, again)
	})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3, 1, 2, 3}, seen)
	assert.Equal(t, []bool{false, false, false, true, true, true}, anew)
	require.Len(t, s.Documents, 3)
	assert.Equal(t, "the prompt", promptOf(s.All[1]))
	assert.Equal(t, "another prompt", promptOf(s.All[2]))
	_, err = condensed.Originals.Whole(condensed.Samples["gsm8k"][0])
	require.Error(t, err, "what was read condensed is closed")

	s, err = l.Show([]string{a}, false, look)
	require.NoError(t, err)
	assert.Len(t, s.Documents, 1)
	s.Close()
}

// TestShowALine keeps the documents of the first run and the last; those between are seen once, with theirs.
func TestShowALine(t *testing.T) {
	paths := []string{stored(t, "the prompt", "x"), stored(t, "another prompt", "y"), stored(t, "the prompt", "z")}
	l := Loader{Profiles: suite.Profiles()}
	documents := 0
	s, err := l.Show(paths, true, func(all []Side, again bool) error {
		assert.False(t, again, "only those are compared whose documents are shown")
		documents += len(all[len(all)-1].Samples)
		return nil
	})
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, 3, documents)
	require.Len(t, s.All, 3)
	assert.NotEmpty(t, s.All[0].Samples)
	assert.Empty(t, s.All[1].Samples)
	assert.NotEmpty(t, s.All[2].Samples)
	require.Len(t, s.Documents, 2)
	assert.Equal(t, []string{paths[0], paths[2]}, []string{s.Documents[0].Name, s.Documents[1].Name})
}

// TestShowFails: nothing stays open of runs before one that cannot be read, or that whoever sees it refuses.
func TestShowFails(t *testing.T) {
	a := stored(t, "the prompt", "x")
	l := Loader{Profiles: suite.Profiles()}
	var read []Side
	look := func(all []Side, _ bool) error { read = all; return nil }
	closed := func() {
		t.Helper()
		require.NotEmpty(t, read)
		_, err := read[0].Originals.Whole(read[0].Samples["gsm8k"][0])
		assert.Error(t, err, "it is closed")
	}
	s, err := l.Show([]string{a, filepath.Join(a, "none")}, false, look)
	require.Error(t, err)
	assert.Empty(t, s)
	closed()
	refused := errors.New("refused")
	_, err = l.Show([]string{a}, false, func(all []Side, again bool) error { return errors.Join(look(all, again), refused) })
	require.ErrorIs(t, err, refused)
	closed()
}
