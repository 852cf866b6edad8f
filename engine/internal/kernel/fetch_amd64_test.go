package kernel

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFetchFor: the first two tiles fetch the two halves of the next block, others nothing.
func TestFetchFor(t *testing.T) {
	assert.Equal(t, fetch{}, fetchFor(0, 1, 4096, 128), "a single tile reads its weights from memory itself")
	for tiles := 2; tiles < 5; tiles++ {
		assert.Equal(t, fetch{4096, 128}, fetchFor(0, tiles, 4096, 128))
		assert.Equal(t, fetch{6144, 128}, fetchFor(1, tiles, 4096, 128))
		for tile := 2; tile < tiles; tile++ {
			assert.Equal(t, fetch{}, fetchFor(tile, tiles, 4096, 128))
		}
	}
}
