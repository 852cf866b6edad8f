package engine

import (
	"context"
	"errors"
	"fmt"
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
	inputs []int32 // every token but the last, whose successor nobody asks for
	from   int
	target []int32 // the scored tokens
	scored Scored
	fed    int // inputs that have gone through the model
	cache  cache
	finite []bool // (target)
}

// wanted is a row of a batch whose logits score one token.
type wanted struct {
	sequence *scoring
	at       int // which of its scored tokens
}

// Score computes log-probabilities for many sequences. done is called once for each, with its index, from the calling
// goroutine, in no promised order; err is set when this sequence cannot be scored (no token to score or none before
// it, a token outside the vocabulary, logits that are not finite, too long for the memory), and Score goes on with the
// others. An error that done returns ends Score and is returned, as are ctx's and those that concern no single
// sequence.
func (m *Model) Score(ctx context.Context, seqs []Sequence, done func(i int, s Scored, err error) error) error {
	if err := m.acquire(ctx); err != nil {
		return err
	}
	defer m.release()
	// Sequences that fit a batch whole need one layer's keys at a time; longer ones keep every layer's.
	whole, long := &pageStock{cacheShape: m.cacheShape(true)}, &pageStock{cacheShape: m.cacheShape(false)}
	var packed []*scoring
	tokens := 0
	flush := func() error {
		list := packed
		packed, tokens = nil, 0
		return m.scoreBatch(ctx, whole, list, done)
	}
	for i, s := range seqs {
		item, err := m.newScoring(i, s)
		if err != nil {
			if err := done(i, Scored{}, err); err != nil {
				return err
			}
			continue
		}
		n := len(item.inputs)
		if n > m.batchMax {
			for item.fed < n {
				if err := m.scoreBatch(ctx, long, []*scoring{item}, done); err != nil {
					return err
				}
			}
			continue
		}
		if tokens+n > m.batchMax {
			if err := flush(); err != nil {
				return err
			}
		}
		packed, tokens = append(packed, item), tokens+n
	}
	return flush()
}

func (m *Model) newScoring(index int, s Sequence) (*scoring, error) {
	if s.From < 1 || s.From >= len(s.Tokens) {
		return nil, fmt.Errorf("nothing to score: %d tokens, scored from %d on, of which at least one must precede", len(s.Tokens), s.From)
	}
	if err := m.checkTokens(s.Tokens); err != nil {
		return nil, err
	}
	inputs := s.Tokens[:len(s.Tokens)-1]
	if len(inputs) > m.batchMax {
		if err := m.checkLength(len(inputs)); err != nil {
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

// checkLength refuses sequences whose cache or whose rotary angles would not fit.
func (m *Model) checkLength(n int) error {
	if n > maxPosition {
		return fmt.Errorf("%d tokens, at most %d are possible", n, maxPosition)
	}
	if need := m.cacheShape(false).bytes(n); need > m.cacheLimit {
		return fmt.Errorf("%d tokens need a cache of %s, only %s may be used", n, mebibytes(need), mebibytes(m.cacheLimit))
	}
	return nil
}

// scoreBatch runs the next inputs of each item, as many as a batch may have, and delivers the items that are complete.
func (m *Model) scoreBatch(ctx context.Context, stock *pageStock, items []*scoring, done func(int, Scored, error) error) error {
	if len(items) == 0 {
		return nil
	}
	b := &batch{}
	var rows []int
	var wants []wanted
	for _, item := range items {
		start, end := item.fed, min(len(item.inputs), item.fed+m.batchMax)
		// The token after input p is scored number p+1-from.
		for p := max(start, item.from-1); p < end; p++ {
			rows = append(rows, b.n+p-start)
			wants = append(wants, wanted{item, p + 1 - item.from})
		}
		stock.extend(&item.cache, end)
		b.add(&item.cache, start, item.inputs[start:end])
		item.fed = end
	}
	p, err := m.forward(ctx, b)
	if err == nil {
		p.logits(rows, func(i int, logits []float32) { wants[i].take(m, logits) })
		err = p.err
	}
	if err != nil {
		return m.explain(err, len(items), func(i int) int { return items[i].index })
	}
	for _, item := range items {
		if item.fed < len(item.inputs) {
			continue
		}
		stock.release(&item.cache)
		scored, bad := item.result()
		if err := done(item.index, scored, bad); err != nil {
			return err
		}
	}
	return nil
}

// take scores one token by the logits before it.
func (w wanted) take(m *Model, logits []float32) {
	s, target := w.sequence, w.sequence.target[w.at]
	if s.finite[w.at] = m.kernel.AllFinite(logits); s.finite[w.at] {
		s.scored.LogProbs[w.at] = float64(logits[target]) - m.kernel.LogSumExp(logits)
		s.scored.Greedy[w.at] = m.kernel.ArgMax(logits) == int(target)
	}
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

// explain names the items of a batch that a panic ended, and looks for the likeliest cause: a weight file that was
// changed under the mapping. Other errors pass.
func (m *Model) explain(err error, n int, index func(i int) int) error {
	if bad := (*panicError)(nil); !errors.As(err, &bad) {
		return err
	}
	const most = 8
	var names []string
	for i := range min(n, most) {
		names = append(names, fmt.Sprint(index(i)))
	}
	if n > most {
		names = append(names, fmt.Sprintf("%d more", n-most))
	}
	items := "items " + strings.Join(names, ", ")
	if changed := m.checkpoint.Verify(); changed != nil {
		return fmt.Errorf("%s: %w: %w", items, changed, err)
	}
	return fmt.Errorf("%s: %w", items, err)
}
