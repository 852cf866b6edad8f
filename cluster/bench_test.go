package cluster

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/pause"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// paced takes a fixed time for each request, and no processor.
type paced struct {
	*oracle
	each time.Duration
}

func (p paced) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	if err := pause.For(ctx, time.Duration(len(qs))*p.each); err != nil {
		return err
	}
	return p.oracle.Do(ctx, qs, done)
}

// BenchmarkWorkers is how much faster so many workers are than one, of whom each takes 2 ms for a request: "of-ideal" is the share of
// N times the speed of one without a broker. What docs/cluster.md says is what this printed.
func BenchmarkWorkers(b *testing.B) {
	const each = 2 * time.Millisecond
	for _, n := range []int{1, 2, 4, 8, 16} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			qs := questions(n * 64 * 20)
			rate := measure(b, n, each, qs)
			b.ReportMetric(rate*each.Seconds()/float64(n), "of-ideal")
		})
	}
}

// BenchmarkOverhead is what a request costs through the broker where the model takes no time.
func BenchmarkOverhead(b *testing.B) {
	rate := measure(b, 1, 0, questions(20_000))
	b.ReportMetric(1e3/rate, "ms/request")
}

// measure returns the requests answered in a second.
func measure(b *testing.B, n int, each time.Duration, qs []tasks.Request) float64 {
	s := startBroker(b, b.TempDir(), -1)
	defer stopBroker(s)
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for i := range n {
		wg.Go(func() { _ = Work(ctx, fmt.Sprint("w", i), paced{newOracle(encoder(b)), each}, quick(s.ClientURL())) })
	}
	m, err := Open(ctx, encoder(b), results.Model{}, quick(s.ClientURL()))
	require.NoError(b, err)
	defer func() { require.NoError(b, m.Close()) }()
	for known := 0; known < n; {
		m.mutex.Lock()
		known = len(m.tellings)
		m.mutex.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
	none := func(int, tasks.Response) error { return nil }
	require.NoError(b, m.Do(ctx, qs[:n*64], none))
	b.ResetTimer()
	for range b.N {
		require.NoError(b, m.Do(ctx, qs, none))
	}
	rate := float64(b.N) * float64(len(qs)) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "requests/s")
	return rate
}
