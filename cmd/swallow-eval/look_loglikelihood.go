package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/bulk"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

func newLogLikelihoodCommand(c console) *cobra.Command {
	var m modelFlags
	var b bulkFlags
	cmd := &cobra.Command{
		Use:   "loglikelihood --model M [--input F]",
		Short: "Score continuations: JSONL in, JSONL out, in input order",
		Long: `loglikelihood reads {"id","context","continuation"} or {"id","context_ids":[],"continuation_ids":[]} a line and
prints the natural log-probability of the continuation, in input order.

Text follows the English harness: no BOS, the context's trailing white space moves to the continuation, the two are
encoded together, an empty context is the end-of-sequence token, and what exceeds the window is cut from the left and
counted in dropped_tokens.

` + bulkLong,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return b.answer(cmd.Context(), c, &m, func(ctx context.Context, s bulk.Stream, model *embedded.Model) (bulk.Counts, error) {
				return bulk.LogLikelihood(ctx, s, model)
			})
		},
	}
	m.register(cmd)
	b.register(cmd, "JSONL file (default: standard input)")
	return cmd
}
