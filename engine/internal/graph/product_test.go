package graph

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGridCoversEverythingOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 16} {
		p := &Pass{pool: &Pool{workers: make([]*Worker, threads)}}
		for _, rows := range []int{1, 7, 96, 97, 481} {
			for _, panels := range []int{1, 3, 24, 300} {
				for _, inputs := range []int{8, 768, 11008} {
					g := p.cut(rows, panels, inputs)
					seen := make([]int, rows*panels)
					for i := range g.tasks() {
						first, last, row, n := g.task(i)
						require.LessOrEqual(t, n, blockRows)
						for panel := first; panel < last; panel++ {
							for r := row; r < row+n; r++ {
								seen[r*panels+panel]++
							}
						}
					}
					require.Equal(t, []int{1, 1}, []int{slices.Min(seen), slices.Max(seen)})
				}
			}
		}
	}
}

func TestPadded(t *testing.T) {
	for n := range 3000 {
		stride := padded(n)
		require.GreaterOrEqual(t, stride, n)
		require.Less(t, stride, n+32)
		require.Zero(t, stride%16)
		require.True(t, n == 0 || stride%256 != 0)
	}
}
