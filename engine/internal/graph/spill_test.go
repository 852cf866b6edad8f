package graph

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStockSpills: pages lie in memory as far as they may, then in files, and a file that cannot be had is one line.
func TestStockSpills(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("files without a name are Linux's")
	}
	shape := CacheShape{layers: 2, kvHeads: 2, headDim: 4096, bf16: false}
	pageSize := int64(shape.pageBytes(pageTokens))
	perSlab := int(max(slabSize, pageSize) / pageSize)
	stock := NewStock(shape, Spill{Dir: t.TempDir(), Memory: max(slabSize, pageSize)})
	var s Segment
	s.Begin(nil, (perSlab+2)*pageTokens)
	require.NoError(t, stock.Extend(&s, s.length))
	for i, p := range s.pages {
		assert.Equal(t, i >= perSlab, p.spilled, i)
	}
	last := s.ofLayer(len(s.pages)-1, 1)
	last[0], last[len(last)-1] = 7, 9
	require.NoError(t, forget(last))
	assert.Equal(t, []byte{7, 9}, []byte{last[0], last[len(last)-1]}, "what is forgotten comes back from the file")
	require.NoError(t, stock.Close())

	stock = NewStock(shape, Spill{Dir: filepath.Join(t.TempDir(), "missing")})
	var other Segment
	other.Begin(nil, 8)
	assert.ErrorContains(t, stock.Extend(&other, 8), "keys and values that memory has no room for: temporary file in")
	require.NoError(t, stock.Close())
}
