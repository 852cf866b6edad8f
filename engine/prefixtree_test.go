package engine

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTreeHoldsEachBeginningOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		var inputs [][]int32
		for range rng.IntN(30) {
			s := []int32{}
			if len(inputs) > 0 {
				from := inputs[rng.IntN(len(inputs))]
				s = append(s, from[:rng.IntN(len(from)+1)]...)
			}
			for range rng.IntN(6) {
				s = append(s, int32(rng.IntN(3)))
			}
			inputs = append(inputs, s)
		}
		for _, share := range []bool{true, false} {
			tree := growTree(inputs, share)
			require.Len(t, tree.order, len(inputs))
			place := map[*node]int{}
			for i, n := range tree.nodes {
				place[n] = i
				require.NotEmpty(t, n.tokens)
				require.Zero(t, n.start%2, "nodes begin with a pair of positions")
				require.Equal(t, len(n.tokens), n.length)
				if n.parent != nil {
					require.Less(t, place[n.parent], i, "parents come first")
					require.Equal(t, n.parent.start+len(n.parent.tokens), n.start)
					require.Equal(t, &n.parent.segment, n.segment.parent)
					require.Equal(t, n.parent.root, n.root)
					require.LessOrEqual(t, n.parent.first, n.first)
					require.GreaterOrEqual(t, n.parent.last, n.last)
				}
			}
			// What the nodes from the root to a leaf hold is the sequence.
			distinct := map[string]bool{}
			for i, from := range tree.order {
				var path []int32
				for n := tree.leaf[i]; n != nil; n = n.parent {
					path = slices.Concat(n.tokens, path)
					require.True(t, n.first <= i && i < n.last)
				}
				require.True(t, slices.Equal(inputs[from], path))
				for n := range path {
					// A token is shared by those that share the pair which it is in; alone in its pair, by those that end there.
					distinct[string(bytesOf(path[:min(len(path), n|1+1)]))+string(byte(n))] = true
				}
			}
			total, all := 0, 0
			for _, n := range tree.nodes {
				total += len(n.tokens)
			}
			for _, s := range inputs {
				all += len(s)
			}
			if share {
				assert.Equal(t, len(distinct), total, "every beginning is computed once")
			} else {
				assert.Equal(t, all, total)
			}
		}
	}
}

func bytesOf(tokens []int32) []byte {
	var b []byte
	for _, t := range tokens {
		b = append(b, byte(t), byte(t>>8))
	}
	return b
}

func TestSegmentPages(t *testing.T) {
	shape := cacheShape{layers: 2, kvHeads: 3, headDim: 5}
	stock := &pageStock{cacheShape: shape}
	for _, length := range []int{1, 7, 8, 9, 31, 32, 33, 40, 63, 64, 65, 130} {
		s := &segment{}
		before := &segment{}
		before.begin(nil, 14)
		s.begin(before, length)
		size := int64(0)
		for n := range length {
			require.NoError(t, stock.extend(s, n+1))
		}
		for _, p := range s.pages {
			size += int64(len(p.bytes))
			require.Len(t, p.floats, len(p.bytes)/4)
		}
		assert.Equal(t, shape.bytes(length), size)
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
		stock.release(s)
	}
	require.NoError(t, stock.close())
}

func TestSegmentPagesInPairs(t *testing.T) {
	shape := cacheShape{layers: 2, kvHeads: 3, headDim: 6, halves: true}
	stock := &pageStock{cacheShape: shape}
	for _, length := range []int{1, 7, 8, 9, 31, 33, 64, 65, 130} {
		before, s := &segment{}, &segment{}
		before.begin(nil, 14)
		s.begin(before, length)
		require.NoError(t, stock.extend(s, length))
		size := int64(0)
		for _, p := range s.pages {
			size += int64(len(p.bytes))
			for i := range p.bytes {
				p.bytes[i] = 0xff
			}
		}
		assert.Equal(t, shape.bytes(length), size)
		vector := func(layer, head, position, half int) []uint16 {
			x := uint16(((position*2+layer)*3+head)*2+half) * 8
			return []uint16{x, x + 1, x + 2, x + 3, x + 4, x + 5}
		}
		for layer := range 2 {
			for head := range 3 {
				for p := 14; p < 14+length; p++ {
					s.storeKeyPairs(layer, head, p, vector(layer, head, p, 0))
					require.True(t, s.storeHalfValue(layer, head, p, vector(layer, head, p, 1)))
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
		stock.release(s)
	}
	require.NoError(t, stock.close())
}
