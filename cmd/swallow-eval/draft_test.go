package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestADraftThatDoesNotFit says how much the whole would have to be, of which it takes half.
func TestADraftThatDoesNotFit(t *testing.T) {
	isolated(t)
	_, _, err := invoke(t, "generate", "--model", "smoke", "--draft", "smoke", "--memory", "1MiB", "--prompt", "x")
	require.ErrorContains(t, err, "--draft smoke: a model that guesses may take half of the memory, and this one needs ")
	require.ErrorContains(t, err, "of memory, or do without --draft")
	require.NotContains(t, err.Error(), "would do")
	_, _, err = invoke(t, "generate", "--model", "smoke", "--memory", "1MiB", "--prompt", "x")
	require.ErrorContains(t, err, "of the limit that was asked for: ")
}
