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
	// Sequences whose logits are rounded are asked by themselves.
	var numbers [2][]int
	var sequences [2][]engine.Sequence
	for i, s := range plan.Scorings {
		kind := 0
		if s.BF16 {
			kind = 1
		}
		numbers[kind] = append(numbers[kind], i)
		sequences[kind] = append(sequences[kind], engine.Sequence{Tokens: s.Tokens, From: s.From, BF16: s.BF16})
	}
	for kind := range sequences {
		if len(prompts)+len(sequences[kind]) == 0 {
			continue
		}
		if err := m.ask(ctx, plan, prompts, sequences[kind], numbers[kind]); err != nil {
			return err
		}
		prompts = nil
	}
	return nil
}

// ask answers prompts, and sequences that are the scorings of these numbers.
func (m *Model) ask(ctx context.Context, plan *wrapper.Plan, prompts []engine.Prompt, sequences []engine.Sequence, numbers []int) error {
	err := m.engine.Answer(ctx, prompts, sequences, func(k int, out engine.Generated, err error) error {
		if err != nil {
			return plan.GenerationError(k, err)
		}
		return plan.Generated(k, out.Tokens, out.Finish)
	}, func(k int, s engine.Scored, err error) error {
		if err != nil {
			return plan.ScoringError(numbers[k], err)
		}
		return plan.Scored(numbers[k], s.LogProbs, s.Greedy)
	})
	return blamed(err, func(item int, cause error) error {
		if item < len(prompts) {
			return plan.GenerationError(item, cause)
		}
		return plan.ScoringError(numbers[item-len(prompts)], cause)
	})
}

// promptOf is a generation as the engine takes it.
func promptOf(g *wrapper.Generation) engine.Prompt {
	pick := engine.Picker(g.Sampling.Temperature, g.Sampling.TopP, g.Sampling.Seed)
	return engine.Prompt{Tokens: g.Prompt, MaxTokens: g.Max, Stop: g.Ended, Pick: pick}
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
