package embedded

import (
	"context"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/eval"
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
// call at a time, in any order; an error about one of them is an *eval.RequestError.
func (m *Model) ScorePairs(ctx context.Context, pairs []Pair, done func(i int, s PairScore) error) error {
	sequences := make([]engine.Sequence, len(pairs))
	dropped := make([]int, len(pairs))
	for i, p := range pairs {
		s, err := m.PlanScoring(p.Context, p.Continuation, tasks.HarnessEN)
		if err != nil {
			return &eval.RequestError{Index: i, Err: err}
		}
		sequences[i] = engine.Sequence{Tokens: s.Tokens, From: s.From}
		dropped[i] = s.Dropped()
	}
	if len(sequences) == 0 {
		return nil
	}
	return m.engine.Score(ctx, sequences, func(i int, scored engine.Scored, err error) error {
		if err != nil {
			return &eval.RequestError{Index: i, Err: err}
		}
		s := PairScore{TokenLogProbs: scored.LogProbs, Greedy: !slices.Contains(scored.Greedy, false), Dropped: dropped[i]}
		for _, lp := range scored.LogProbs {
			s.LogProb += lp
		}
		return done(i, s)
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

// Continue generates what follows each opening, under the plain protocol. done is called once for each, one call at a
// time, in any order; an error about one of them is an *eval.RequestError.
func (m *Model) Continue(ctx context.Context, openings []Opening, done func(i int, c Continuation) error) error {
	plans := make([]*wrapper.Generation, len(openings))
	prompts := make([]engine.Prompt, len(openings))
	for i, o := range openings {
		q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Stop: o.Stop, MaxTokens: o.MaxNewTokens}
		g, err := m.PlanGeneration(o.IDs, q)
		if err != nil {
			return &eval.RequestError{Index: i, Err: err}
		}
		plans[i] = g
		prompts[i] = promptOf(g)
		prompts[i].Pick = o.Sampling.picker()
		if o.Watch != nil {
			prompts[i].Stop = func(generated []int32) bool {
				o.Watch(g.Text(generated))
				return g.Ended(generated)
			}
		}
	}
	if len(prompts) == 0 {
		return nil
	}
	return m.engine.Generate(ctx, prompts, func(i int, out engine.Generated, err error) error {
		if err != nil {
			return &eval.RequestError{Index: i, Err: err}
		}
		r := plans[i].Response(out.Tokens, out.Finish)
		ids := out.Tokens
		if ids == nil {
			ids = []int32{}
		}
		return done(i, Continuation{Text: r.Text, IDs: ids, Finish: r.Finish, PromptTokens: r.PromptTokens})
	})
}
