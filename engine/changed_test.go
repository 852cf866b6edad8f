package engine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// TestAPanicBesideAChangedFile: a panic that no missing memory explains may be a fault of this program: its words and itself stay.
func TestAPanicBesideAChangedFile(t *testing.T) {
	p := graph.NewPool(1)
	defer p.Close()
	err := p.Run(t.Context(), 1, func(*graph.Worker, int) { panic("a fault of ours") })
	var panicked *graph.PanicError
	require.ErrorAs(t, err, &panicked)
	changed := errors.New("a file: changed")
	both := error(&changedError{changed, panicked})
	assert.EqualError(t, both, "a file: changed: engine panicked: a fault of ours")
	require.ErrorIs(t, both, changed)
	require.ErrorAs(t, both, &panicked)
}

// TestWeightsCutWhileLoading: what is read of the weights before the first answer is not there any more.
func TestWeightsCutWhileLoading(t *testing.T) {
	shorttest.NeedsFaults(t)
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 1))
	_, err := load(func() (*checkpoint.Checkpoint, error) {
		opened, err := checkpoint.Open(dir, nil)
		require.NoError(t, err)
		return opened, os.Truncate(filepath.Join(dir, "model.safetensors"), 0)
	}, Options{Threads: 1})
	require.ErrorContains(t, err, "model.safetensors: changed while in use")
	assert.NotContains(t, err.Error(), "\n")
}
