package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"github.com/swallow-eval/swallow-eval/internal/identity"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// Scorer scores continuations; *embedded.Model is one.
type Scorer interface {
	EncodePair(context, continuation string) (embedded.Pair, error)
	ScorePairs(ctx context.Context, pairs []embedded.Pair, done func(i int, s embedded.PairScore, err error) error) error
}

// pairIn is a line of the input.
type pairIn struct {
	Context         *string `json:"context"`
	Continuation    *string `json:"continuation"`
	ContextIDs      []int32 `json:"context_ids"`
	ContinuationIDs []int32 `json:"continuation_ids"`
}

func (q *pairIn) check() error {
	text := q.Context != nil || q.Continuation != nil
	ids := q.ContextIDs != nil || q.ContinuationIDs != nil
	switch {
	case text && ids:
		return errors.New("give context and continuation either as text or as ids, not both")
	case text && (q.Context == nil || q.Continuation == nil):
		return errors.New("context and continuation belong together")
	case ids && (len(q.ContextIDs) == 0 || len(q.ContinuationIDs) == 0):
		return errors.New("context_ids and continuation_ids must both hold tokens")
	case !text && !ids:
		return errors.New("neither context and continuation nor context_ids and continuation_ids")
	}
	return nil
}

// pairOut is an answer, without the identifier.
type pairOut struct {
	LogProb            float64   `json:"logprob"`
	IsGreedy           bool      `json:"is_greedy"`
	TokenLogProbs      []float64 `json:"token_logprobs"`
	ContextTokens      int       `json:"context_tokens"`
	ContinuationTokens int       `json:"continuation_tokens"`
	DroppedTokens      int       `json:"dropped_tokens"`
}

// LogLikelihood scores a continuation a line.
func LogLikelihood(ctx context.Context, s Stream, m Scorer) (Counts, error) {
	return answer(ctx, s, kind[embedded.Pair]{
		parse: func(line []byte, _ int) (p embedded.Pair, key [sha256.Size]byte, err error) {
			var q pairIn
			if err := json.Unmarshal(line, &q); err != nil {
				return p, key, err
			}
			if err := q.check(); err != nil {
				return p, key, err
			}
			if p, err = pairOf(m, q); err != nil {
				return p, key, err
			}
			return p, identity.Scored(p.Context, p.Continuation), nil
		},
		ask: func(ctx context.Context, pairs []embedded.Pair, done func(i int, object []byte, err error) error) error {
			return m.ScorePairs(ctx, pairs, func(i int, s embedded.PairScore, err error) error {
				return pass(i, pairOut{
					LogProb: s.LogProb, IsGreedy: s.Greedy, TokenLogProbs: s.TokenLogProbs, DroppedTokens: s.Dropped,
					ContextTokens: len(pairs[i].Context), ContinuationTokens: len(pairs[i].Continuation),
				}, err, done)
			})
		},
	})
}

func pairOf(m Scorer, q pairIn) (embedded.Pair, error) {
	if q.Context == nil {
		return embedded.Pair{Context: q.ContextIDs, Continuation: q.ContinuationIDs}, nil
	}
	p, err := m.EncodePair(*q.Context, *q.Continuation)
	if err == nil && len(p.Continuation) == 0 && *q.Continuation != "" {
		err = errors.New("the continuation has no tokens of its own: encoded together, it merges into the last token of the context")
	}
	return p, err
}
