package graph

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
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

// TestDealt: every thing has one taker, and a taker's things are neighbours.
func TestDealt(t *testing.T) {
	for things := range 40 {
		for takers := 1; takers < 9; takers++ {
			var all []int
			for i := range things {
				all = append(all, dealt(i, things, takers))
				if i >= takers {
					require.Equal(t, all[i-takers]+1, all[i], "%d of %d among %d", i, things, takers)
				}
			}
			slices.Sort(all)
			for i, thing := range all {
				require.Equal(t, i, thing)
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

// TestNextPanel is where a worker goes on if all take as long, whichever of several matrices that is in.
func TestNextPanel(t *testing.T) {
	const cols = 8
	matrixOf := func(panels int) *matrix {
		x := &matrix{rows: panels * kernel.ModeBF16.Columns(), cols: cols, mode: kernel.ModeBF16}
		x.packed = make([]byte, panels*x.panelSize())
		return x
	}
	for _, threads := range []int{1, 2, 3, 16} {
		for _, rows := range []int{100, 500, 2000} {
			p := &Pass{pool: &Pool{workers: make([]*Worker, threads)}}
			a, b, c := matrixOf(7), matrixOf(2), matrixOf(5)
			p.products = [3]product{{linear: linear{w: a}}, {linear: linear{w: b}}, {linear: linear{w: c}}}
			p.cuts = p.cut(rows, 14, cols)
			for task := range p.cuts.tasks() {
				got := p.nextPanel(task)
				if task+threads >= p.cuts.tasks() {
					require.Nil(t, got)
					continue
				}
				first, _, _, _ := p.cuts.task(task + threads)
				x := a
				if first >= 9 {
					x, first = c, first-9
				} else if first >= 7 {
					x, first = b, first-7
				}
				require.Len(t, got, x.panelSize())
				require.Same(t, &x.packed[first*x.panelSize()], &got[0])
			}
			c.packed = nil // made of what is stored when it is used
			require.Nil(t, p.nextPanel(p.cuts.tasks()-1-threads))
		}
	}
}
