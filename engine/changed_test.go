package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
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
