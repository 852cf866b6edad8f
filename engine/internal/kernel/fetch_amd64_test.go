package kernel

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFetchFor: the first tiles of a block fetch the next one, all of it, and each about the same part; a single one streams.
func TestFetchFor(t *testing.T) {
	assert.Equal(t, fetch{}, fetchFor(0, 1, streamBytes, 256), "what a single tile reads is as good as in a cache")
	assert.Negative(t, fetchFor(0, 1, streamBytes+256, 256).stride, "a single tile reads its weights from memory itself")
	const size, step = 4096, 256
	for tiles := 2; tiles < 12; tiles++ {
		fetched := make([]bool, size)
		for tile := range tiles {
			f := fetchFor(tile, tiles, size, step)
			if tile >= fetchTiles {
				assert.Zero(t, f)
				continue
			}
			first := f.ahead - size
			assert.GreaterOrEqual(t, first, 0)
			for i := first; i < min(size, first+size/step*f.stride); i++ {
				fetched[i] = true
			}
		}
		assert.NotContains(t, fetched, false, tiles)
	}
}
