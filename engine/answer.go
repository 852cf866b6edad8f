package engine

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// Answer does what Generate and Score do, for prompts and sequences together: what a
// sequence and a prompt have in common at their beginning is computed once for both. The
// answers are those of Generate and Score, to the last bit. generated and scored are called as Generate and Score call
// done; an error of one of them ends Answer.
func (m *Model) Answer(ctx context.Context, prompts []Prompt, seqs []Sequence, generated func(i int, g Generated, err error) error, scored func(i int, s Scored, err error) error) error {
	if err := m.acquire(ctx); err != nil {
		return err
	}
	defer m.release()
	if m.draft != nil {
		if err := m.draft.acquire(ctx); err != nil {
			return err
		}
		defer m.draft.release()
	}
	generated, scored = unchanged(m, generated), unchanged(m, scored)
	waiting, err := m.newGeneratings(prompts, generated)
	if err != nil {
		return err
	}
	items, err := m.newScorings(seqs, len(prompts), scored)
	if err != nil {
		return err
	}
	return m.explain(m.schedule.Run(ctx, waiting, items, m.reuse, schedule.Done{
		Scored: func(s *schedule.Scoring, err error) error {
			if err != nil {
				return scored(s.Index, Scored{}, err)
			}
			return scored(s.Index, Scored{LogProbs: s.LogProbs, Greedy: s.Greedy, Best: s.Best}, nil)
		},
		Generated: func(g *schedule.Generating, err error) error {
			if err != nil {
				return generated(g.Index, Generated{}, err)
			}
			return generated(g.Index, Generated{Tokens: g.Generated(), Finish: g.Finish}, nil)
		},
	}))
}
