// Package schedule decides which tokens go through the network together. Sequences that are scored and prompts that are
// continued wait in one prefix tree, in which what they have in common exists once; one walk takes them through it, batch
// by batch: first the next tokens of the sequences under way, then as much of the tree as there is room for.
//
// Bits do not depend on any of these decisions: package graph promises that. What may, is what an answer costs.
package schedule

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// Scheduler keeps what walks have in common: the network's pass, a batch with its activations, and the stocks of pages. It
// serves one walk at a time.
type Scheduler struct {
	batchMax   int   // tokens of a batch
	cacheLimit int64 // bytes of full KV caches alive at once

	NoDrafts bool      // takes one token of a sequence at a time, for measurements
	Follower *Follower // guesses where the text itself says nothing; nil for none
	Counts   Counts

	net   *graph.Network
	pass  *graph.Pass
	batch graph.Batch
	// full has pages of all layers, for what later batches look at, oneLayer for what none does.
	full, oneLayer graph.Stock
}

// New returns a scheduler for a network that has been started. cacheLimit counts what spill takes to files, too.
func New(n *graph.Network, batchMax int, cacheLimit int64, spill graph.Spill) *Scheduler {
	return &Scheduler{
		batchMax: batchMax, cacheLimit: cacheLimit, net: n, pass: graph.NewPass(n, spill.Dir != ""),
		full: graph.NewStock(n.CacheShape(false), spill), oneLayer: graph.NewStock(n.CacheShape(true), graph.Spill{}),
	}
}

// Close gives working memory back.
func (s *Scheduler) Close() error {
	s.pass = nil
	return graph.Joined(s.batch.Release(), s.full.Close(), s.oneLayer.Close())
}

// BatchMax is the most tokens of a batch.
func (s *Scheduler) BatchMax() int { return s.batchMax }

// CacheLimit is the most bytes of caches alive at once.
func (s *Scheduler) CacheLimit() int64 { return s.cacheLimit }

// Done is told of finished items. An error ends the walk.
type Done struct {
	Scored    func(s *Scoring, err error) error
	Generated func(g *Generating, err error) error
}

// Run answers items: what they have in common at their beginnings is computed once, if share is set.
func (s *Scheduler) Run(ctx context.Context, generating []*Generating, scoring []*Scoring, share bool, done Done) error {
	items := make([]item, 0, len(generating)+len(scoring))
	for _, g := range generating {
		items = append(items, item{generating: g})
	}
	for _, x := range scoring {
		items = append(items, item{scoring: x})
	}
	shared, alone := []item(nil), items
	if share {
		shared, alone = s.divide(items)
	}
	if err := s.newWalk(alone, false, done).run(ctx); err != nil {
		return err
	}
	return s.newWalk(shared, true, done).run(ctx)
}

// Layers takes a sequence through all layers at every position, without looking at logits, for measurements.
func (s *Scheduler) Layers(ctx context.Context, x *Scoring) error {
	w := s.newWalk([]item{{scoring: x}}, false, Done{Scored: func(*Scoring, error) error { return nil }})
	w.layersOnly = true
	return w.run(ctx)
}

// DistinctTokens is the number of tokens that go through the network for sequences that share what they have in common.
func DistinctTokens(inputs [][]int32) int {
	sum := 0
	for _, n := range growTree(inputs, true).nodes {
		sum += len(n.tokens)
	}
	return sum
}

// divide tells items whose keys of all layers fit the memory for caches, cut up as a tree may cut them, from those that
// only fit it, or a batch, in one piece.
func (s *Scheduler) divide(items []item) (shared, alone []item) {
	t := growTree(inputsOf(items), true)
	for i, from := range t.order {
		stored := graph.Stepped(items[from].own())
		if leaf := t.leaf[i]; leaf != nil {
			stored += leaf.stored
		}
		if s.full.Bytes(stored) > s.cacheLimit {
			alone = append(alone, items[from])
		} else {
			shared = append(shared, items[from])
		}
	}
	return shared, alone
}

func inputsOf(items []item) [][]int32 {
	inputs := make([][]int32, len(items))
	for i, x := range items {
		inputs[i] = x.inputs()
	}
	return inputs
}
