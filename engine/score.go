package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// Sequence asks for the log-probability of each token in Tokens[From:], given everything before it.
type Sequence struct {
	Tokens []int32
	From   int // 1 <= From < len(Tokens): the first token has nothing before it
	// Best asks for the most probable token of each place, too.
	Best bool
	// BF16 rounds all logits to bfloat16 first, as a program that keeps a bfloat16 model's logits in that type has them: many
	// are then equal. All sequences of a call say the same.
	BF16 bool
}

// Scored has one entry for each scored token.
type Scored struct {
	LogProbs []float64 // natural logarithms
	Greedy   []bool    // whether the token is the most probable one; the lowest id wins a tie
	Best     []Best    // where Sequence.Best asks for them
}

// Best is the most probable token of a place, the lowest id of equal ones, with the natural logarithm of its probability.
type Best = schedule.Best

// ErrNotFinite is wrapped by the error of an item for which the model computed an infinite logit or NaN.
var ErrNotFinite = schedule.ErrNotFinite

// Score computes log-probabilities for many sequences. done is called once for each, with its index, from the calling
// goroutine, in no promised order; err is set when this sequence cannot be scored (no token to score or none before
// it, a token outside the vocabulary, logits that are not finite, too long for the memory), and Score goes on with the
// others. An error that done returns ends Score and is returned, as are ctx's and those that concern no single
// sequence.
//
// What several sequences have in common at their beginning is computed once, unless Options.NoPrefixReuse is set.
func (m *Model) Score(ctx context.Context, seqs []Sequence, done func(i int, s Scored, err error) error) error {
	return m.Answer(ctx, nil, seqs, nil, done)
}

// newScorings checks sequences and passes on the errors of those that cannot be scored. before is the number of items of
// the call that come before them.
func (m *Model) newScorings(seqs []Sequence, before int, done func(i int, s Scored, err error) error) (items []*schedule.Scoring, err error) {
	for i, s := range seqs {
		if s.BF16 != seqs[0].BF16 { // rows of one batch that several ask about are computed once
			return nil, errors.New("sequences whose logits are rounded and others in one call")
		}
		if bad := m.checkSequence(s); bad == nil {
			item := schedule.NewScoring(i, before+i, s.Tokens, s.From)
			if s.Best {
				item.AskBest()
			}
			item.BF16 = s.BF16
			items = append(items, item)
		} else if err := done(i, Scored{}, bad); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (m *Model) checkSequence(s Sequence) error {
	if s.From < 1 || s.From >= len(s.Tokens) {
		return fmt.Errorf("nothing to score: %d tokens, scored from %d on, of which at least one must precede", len(s.Tokens), s.From)
	}
	if err := m.checkTokens(s.Tokens); err != nil {
		return err
	}
	if inputs := len(s.Tokens) - 1; inputs > m.schedule.BatchMax() { // others need not outlive a batch
		return m.checkLength(inputs, 0)
	}
	return nil
}

func (m *Model) checkTokens(tokens []int32) error {
	for i, t := range tokens {
		if t < 0 || int(t) >= m.net.Config().VocabSize {
			return fmt.Errorf("token %d at position %d is outside the vocabulary of %d", t, i, m.net.Config().VocabSize)
		}
	}
	return nil
}

// checkLength refuses sequences whose cache, in up to two segments, or whose rotary angles would not fit.
func (m *Model) checkLength(first, second int) error {
	n := first + second
	if first > graph.MaxPosition || second > graph.MaxPosition || n > graph.MaxPosition {
		return fmt.Errorf("%d tokens, at most %d are possible", uint(n), graph.MaxPosition)
	}
	shape, limit := m.net.CacheShape(false), m.schedule.CacheLimit()
	if need := shape.Bytes(first) + shape.Bytes(second); need > limit {
		return fmt.Errorf("%d tokens need a cache of %s, only %s may be used", n, mebibytes(need), mebibytes(limit))
	}
	return nil
}

// ItemsError is an error that concerns all items that were computed together, by their indices of the call (of Answer, those
// of prompts and then those of sequences): which of them is to blame is unknown.
type ItemsError = schedule.ItemsError
