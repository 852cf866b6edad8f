package jinja

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestWaitingIsNotCounted: a filter that waits, as one does on a machine that is busy with others, takes no time of its own.
func TestWaitingIsNotCounted(t *testing.T) {
	assert.Less(t, timed(func() { time.Sleep(2 * maxOutside) }), maxOutside)
}
