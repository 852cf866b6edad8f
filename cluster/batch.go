package cluster

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/commonprefix"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Sizes of batches: large enough for a worker's engine to share prefixes and fill its own batches, small enough for the end of a
// run to be spread over all workers and for a message (a broker takes 1 MiB; base64 makes 4 bytes of 3).
const (
	batchRequests = 64
	batchBytes    = 512 << 10
)

// group is the requests of a batch, by their numbers within a part.
type group struct {
	prefix   string
	requests []int
	of       *part
}

// groups puts requests that begin alike into the same batch. A single request that is too large for a message is an error.
func groups(requests []tasks.Request, most int) (list []group, bad int, err error) {
	order := make([]int, len(requests))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(requests[a].Prompt, requests[b].Prompt) })
	var g group
	size := 0
	for _, i := range order {
		q := requests[i]
		own := len(q.Prompt) + len(q.Continuation)
		if own > batchBytes {
			return nil, i, fmt.Errorf("the request has %d bytes, a message at most %d", own, batchBytes)
		}
		prefix := q.Prompt
		if len(g.requests) > 0 {
			prefix = q.Prompt[:commonprefix.Len(g.prefix, q.Prompt)]
		}
		// What the batch shares must not shrink to nothing for the sake of one more, and must pay for itself.
		far := len(g.requests) > 0 && len(prefix) < len(g.prefix)/2 && len(g.requests) >= most/4
		if len(g.requests) == most || size+own > batchBytes || far {
			list = append(list, g)
			g, size, prefix = group{}, 0, q.Prompt
		}
		g.prefix = prefix
		g.requests = append(g.requests, i)
		size += own
	}
	if len(g.requests) > 0 {
		list = append(list, g)
	}
	return list, 0, nil
}

// batch makes the message.
func (g group) batch(id, coordinator string, requests []tasks.Request) batch {
	b := batch{ID: id, Coordinator: coordinator, Prefix: []byte(g.prefix)}
	for _, i := range g.requests {
		q := requests[i]
		r := request{Kind: q.Kind, Protocol: q.Protocol, Prompt: []byte(q.Prompt[len(g.prefix):]), Continuation: []byte(q.Continuation), MaxTokens: q.MaxTokens, Sampling: q.Sampling}
		for _, s := range q.Stop {
			r.Stop = append(r.Stop, []byte(s))
		}
		b.Requests = append(b.Requests, r)
	}
	return b
}
