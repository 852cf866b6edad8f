package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Do answers the requests. What they have in common at their beginnings is computed once, whether they generate or score.
func (m *Model) Do(ctx context.Context, requests []tasks.Request, done func(i int, r tasks.Response) error) error {
	plan, err := m.Plan(requests, done)
	if err != nil {
		return err
	}
	if err := plan.Settle(); err != nil {
		return err
	}
	prompts := make([]engine.Prompt, len(plan.Generations))
	for i, g := range plan.Generations {
		prompts[i] = promptOf(g)
	}
	sequences := make([]engine.Sequence, len(plan.Scorings))
	for i, s := range plan.Scorings {
		sequences[i] = engine.Sequence{Tokens: s.Tokens, From: s.From}
	}
	if len(prompts)+len(sequences) == 0 {
		return nil
	}
	err = m.engine.Answer(ctx, prompts, sequences, func(k int, out engine.Generated, err error) error {
		if err != nil {
			return plan.GenerationError(k, err)
		}
		return plan.Generated(k, out.Tokens, out.Finish)
	}, func(k int, s engine.Scored, err error) error {
		if err != nil {
			return plan.ScoringError(k, err)
		}
		return plan.Scored(k, s.LogProbs, s.Greedy)
	})
	return blamed(err, func(item int, cause error) error {
		if item < len(prompts) {
			return plan.GenerationError(item, cause)
		}
		return plan.ScoringError(item-len(prompts), cause)
	})
}

// promptOf is a generation as the engine takes it.
func promptOf(g *wrapper.Generation) engine.Prompt {
	return engine.Prompt{Tokens: g.Prompt, MaxTokens: g.Max, Stop: g.Ended}
}

// blamed turns an error about the engine's items into one about a request: the first of them, where several were
// computed together.
func blamed(err error, about func(item int, cause error) error) error {
	var items *engine.ItemsError
	if !errors.As(err, &items) || len(items.Items) == 0 {
		return err
	}
	cause := items.Err
	if others := len(items.Items) - 1; others > 0 {
		cause = fmt.Errorf("computed together with %d others: %w", others, cause)
	}
	return about(items.Items[0], cause)
}
