package engine

import (
	"context"
	"slices"
)

// Answer does what Generate and Score do, for prompts and sequences together: a sequence that begins as a prompt does is
// scored while the prompt's keys and values are there, so that what the two have in common is computed once for both. The
// answers are those of Generate and Score, to the last bit. generated and scored are called as Generate and Score call
// done; an error of one of them ends Answer.
func (m *Model) Answer(ctx context.Context, prompts []Prompt, seqs []Sequence, generated func(i int, g Generated, err error) error, scored func(i int, s Scored, err error) error) error {
	if err := m.acquire(ctx); err != nil {
		return err
	}
	defer m.release()
	generated, scored = unchanged(m, generated), unchanged(m, scored)
	waiting, err := m.newGeneratings(prompts, generated)
	if err != nil {
		return err
	}
	items, err := m.newScorings(seqs, len(prompts), scored)
	if err != nil {
		return err
	}
	if m.reuse {
		var joining []*generating
		joining, items = m.join(waiting, items)
		waiting = append(waiting, joining...)
	}
	if err := m.newGeneratingWalk(waiting).run(ctx, generated, scored); err != nil {
		return err
	}
	return m.walkScorings(ctx, items, m.reuse, scored)
}

// join picks the sequences that are scored along with prompts: those that have at least half of their inputs in common
// with one. The others are better off where the keys of most layers need not be kept.
func (m *Model) join(prompts []*generating, items []*scoring) (joining []*generating, others []*scoring) {
	if len(prompts) == 0 {
		return nil, items
	}
	sorted := make([][]int32, len(prompts))
	for i, g := range prompts {
		sorted[i] = g.prompt.Tokens
	}
	slices.SortFunc(sorted, slices.Compare[[]int32])
	for _, s := range items {
		// Of all prompts, a neighbour in order has the most in common.
		at, _ := slices.BinarySearchFunc(sorted, s.inputs, slices.Compare[[]int32])
		most := 0
		for _, p := range sorted[max(0, at-1):min(len(sorted), at+1)] {
			most = max(most, common(p, s.inputs))
		}
		g := &generating{index: s.index, scoring: s, prompt: Prompt{Tokens: s.inputs[:s.from], MaxTokens: len(s.target)}}
		if 2*most < len(s.inputs) || m.checkLength(g.shared(), g.own()) != nil {
			others = append(others, s)
		} else {
			joining = append(joining, g)
		}
	}
	return joining, others
}

// common is the number of tokens that two sequences begin with alike.
func common(a, b []int32) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// feedScoring adds to the batch what has not gone through the model of a sequence that is scored, and asks for the
// log-probabilities of what follows.
func (w *generatingWalk) feedScoring(g *generating) error {
	b := &w.batch
	if err := w.feed(g.leaf); err != nil {
		return err
	}
	if g.leaf != nil && g.leaf.fed < len(g.leaf.tokens) {
		return nil
	}
	take := min(g.tail.length-g.fed, w.batchMax-b.n)
	if take <= 0 {
		return nil
	}
	if err := w.stock.extend(&g.tail, g.fed+take); err != nil {
		return err
	}
	at := g.tail.start + g.fed
	for i := range take {
		if score := at + i + 1 - g.scoring.from; score >= 0 {
			w.firstWant = append(w.firstWant, len(w.wants))
			w.wants = append(w.wants, wanted{row: b.n + i, sequence: g.scoring, at: score})
			b.wanted = append(b.wanted, b.n+i)
		}
	}
	b.add(&g.tail, at, g.tokens[at:at+take])
	g.fed += take
	return nil
}
