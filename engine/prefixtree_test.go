package engine

import (
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
		before.begin(nil, 13)
		s.begin(before, length)
		size := int64(0)
		for n := range length {
			require.NoError(t, stock.extend(s, n+1))
		}
		for _, p := range s.pages {
			size += int64(len(p.data)) * 4
		}
		assert.Equal(t, shape.bytes(length), size)
		// Each key and value has a place of its own.
		value := func(layer, head, position, half int) float32 {
			return float32((((position*2)+layer)*3+head)*2+half) * 8
		}
		vector := func(x float32) []float32 { return []float32{x, x + 1, x + 2, x + 3, x + 4} }
		for layer := range 2 {
			for head := range 3 {
				for p := 13; p < 13+length; p++ {
					s.storeKey(layer, head, p, vector(value(layer, head, p, 0)))
					s.storeValue(layer, head, p, vector(value(layer, head, p, 1)))
				}
			}
		}
		for layer := range 2 {
			for head := range 3 {
				for i := range length {
					keys, width := s.keyPanel(layer, head, i/32)
					for d, want := range vector(value(layer, head, 13+i, 0)) {
						require.Equal(t, want, keys[d*width+i%32])
					}
					require.Equal(t, vector(value(layer, head, 13+i, 1)), s.values(layer, head, i/64)[i%64*5:][:5])
				}
			}
		}
		stock.release(s)
	}
	require.NoError(t, stock.close())
}
