package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/prompts"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func newPromptsCommand(c console) *cobra.Command {
	var s selection
	var m modelFlags
	var asChat chatFlags
	cmd := &cobra.Command{
		Use:   "prompts --tasks T --data-dir D [--num-fewshot N] [--limit N] [--model M]",
		Short: "Print every request of the tasks as JSONL, in evaluation order",
		Long: `prompts prints one JSON object a document, in evaluation order, with every request that run would make.

Prompts of MGSM and XL-Sum depend on the model's tokenizer where they are long; without --model nothing counts as too
long. Only the model's tokenizer and configuration are read, not its weights.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lim, err := eval.ParseLimit(s.limit)
			if err != nil {
				return err
			}
			if s.samples != "" {
				return errors.New("--samples is for run; prompts takes --limit")
			}
			s.settle(m.model)
			if err := asChat.check(m.model); err != nil {
				return err
			}
			budget, err := budgetOf(cmd.Context(), c, m)
			if err != nil {
				return err
			}
			p, chosen, err := s.choose(c)
			if err != nil {
				return err
			}
			if p, chosen, err = asChat.in(cmd.Context(), c, &m, p, chosen); err != nil {
				return err
			}
			shots, err := s.shots(cmd)
			if err != nil {
				return err
			}
			data, err := s.data(cmd.Context(), c, chosen, m.network)
			if err != nil {
				return err
			}
			return printPrompts(cmd, c, p, chosen, data, shots, lim, budget)
		},
	}
	s.register(cmd, c)
	m.registerModel(cmd)
	asChat.register(cmd)
	return cmd
}

// budgetOf is the named model's encoder, or the budget without a model.
func budgetOf(ctx context.Context, c console, m modelFlags) (tasks.Budget, error) {
	if m.model == "" {
		return tasks.Unlimited{}, nil
	}
	return m.encoder(ctx, c)
}

func printPrompts(cmd *cobra.Command, c console, p tasks.Profile, chosen []tasks.Task, data func() eval.Source, shots *int, lim eval.Limit, b tasks.Budget) error {
	out := terminal.NewLines(c.out)
	count, err := lim.Counter(p, chosen, data, b)
	if err != nil {
		return err
	}
	for _, t := range chosen {
		asked := prompts.Asked{Task: t, Source: data(), Shots: eval.Shots(t, shots), Budget: b}
		err := asked.First(cmd.Context(), func(total int) int { return count(t, total) }, func(l prompts.Line) error { return out.Write(l) })
		if err != nil {
			return flushed(err, out)
		}
	}
	return out.Flush()
}
