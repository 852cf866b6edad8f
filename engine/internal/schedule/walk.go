package schedule

import (
	"context"
	"errors"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// How many sequences are continued together at most: well before that a step costs as much as its arithmetic, or where it
// reads the weights from a disk, as much as the reading.
const maxLive, maxLiveStreaming = 256, 2048

// Together is that number.
func Together(streams bool) int {
	if streams {
		return maxLiveStreaming
	}
	return maxLive
}

// walk goes through a prefix tree from the first node to the last. Since parents precede children and subtrees are in one
// piece, what later batches look at of the tree is the path to the next node, besides the paths of sequences under way.
type walk struct {
	*Scheduler
	done       Done
	tree       *tree
	items      []item // in the tree's order; empty when finished
	at         int    // the next node, of which some tokens may have gone through the network
	used       int64  // bytes that kept nodes and tails may grow to
	ready      []*Generating
	live       []*Generating
	layersOnly bool

	// Of the batch under way.
	tails  []*Generating // those of which it has tokens of the tail
	begun  int           // of these, those that were under way before; the others come after the nodes
	nodes  []*node       // those of which it has tokens
	judged []judged      // whose logits are looked at, in the order of rows
	early  int           // of these, those before the rows that are scored
	wants  []graph.Want  // by row
	first  []int         // by scored row: its first want
	judge  func(i int, logits []float32)
	offset int // what judge adds to i
}

// judged is a row whose logits pick a token: number at of those of a sequence in this batch.
type judged struct {
	*Generating
	at int
}

func (s *Scheduler) newWalk(items []item, share bool, done Done) *walk {
	w := &walk{Scheduler: s, done: done, tree: growTree(inputsOf(items), share), items: make([]item, len(items))}
	for i, from := range w.tree.order {
		x := items[from]
		w.items[i] = x
		g := x.generating
		if g == nil {
			continue
		}
		if g.leaf = w.tree.leaf[i]; g.leaf == nil {
			w.ready = append(w.ready, g)
		}
		for n := g.leaf; n != nil; n = n.parent {
			n.generators++
		}
	}
	w.judge = w.take
	if s.Follower != nil {
		s.Follower.Reset()
	}
	s.oneLayer.Reset()
	s.full.Reset()
	return w
}

// run takes every item through the network.
func (w *walk) run(ctx context.Context) error {
	for !w.through() {
		if err := w.fill(ctx); err != nil {
			return err
		}
		if err := w.compute(ctx); err != nil {
			return w.explain(err)
		}
		if err := w.deliver(); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) through() bool {
	return w.at == len(w.tree.nodes) && len(w.ready)+len(w.live) == 0
}

// fill makes the next batch: tokens of the sequences under way, then as many nodes as there is room for, then the first
// tokens of those that can begin. So segments follow those which they continue, as attention wants it.
func (w *walk) fill(ctx context.Context) error {
	w.batch.Reset()
	if err := w.draft(ctx, w.plan()); err != nil {
		return err
	}
	for _, g := range w.tails[:w.begun] {
		if err := w.addTail(g); err != nil {
			return err
		}
	}
	w.early = len(w.judged)
	for _, n := range w.nodes {
		if err := w.addNode(n); err != nil {
			return err
		}
	}
	w.ask()
	for _, g := range w.tails[w.begun:] {
		if err := w.addTail(g); err != nil {
			return err
		}
	}
	if w.batch.Len() == 0 {
		return errors.New("nothing fits the memory for caches") // but divide has seen to it that everything does
	}
	return nil
}

// plan decides what the next batch consists of, but for guesses, and returns the room that is left.
func (w *walk) plan() (room int) {
	w.nodes, w.tails, w.judged, w.wants = w.nodes[:0], w.tails[:0], w.judged[:0], w.wants[:0]
	room = w.batchMax
	for _, g := range w.live {
		room -= w.takeTail(g, room)
	}
	w.begun = len(w.tails)
	for w.admit(&room); room > 0 && w.at < len(w.tree.nodes) && len(w.ready) == 0; w.admit(&room) {
		n := w.tree.nodes[w.at]
		take := min(len(n.tokens)-n.fed, room)
		if n.fed == 0 && !w.keep(n, take, room) {
			break
		}
		n.batched, room = take, room-take
		w.nodes = append(w.nodes, n)
		if n.fed+take == len(n.tokens) {
			w.at++
			w.begin(n)
		}
	}
	return room
}

// keep decides, before the first token of a node goes through the network, whether the node's pages outlive the batch, and
// whether it can be begun in this one.
func (w *walk) keep(n *node, take, room int) bool {
	if n.generators == 0 && n.below <= room {
		return true // with everything below it, it ends in this batch
	}
	if n.generators == 0 && n.parent == nil && take < len(n.tokens) && len(n.tokens) <= w.batchMax && len(w.live) == 0 {
		return false // rather than keep every layer's keys of a part
	}
	need := w.full.Bytes(len(n.tokens))
	if need > w.cacheLimit-w.used {
		return false
	}
	w.used += need
	n.kept = true
	return true
}

// begin makes prompts ready whose nodes are complete. Items that end with a node are the first of those that pass through
// it.
func (w *walk) begin(n *node) {
	for i := n.first; i < n.last && w.tree.leaf[i] == n; i++ {
		if g := w.items[i].generating; g != nil {
			w.ready = append(w.ready, g)
		}
	}
}

// admit adds prompts that are ready to those under way, while there is room. Alone every prompt fits: what is kept while it
// waits is its own path.
func (w *walk) admit(room *int) {
	most := Together(w.net.Streams())
	for len(w.ready) > 0 && len(w.live) < min(most, w.batchMax) {
		g := w.ready[0]
		need := w.full.Bytes(g.Own())
		if need > w.cacheLimit-w.used {
			return
		}
		w.used += need
		g.begin()
		w.ready, w.live = w.ready[1:], append(w.live, g)
		*room -= w.takeTail(g, *room)
	}
}

// takeTail plans up to room tokens of a tail for the batch, and returns how many.
func (w *walk) takeTail(g *Generating, room int) int {
	g.picks, g.drafts.tokens = g.picks[:0], g.drafts.tokens[:0]
	g.batched = min(len(g.tokens)-g.tail.Start()-g.fed, room)
	if g.batched > 0 {
		w.tails = append(w.tails, g)
	}
	return g.batched
}

func (w *walk) addTail(g *Generating) error {
	b, from := &w.batch, g.tail.Start()+g.fed
	to := from + g.batched + len(g.drafts.tokens)
	if err := w.full.Extend(&g.tail, to-g.tail.Start()); err != nil {
		return err
	}
	if from+g.batched == len(g.tokens) {
		for i := range len(g.drafts.tokens) + 1 {
			g.picks = append(g.picks, pick{})
			w.judged = append(w.judged, judged{g, i})
			b.Want(b.Len() + g.batched - 1 + i)
		}
	}
	// Drafts lie in what g.tokens has room for and does not hold.
	b.Add(&g.tail, from, append(g.tokens, g.drafts.tokens...)[from:to])
	g.fed += g.batched
	return nil
}

func (w *walk) addNode(n *node) error {
	stock := &w.oneLayer
	if n.kept {
		stock = &w.full
	}
	from, to := n.fed, n.fed+n.batched
	if err := stock.Extend(&n.Segment, to); err != nil {
		return err
	}
	w.want(n, from, to)
	w.batch.Add(&n.Segment, n.Start()+from, n.tokens[from:to])
	n.fed = to
	return nil
}

// want notes which rows of a span, tokens from..to-1 of a node, score tokens of which sequences.
func (w *walk) want(n *node, from, to int) {
	row := w.batch.Len() - (n.Start() + from)
	for i := n.first; i < n.last; i++ {
		s := w.items[i].scoring
		if s == nil {
			continue
		}
		// The token after input p is scored number p+1-From.
		for p := max(n.Start()+from, s.From-1); p < min(n.Start()+to, len(s.Inputs)); p++ {
			w.wants = append(w.wants, graph.Want{Row: row + p, Token: s.Target[p+1-s.From], BF16: s.BF16, Item: i, At: p + 1 - s.From, Leader: s.Best != nil})
		}
	}
}

// ask makes rows that something is wanted of the batch's wanted ones.
func (w *walk) ask() {
	slices.SortStableFunc(w.wants, func(a, b graph.Want) int { return a.Row - b.Row })
	w.first = w.first[:0]
	for i, x := range w.wants {
		if i == 0 || x.Row != w.wants[i-1].Row {
			w.batch.Want(x.Row)
			w.first = append(w.first, i)
		}
	}
	w.first = append(w.first, len(w.wants))
}
