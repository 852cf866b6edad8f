package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPoolDoesEveryTaskOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		p := newPool(threads)
		for _, n := range []int{0, 1, 2, 5, 1000} {
			done := make([]atomic.Int32, n)
			require.NoError(t, p.run(t.Context(), n, func(_ *worker, i int) { done[i].Add(1) }))
			for i := range done {
				require.EqualValues(t, 1, done[i].Load())
			}
		}
		p.close()
	}
}

func TestPoolPanic(t *testing.T) {
	// G6: a panic in a task, on whatever goroutine, is an error of the run; the pool goes on working.
	p := newPool(4)
	defer p.close()
	for bad := range 8 {
		var together sync.WaitGroup
		together.Add(4)
		err := p.run(t.Context(), 8, func(_ *worker, i int) {
			if i < 4 { // each worker holds one task before any panics
				together.Done()
				together.Wait()
			}
			if i == bad {
				panic("task " + string(rune('0'+i)))
			}
		})
		var bang *panicError
		require.ErrorAs(t, err, &bang)
		assert.EqualError(t, err, "engine panicked: task "+string(rune('0'+bad)))
		assert.Contains(t, string(bang.stack), "TestPoolPanic")
		require.NoError(t, p.run(t.Context(), 100, func(*worker, int) {}))
	}
}

func TestPoolContext(t *testing.T) {
	p := newPool(2)
	defer p.close()
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int32
	err := p.run(ctx, 1000, func(*worker, int) {
		if begun.Add(1) == 10 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, begun.Load(), int32(20))
}

func TestExplain(t *testing.T) {
	m := &Model{}
	other := errors.New("other")
	assert.Equal(t, other, m.explain(other, 3, nil))
}

func TestGridCoversEverythingOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 16} {
		p := &pass{Model: &Model{pool: &pool{workers: make([]*worker, threads)}}}
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
