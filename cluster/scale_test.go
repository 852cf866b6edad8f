package cluster

import (
	"container/heap"
	"fmt"
	"github.com/swallow-eval/swallow-eval/internal/commonprefix"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// simulated is a worker of a simulation: when it is free, how fast it is, what it has done.
type simulated struct {
	free, speed, done float64
	batches           int
}

// queue orders workers by when they are free.
type queue []*simulated

func (q queue) Len() int           { return len(q) }
func (q queue) Less(a, b int) bool { return q[a].free < q[b].free }
func (q queue) Swap(a, b int)      { q[a], q[b] = q[b], q[a] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*simulated)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// fleet is workers whose speeds differ by up to four.
func fleet(n int, rng *rand.Rand) *queue {
	q := &queue{}
	for range n {
		heap.Push(q, &simulated{speed: 1 + 3*rng.Float64()})
	}
	return q
}

// cost is what a batch costs an engine that computes shared beginnings once, in bytes of prompt: neighbours in a batch share
// what they have in common.
func cost(g group, qs []tasks.Request) float64 {
	total, before := 0, ""
	for _, i := range g.requests {
		text := qs[i].Prompt + qs[i].Continuation
		total += len(text) - commonprefix.Len(before, text)
		before = text
	}
	return float64(total)
}

// corpus is documents of four choices each behind the examples of their tasks.
func corpus(docs int) (qs []tasks.Request) {
	for d := range docs {
		prompt := fmt.Sprintf("%s%05d %s", strings.Repeat(fmt.Sprintf("example %d. ", d%14), 60), d, strings.Repeat("question ", 20))
		for choice := range 4 {
			qs = append(qs, tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: prompt, Continuation: fmt.Sprintf(" choice %d", choice)})
		}
	}
	return qs
}

// TestAThousandWorkers is a simulation with the batches that are really made: 50,000 documents of four choices, workers that are
// up to four times as fast as others, each of whom takes the next batch when it is free. What docs/scale.md says is what this
// finds.
func TestAThousandWorkers(t *testing.T) {
	qs := corpus(50_000)
	list, _, err := groups(qs, batchRequests)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))

	all := group{requests: make([]int, 0, len(qs))}
	for _, g := range list {
		all.requests = append(all.requests, g.requests...)
	}
	once := cost(all, qs)
	alone, together := 0.0, 0.0
	for _, g := range list {
		together += cost(g, qs)
	}
	for _, q := range qs {
		alone += float64(len(q.Prompt) + len(q.Continuation))
	}
	t.Logf("%d batches; computed bytes: %.0f alone, %.0f in batches, %.0f on one machine", len(list), alone, together, once)
	assert.Less(t, together, 1.25*once, "prefix locality: what is computed again because it is in another batch")
	assert.Less(t, together, 0.2*alone)

	for _, n := range []int{1, 64, 1000} {
		q, speed := fleet(n, rng), 0.0
		for _, w := range *q {
			speed += w.speed
		}
		for _, g := range list {
			w := heap.Pop(q).(*simulated)
			c := cost(g, qs)
			w.free += c / w.speed
			w.done += c
			w.batches++
			heap.Push(q, w)
		}
		var ends, shares []float64
		for _, w := range *q {
			ends = append(ends, w.free)
			shares = append(shares, w.done/w.speed)
			assert.Positive(t, w.batches, "nobody is left without work")
		}
		sort.Float64s(ends)
		sort.Float64s(shares)
		ideal := together / speed
		t.Logf("%d workers: %.3f of the ideal speed, the last ends %.3f after the first", n, ideal/ends[n-1], (ends[n-1]-ends[0])/ends[n-1])
		switch n {
		case 64:
			assert.Greater(t, ideal/ends[n-1], 0.95, "tail")
			assert.Less(t, shares[n-1]/shares[0], 1.2, "fairness: work by speed")
		case 1000:
			assert.Greater(t, ideal/ends[n-1], 0.55, "tail: three batches a worker")
		}
	}
}

// TestMessagesFit: no batch has more bytes than a message may have.
func TestMessagesFit(t *testing.T) {
	qs := corpus(2000)
	list, _, err := groups(qs, batchRequests)
	require.NoError(t, err)
	for _, g := range list {
		n := len(g.batch("id", "c", qs).Prefix)
		for _, q := range g.batch("id", "c", qs).Requests {
			n += len(q.Prompt) + len(q.Continuation)
		}
		assert.Less(t, n, batchBytes)
	}
}
