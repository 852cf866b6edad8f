package schedule

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// compute takes the batch through the network: all layers, batch after batch. Scoring and prefilling depend on no token that
// is still to come, so several batches could take turns in each layer instead; graph.Pass lets them, for each batch has its
// own activations.
func (w *walk) compute(ctx context.Context) error {
	if err := w.pass.Forward(ctx, &w.batch); err != nil || w.layersOnly {
		return err
	}
	scored := len(w.first) - 1
	if err := w.pass.LogProbs(w.early, scored, w.wants, w.first); err != nil {
		return err
	}
	w.offset = 0
	if err := w.pass.Logits(0, w.early, w.judge); err != nil {
		return err
	}
	w.offset = w.early
	return w.pass.Logits(w.early+scored, len(w.judged)-w.early, w.judge)
}

// take looks at the logits of one row.
func (w *walk) take(i int, logits []float32) {
	g, k := w.judged[w.offset+i], w.net.Kernel()
	p := &g.picks[g.at]
	switch p.finite = k.AllFinite(logits); {
	case !p.finite:
	case g.Prompt.Pick == nil:
		p.token = int32(k.ArgMax(logits))
	default:
		g.logits = append(g.logits[:0], logits...) // Pick is called later, from one goroutine
	}
}

// deliver hands over the items that end with the batch, and gives back what only they have needed.
func (w *walk) deliver() error {
	for i := range w.wants {
		x := &w.wants[i]
		s := w.items[x.Item].scoring
		s.LogProbs[x.At], s.Greedy[x.At], s.finite[x.At] = x.LogProb, x.Greedy, x.Finite
		if s.Best != nil {
			s.Best[x.At] = Best{x.Best, x.BestLogProb}
		}
	}
	for _, n := range w.nodes {
		if n.fed < len(n.tokens) {
			continue
		}
		if !n.kept { // those who look at it were in the same batch
			w.oneLayer.Release(&n.Segment)
		}
		for i := n.first; i < n.last && w.tree.leaf[i] == n; i++ {
			s := w.items[i].scoring
			if s == nil {
				continue
			}
			w.items[i] = item{}
			w.leave(n)
			if err := w.done.Scored(s, s.Err()); err != nil {
				return err
			}
		}
	}
	return w.advance()
}

// advance appends the new tokens of sequences under way, and delivers those that end.
func (w *walk) advance() error {
	running := w.live[:0]
	for _, g := range w.live {
		ended, bad := g.advance(w.net.Config().EOS, &w.Counts)
		if !ended {
			running = append(running, g)
			continue
		}
		w.full.Release(&g.tail)
		if w.Follower != nil {
			w.Follower.forget(g)
		}
		w.used -= w.full.Bytes(g.Own())
		for n := g.leaf; n != nil; n = n.parent {
			n.generators--
		}
		w.leave(g.leaf)
		if err := w.done.Generated(g, bad); err != nil {
			return err
		}
	}
	clear(w.live[len(running):])
	w.live = running
	return nil
}

// leave notes that an item no longer needs the path to a node.
func (w *walk) leave(n *node) {
	for ; n != nil; n = n.parent {
		if n.users--; n.users == 0 && n.kept {
			w.full.Release(&n.Segment)
			w.used -= w.full.Bytes(len(n.tokens))
		}
	}
}

// ItemsError is an error that concerns all items that were computed together: which of them is to blame is unknown.
type ItemsError struct {
	Items []int // indices of the call, the first computed first; of Answer, those of prompts and then those of sequences
	Err   error
}

// Error names the first few items.
func (e *ItemsError) Error() string {
	const most = 8
	var names []string
	for _, i := range e.Items[:min(len(e.Items), most)] {
		names = append(names, fmt.Sprint(i))
	}
	if more := len(e.Items) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("items %s: %v", strings.Join(names, ", "), e.Err)
}

// Unwrap returns the cause.
func (e *ItemsError) Unwrap() error { return e.Err }

// explain names the items of a batch that a panic ended. Other errors pass.
func (w *walk) explain(err error) error {
	if bad := (*graph.PanicError)(nil); !errors.As(err, &bad) {
		return err
	}
	items, seen := &ItemsError{Err: err}, make(map[int]bool)
	add := func(number int) {
		if !seen[number] {
			seen[number] = true
			items.Items = append(items.Items, number)
		}
	}
	for _, g := range w.tails {
		add(item{generating: g}.number())
	}
	for _, n := range w.nodes {
		for _, x := range w.items[n.first:n.last] {
			if x != (item{}) {
				add(x.number())
			}
		}
	}
	return items
}
