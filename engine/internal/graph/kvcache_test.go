package graph

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSegmentPages(t *testing.T) {
	shape := CacheShape{layers: 2, kvHeads: 3, headDim: 5}
	stock := &Stock{CacheShape: shape}
	for _, length := range []int{1, 7, 8, 9, 31, 32, 33, 40, 63, 64, 65, 130} {
		s := &Segment{}
		before := &Segment{}
		before.Begin(nil, 14)
		s.Begin(before, length)
		size := int64(0)
		for n := range length {
			require.NoError(t, stock.Extend(s, n+1))
		}
		for _, p := range s.pages {
			size += int64(len(p.bytes))
			require.Len(t, p.floats, len(p.bytes)/4)
		}
		assert.Equal(t, shape.Bytes(length), size)
		// Each key and value has a place of its own.
		value := func(layer, head, position, half int) float32 {
			return float32((((position*2)+layer)*3+head)*2+half) * 8
		}
		vector := func(x float32) []float32 { return []float32{x, x + 1, x + 2, x + 3, x + 4} }
		for layer := range 2 {
			for head := range 3 {
				for p := 14; p < 14+length; p++ {
					s.storeKey(layer, head, p, vector(value(layer, head, p, 0)))
					s.storeValue(layer, head, p, vector(value(layer, head, p, 1)))
				}
			}
		}
		for layer := range 2 {
			for head := range 3 {
				for i := range length {
					keys, width := s.keyPanel(layer, head, i/32)
					for d, want := range vector(value(layer, head, 14+i, 0)) {
						require.Equal(t, want, keys[d*width+i%32])
					}
					require.Equal(t, vector(value(layer, head, 14+i, 1)), s.values(layer, head, i/64)[i%64*5:][:5])
				}
			}
		}
		stock.Release(s)
	}
	require.NoError(t, stock.Close())
}

func TestSegmentPagesInBF16(t *testing.T) {
	shape := CacheShape{layers: 2, kvHeads: 3, headDim: 6, bf16: true}
	stock := &Stock{CacheShape: shape}
	for _, length := range []int{1, 7, 8, 9, 31, 33, 64, 65, 130} {
		before, s := &Segment{}, &Segment{}
		before.Begin(nil, 14)
		s.Begin(before, length)
		require.NoError(t, stock.Extend(s, length))
		size := int64(0)
		for _, p := range s.pages {
			size += int64(len(p.bytes))
			for i := range p.bytes {
				p.bytes[i] = 0xff
			}
		}
		assert.Equal(t, shape.Bytes(length), size)
		vector := func(layer, head, position, half int) []uint16 {
			x := uint16(((position*2+layer)*3+head)*2+half) * 8
			return []uint16{x, x + 1, x + 2, x + 3, x + 4, x + 5}
		}
		for layer := range 2 {
			for head := range 3 {
				for p := 14; p < 14+length; p++ {
					s.storeKeyPairs(layer, head, p, vector(layer, head, p, 0))
					require.True(t, s.storeValueBF16(layer, head, p, vector(layer, head, p, 1)))
				}
			}
		}
		at := func(b []byte, i int) uint16 { return binary.LittleEndian.Uint16(b[2*i:]) }
		for layer := range 2 {
			for head := range 3 {
				for i := range length {
					keys, width := s.keyPairs(layer, head, i/64)
					values := s.valuePairs(layer, head, i/64)
					for d, want := range vector(layer, head, 14+i, 0) {
						require.Equal(t, want, at(keys, (d/2*width+i%64)*2+d%2))
					}
					for d, want := range vector(layer, head, 14+i, 1) {
						require.Equal(t, want, at(values, (i%64/2*6+d)*2+i%2))
					}
				}
			}
		}
		stock.Release(s)
	}
	require.NoError(t, stock.Close())
}
