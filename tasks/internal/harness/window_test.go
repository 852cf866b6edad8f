package harness

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

// TestWindowIsClipped: the wrapper uses no more of a model than 4096 positions, and all of a smaller one.
func TestWindowIsClipped(t *testing.T) {
	for positions, want := range map[int]int{2048: 2048, 4095: 4095, 4096: 4096, 4097: 4096, 131072: 4096} {
		assert.Equal(t, want, Window(golden.CodePoints(positions)), "%d positions", positions)
		assert.Equal(t, want-256, PromptRoom(golden.CodePoints(positions)), "%d positions", positions)
	}
}
