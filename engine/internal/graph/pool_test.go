package graph

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPoolDoesEveryTaskOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		p := NewPool(threads)
		for _, n := range []int{0, 1, 2, 5, 1000} {
			done := make([]atomic.Int32, n)
			require.NoError(t, p.Run(t.Context(), n, func(_ *Worker, i int) { done[i].Add(1) }))
			for i := range done {
				require.EqualValues(t, 1, done[i].Load())
			}
		}
		p.Close()
	}
}

func TestPoolPanic(t *testing.T) {
	// G6: a panic in a task, on whatever goroutine, is an error of the run; the pool goes on working.
	p := NewPool(4)
	defer p.Close()
	for bad := range 8 {
		var together sync.WaitGroup
		together.Add(4)
		err := p.Run(t.Context(), 8, func(_ *Worker, i int) {
			if i < 4 { // each worker holds one task before any panics
				together.Done()
				together.Wait()
			}
			if i == bad {
				panic("task " + string(rune('0'+i)))
			}
		})
		var bang *PanicError
		require.ErrorAs(t, err, &bang)
		assert.EqualError(t, err, "engine panicked: task "+string(rune('0'+bad)))
		assert.Contains(t, string(bang.stack), "TestPoolPanic")
		require.NoError(t, p.Run(t.Context(), 100, func(*Worker, int) {}))
	}
}

// missing is what the runtime panics with where memory was not there.
type missing struct{}

var _ runtime.Error = missing{}

func (missing) Error() string { return "" }
func (missing) RuntimeError() {}
func (missing) Addr() uintptr { return 0xdead }

// TestFault: an access to memory that is not there has an address, and no other panic has one.
func TestFault(t *testing.T) {
	p := NewPool(1)
	defer p.Close()
	var none *int
	for name, c := range map[string]struct {
		do    func()
		fault bool
	}{
		"gone":    {func() { panic(missing{}) }, true},
		"nil":     {func() { *none = 1 }, false},
		"index":   {func() { _ = make([]int, 1)[p.Size()] }, false},
		"a value": {func() { panic("of its own") }, false},
	} {
		var bang *PanicError
		require.ErrorAs(t, p.Run(t.Context(), 1, func(*Worker, int) { c.do() }), &bang, name)
		assert.Equal(t, c.fault, bang.Fault(), name)
	}
}

func TestPoolContext(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int32
	err := p.Run(ctx, 1000, func(*Worker, int) {
		if begun.Add(1) == 10 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, begun.Load(), int32(20))
}
