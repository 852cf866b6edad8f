package schedule

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
				require.Zero(t, n.Start()%2, "nodes begin with a pair of positions")
				require.Equal(t, len(n.tokens), n.Len())
				if n.parent != nil {
					require.Less(t, place[n.parent], i, "parents come first")
					require.Equal(t, n.parent.Start()+len(n.parent.tokens), n.Start())
					require.Equal(t, &n.parent.Segment, n.Segment.Parent())
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
