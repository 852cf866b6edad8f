package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

func TestForcedKernel(t *testing.T) {
	k := kernel.Portable()
	require.NoError(t, forced("", k))
	require.NoError(t, forced("portable", k))
	require.ErrorContains(t, forced("avx512", k), `kernel "avx512" does not give the same bits`)
}
