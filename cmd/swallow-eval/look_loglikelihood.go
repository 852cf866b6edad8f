package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/models/embedded"
)

type logLikelihoodIn struct {
	ID              json.RawMessage `json:"id"`
	Context         *string         `json:"context"`
	Continuation    *string         `json:"continuation"`
	ContextIDs      []int32         `json:"context_ids"`
	ContinuationIDs []int32         `json:"continuation_ids"`
}

func (q *logLikelihoodIn) check() error {
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

type logLikelihoodOut struct {
	ID                 json.RawMessage `json:"id"`
	LogProb            float64         `json:"logprob"`
	IsGreedy           bool            `json:"is_greedy"`
	TokenLogProbs      []float64       `json:"token_logprobs"`
	ContextTokens      int             `json:"context_tokens"`
	ContinuationTokens int             `json:"continuation_tokens"`
	DroppedTokens      int             `json:"dropped_tokens"`
}

func newLogLikelihoodCommand(c console) *cobra.Command {
	var m modelFlags
	var input string
	cmd := &cobra.Command{
		Use:   "loglikelihood --model M [--input F]",
		Short: "Score continuations: JSONL in, JSONL out, in input order",
		Long: `loglikelihood reads {"id","context","continuation"} or {"id","context_ids":[],"continuation_ids":[]} a line and
prints the natural log-probability of the continuation, in input order.

Text follows the English harness: no BOS, the context's trailing white space moves to the continuation, the two are
encoded together, an empty context is the end-of-sequence token, and what exceeds the window is cut from the left and
counted in dropped_tokens.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			records, err := readRecords(c, input, (*logLikelihoodIn).check)
			if err != nil {
				return err
			}
			model, err := m.openEngine(cmd.Context(), c)
			if err != nil {
				return err
			}
			out := newLines(c.out)
			order := newInOrder(func(o logLikelihoodOut) error { return out.write(o) })
			pairs := make([]embedded.Pair, len(records))
			for i, q := range records {
				if q.Context != nil {
					if pairs[i], err = model.EncodePair(*q.Context, *q.Continuation); err != nil {
						return errors.Join(err, model.Close())
					}
				} else {
					pairs[i] = embedded.Pair{Context: q.ContextIDs, Continuation: q.ContinuationIDs}
				}
			}
			err = model.ScorePairs(cmd.Context(), pairs, func(i int, s embedded.PairScore) error {
				return order.put(i, logLikelihoodOut{
					ID: records[i].ID, LogProb: s.LogProb, IsGreedy: s.Greedy, TokenLogProbs: s.TokenLogProbs,
					ContextTokens: len(pairs[i].Context), ContinuationTokens: len(pairs[i].Continuation), DroppedTokens: s.Dropped,
				})
			})
			return errors.Join(err, out.flush(), model.Close())
		},
	}
	m.register(cmd)
	cmd.Flags().StringVarP(&input, "input", "i", "", "JSONL file (default: standard input)")
	return cmd
}
