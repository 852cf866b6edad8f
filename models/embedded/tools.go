package embedded

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Pair is a context and a continuation in tokens.
type Pair struct{ Context, Continuation []int32 }

// PairScore is the log-probability of a Pair's continuation, in natural logarithms.
type PairScore struct {
	LogProb       float64
	TokenLogProbs []float64
	Greedy        bool
	// Dropped counts tokens cut from the left of the context.
	Dropped int
}

// EncodePair turns context and continuation into tokens by the English harness's rule.
func (m *Model) EncodePair(context, continuation string) (Pair, error) {
	ctx, cont, err := m.Encoder.EncodePair(context, continuation, tasks.HarnessEN)
	return Pair{ctx, cont}, err
}

// ScorePairs scores continuations under the English harness's rule of truncation. done is called once for each, one
// call at a time, in any order; err is set where this one cannot be scored, and the others are. An error that done
// returns ends it, as do those that concern no single pair.
func (m *Model) ScorePairs(ctx context.Context, pairs []Pair, done func(i int, s PairScore, err error) error) error {
	var sequences []engine.Sequence
	var plans []*wrapper.Scoring
	var index []int
	for i, p := range pairs {
		s, err := m.PlanScoring(p.Context, p.Continuation, tasks.HarnessEN)
		if err != nil {
			if err := done(i, PairScore{}, err); err != nil {
				return err
			}
			continue
		}
		sequences = append(sequences, engine.Sequence{Tokens: s.Tokens, From: s.From})
		plans, index = append(plans, s), append(index, i)
	}
	if len(sequences) == 0 {
		return nil
	}
	return m.engine.Score(ctx, sequences, func(k int, scored engine.Scored, err error) error {
		if err != nil {
			return done(index[k], PairScore{}, err)
		}
		r := plans[k].Response(scored.LogProbs, scored.Greedy)
		return done(index[k], PairScore{TokenLogProbs: scored.LogProbs, LogProb: r.LogProb, Greedy: r.Greedy, Dropped: r.Dropped}, nil)
	})
}

// Opening is the beginning of a text that Continue goes on with.
type Opening struct {
	// IDs are the prompt's tokens; none means the model's BOS token.
	IDs          []int32
	Stop         []string
	MaxNewTokens int
	Sampling     Sampling
	// Watch, where not nil, sees the text so far after every token.
	Watch func(text string)
}

// Continuation is what follows an Opening.
type Continuation struct {
	Text         string
	IDs          []int32
	Finish       string // "eos", "stop", "length", or "window" where the model's positions ran out
	PromptTokens int
}

// Continue generates what follows each opening, under the plain protocol. done is called as that of ScorePairs is.
func (m *Model) Continue(ctx context.Context, openings []Opening, done func(i int, c Continuation, err error) error) error {
	var prompts []engine.Prompt
	var plans []*wrapper.Generation
	var index []int
	for i, o := range openings {
		q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Stop: o.Stop, MaxTokens: o.MaxNewTokens}
		g, err := m.PlanGeneration(o.IDs, q)
		if err != nil {
			if err := done(i, Continuation{}, err); err != nil {
				return err
			}
			continue
		}
		prompt := promptOf(g)
		prompt.Pick = o.Sampling.picker()
		if o.Watch != nil {
			prompt.Stop = func(generated []int32) bool {
				o.Watch(g.Text(generated))
				return g.Ended(generated)
			}
		}
		prompts, plans, index = append(prompts, prompt), append(plans, g), append(index, i)
	}
	if len(prompts) == 0 {
		return nil
	}
	return m.engine.Generate(ctx, prompts, func(k int, out engine.Generated, err error) error {
		if err != nil {
			return done(index[k], Continuation{}, err)
		}
		r := plans[k].Response(out.Tokens, out.Finish)
		ids := out.Tokens
		if ids == nil {
			ids = []int32{}
		}
		return done(index[k], Continuation{Text: r.Text, IDs: ids, Finish: r.Finish, PromptTokens: r.PromptTokens}, nil)
	})
}
