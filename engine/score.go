package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sequence asks for the log-probability of each token in Tokens[From:], given everything before it.
type Sequence struct {
	Tokens []int32
	From   int // 1 <= From < len(Tokens): the first token has nothing before it
}

// Scored has one entry for each scored token.
type Scored struct {
	LogProbs []float64 // natural logarithms
	Greedy   []bool    // whether the token is the most probable one; the lowest id wins a tie
}

// scoring is a sequence on its way through Score.
type scoring struct {
	index  int
	item   int     // what an ItemsError calls it
	inputs []int32 // every token but the last, whose successor nobody asks for
	from   int
	target []int32 // the scored tokens
	scored Scored
	finite []bool // (target)
}

// Score computes log-probabilities for many sequences. done is called once for each, with its index, from the calling
// goroutine, in no promised order; err is set when this sequence cannot be scored (no token to score or none before
// it, a token outside the vocabulary, logits that are not finite, too long for the memory), and Score goes on with the
// others. An error that done returns ends Score and is returned, as are ctx's and those that concern no single
// sequence.
//
// What several sequences have in common at their beginning is computed once, unless Options.NoPrefixReuse is set.
func (m *Model) Score(ctx context.Context, seqs []Sequence, done func(i int, s Scored, err error) error) error {
	return m.score(ctx, seqs, m.reuse, done)
}

func (m *Model) score(ctx context.Context, seqs []Sequence, reuse bool, done func(i int, s Scored, err error) error) error {
	if err := m.acquire(ctx); err != nil {
		return err
	}
	defer m.release()
	done = unchanged(m, done)
	items, err := m.newScorings(seqs, 0, done)
	if err != nil {
		return err
	}
	return m.walkScorings(ctx, items, reuse, done)
}

// newScorings checks sequences and passes on the errors of those that cannot be scored. before is the number of items of
// the call that come before them.
func (m *Model) newScorings(seqs []Sequence, before int, done func(i int, s Scored, err error) error) (items []*scoring, err error) {
	for i, s := range seqs {
		item, bad := m.newScoring(i, s)
		if bad == nil {
			item.item = before + i
			items = append(items, item)
		} else if err := done(i, Scored{}, bad); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (m *Model) walkScorings(ctx context.Context, items []*scoring, reuse bool, done func(i int, s Scored, err error) error) error {
	shared, alone := []*scoring(nil), items
	if reuse {
		shared, alone = m.divide(items)
	}
	if err := m.newScoringWalk(shared, true).run(ctx, done); err != nil {
		return err
	}
	return m.newScoringWalk(alone, false).run(ctx, done)
}

func (m *Model) newScoring(index int, s Sequence) (*scoring, error) {
	if s.From < 1 || s.From >= len(s.Tokens) {
		return nil, fmt.Errorf("nothing to score: %d tokens, scored from %d on, of which at least one must precede", len(s.Tokens), s.From)
	}
	if err := m.checkTokens(s.Tokens); err != nil {
		return nil, err
	}
	inputs := s.Tokens[:len(s.Tokens)-1]
	if len(inputs) > m.batchMax { // others need not outlive a batch
		if err := m.checkLength(len(inputs), 0); err != nil {
			return nil, err
		}
	}
	n := len(s.Tokens) - s.From
	return &scoring{
		index:  index,
		inputs: inputs,
		from:   s.From,
		target: s.Tokens[s.From:],
		scored: Scored{LogProbs: make([]float64, n), Greedy: make([]bool, n)},
		finite: make([]bool, n),
	}, nil
}

func (m *Model) checkTokens(tokens []int32) error {
	for i, t := range tokens {
		if t < 0 || int(t) >= m.config.VocabSize {
			return fmt.Errorf("token %d at position %d is outside the vocabulary of %d", t, i, m.config.VocabSize)
		}
	}
	return nil
}

// checkLength refuses sequences whose cache, in up to two segments, or whose rotary angles would not fit.
func (m *Model) checkLength(first, second int) error {
	n := first + second
	if first > maxPosition || second > maxPosition || n > maxPosition {
		return fmt.Errorf("%d tokens, at most %d are possible", uint(n), maxPosition)
	}
	if need := m.cacheShape(false).bytes(first) + m.cacheShape(false).bytes(second); need > m.cacheLimit {
		return fmt.Errorf("%d tokens need a cache of %s, only %s may be used", n, mebibytes(need), mebibytes(m.cacheLimit))
	}
	return nil
}

// divide tells sequences whose keys of all layers fit the memory for caches, cut up as a tree may cut them, from those
// that only fit it, or a batch, in one piece.
func (m *Model) divide(items []*scoring) (shared, alone []*scoring) {
	shape := m.cacheShape(false)
	t := growTree(inputsOf(items), true)
	for i, from := range t.order {
		if shape.bytes(t.leaf[i].stored) > m.cacheLimit {
			alone = append(alone, items[from])
		} else {
			shared = append(shared, items[from])
		}
	}
	return shared, alone
}

func inputsOf(items []*scoring) [][]int32 {
	inputs := make([][]int32, len(items))
	for i, item := range items {
		inputs[i] = item.inputs
	}
	return inputs
}

// scoringWalk goes through a tree from the first node to the last. Since parents precede children and subtrees are in
// one piece, what a batch leaves behind for later ones is only the path to the next node.
type scoringWalk struct {
	*Model
	tree  *tree
	items []*scoring // in the tree's order
	at    int        // the next node, of which some tokens may have gone through the model
	batch batch
	path  []*node // those whose keys of every layer are kept for the next batch
	left  []*node // those whose keys are not needed after this one
	wants []wanted
	first []int // by wanted row: its first want
}

func (m *Model) newScoringWalk(items []*scoring, share bool) *scoringWalk {
	w := &scoringWalk{Model: m, tree: growTree(inputsOf(items), share), items: make([]*scoring, len(items))}
	for i, from := range w.tree.order {
		w.items[i] = items[from]
	}
	m.brief.reset()
	m.long.reset()
	return w
}

func (w *scoringWalk) run(ctx context.Context, done func(int, Scored, error) error) error {
	for w.at < len(w.tree.nodes) {
		if err := w.step(ctx, done); err != nil {
			return err
		}
	}
	return nil
}

// step computes the next batch and delivers the sequences that end in it.
func (w *scoringWalk) step(ctx context.Context, done func(int, Scored, error) error) error {
	begin := w.at
	lowest, highest, err := w.fill()
	if err != nil {
		return err
	}
	if err := w.compute(ctx); err != nil {
		return w.explain(err, highest-lowest, func(i int) int { return w.items[lowest+i].item })
	}
	w.drop()
	for _, n := range w.tree.nodes[begin:w.at] {
		// Sequences that end with a node are the first of those that pass through it.
		for i := n.first; i < n.last && w.tree.leaf[i] == n; i++ {
			item := w.items[i]
			w.items[i] = nil
			scored, bad := item.result()
			if err := done(item.index, scored, bad); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill makes the next batch, of the sequences lowest..highest-1, and gives it room for keys and values.
func (w *scoringWalk) fill() (lowest, highest int, err error) {
	w.batch.reset()
	w.wants = w.wants[:0]
	begin := w.at
	lowest = len(w.items)
	for w.at < len(w.tree.nodes) && w.batch.n < w.batchMax {
		n := w.tree.nodes[w.at]
		take := min(len(n.tokens)-n.fed, w.batchMax-w.batch.n)
		if n.parent == nil && n.fed == 0 && take < len(n.tokens) && len(n.tokens) <= w.batchMax {
			break // rather than keep every layer's keys of a part
		}
		w.want(n, n.fed, n.fed+take)
		w.batch.add(&n.segment, n.start+n.fed, n.tokens[n.fed:n.fed+take])
		lowest, highest = min(lowest, n.first), max(highest, n.last)
		if n.fed += take; n.fed == len(n.tokens) {
			w.at++
		}
	}
	return lowest, highest, w.keep(begin)
}

// want notes which rows of a span, tokens from..to-1 of a node, score tokens of which sequences.
func (w *scoringWalk) want(n *node, from, to int) {
	row := w.batch.n - (n.start + from)
	for _, item := range w.items[n.first:n.last] {
		// The token after input p is scored number p+1-from.
		for p := max(n.start+from, item.from-1); p < min(n.start+to, len(item.inputs)); p++ {
			w.wants = append(w.wants, wanted{row: row + p, sequence: item, at: p + 1 - item.from})
		}
	}
}

// keep gives the batch's nodes their pages: those on the path to the next node for all layers, the others for one.
func (w *scoringWalk) keep(begin int) (err error) {
	before := w.path
	w.path, w.left = nil, w.left[:0]
	if w.at < len(w.tree.nodes) {
		n := w.tree.nodes[w.at]
		if n.fed == 0 {
			n = n.parent
		}
		for ; n != nil; n = n.parent {
			n.kept = true
			w.path = append(w.path, n)
		}
	}
	for _, n := range w.tree.nodes[begin:min(w.at+1, len(w.tree.nodes))] {
		switch {
		case n.fed == 0: // the next one
		case n.kept:
			err = w.long.extend(&n.segment, n.fed)
		default:
			err = w.brief.extend(&n.segment, n.fed)
			w.left = append(w.left, n)
		}
		if err != nil {
			return err
		}
	}
	for _, n := range before {
		if !slices.Contains(w.path, n) {
			w.left = append(w.left, n)
		}
	}
	return nil
}

// drop takes back the pages of nodes that the path has left.
func (w *scoringWalk) drop() {
	for _, n := range w.left {
		if n.kept {
			w.long.release(&n.segment)
		} else {
			w.brief.release(&n.segment)
		}
	}
}

// compute takes the batch through the model and scores what is wanted.
func (w *scoringWalk) compute(ctx context.Context) error {
	w.ask()
	if err := w.pass.forward(ctx, &w.batch); err != nil {
		return err
	}
	return w.pass.logProbs(0, w.wants, w.first)
}

// ask makes rows that something is wanted of the batch's wanted ones.
func (w *scoringWalk) ask() {
	w.batch.wanted = w.batch.wanted[:0]
	slices.SortStableFunc(w.wants, func(a, b wanted) int { return a.row - b.row })
	w.first = w.first[:0]
	for i, x := range w.wants {
		if i == 0 || x.row != w.wants[i-1].row {
			w.batch.wanted, w.first = append(w.batch.wanted, x.row), append(w.first, i)
		}
	}
	w.first = append(w.first, len(w.wants))
}

func (s *scoring) result() (Scored, error) {
	for i, ok := range s.finite {
		if !ok {
			return Scored{}, fmt.Errorf("%w before token %d", ErrNotFinite, s.from+i)
		}
	}
	return s.scored, nil
}

// ErrNotFinite is wrapped by the error of an item for which the model computed an infinite logit or NaN.
var ErrNotFinite = errors.New("logits are not finite")

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

// explain names the items of a batch that a panic ended, and looks for the likeliest cause: a weight file that was
// changed under the mapping. Other errors pass.
func (m *Model) explain(err error, n int, index func(i int) int) error {
	if bad := (*panicError)(nil); !errors.As(err, &bad) {
		return err
	}
	items := &ItemsError{Items: make([]int, n), Err: err}
	for i := range items.Items {
		items.Items[i] = index(i)
	}
	if changed := m.checkpoint.Verify(); changed != nil {
		items.Err = fmt.Errorf("%w: %w", changed, err)
	}
	return items
}
