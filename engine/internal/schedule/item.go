package schedule

import (
	"errors"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// ErrNotFinite is wrapped by the error of an item for which the model computed an infinite logit or NaN.
var ErrNotFinite = errors.New("logits are not finite")

// item is a sequence on its way through the network: one that is scored or one that is continued.
type item struct {
	scoring    *Scoring
	generating *Generating
}

// Scoring is a sequence whose tokens from one on get log-probabilities.
type Scoring struct {
	Index  int     // the caller's
	Item   int     // what an ItemsError calls it
	Inputs []int32 // every token but the last, whose successor nobody asks for
	From   int     // at least 1: the first token has nothing before it
	Target []int32 // the scored tokens
	BF16   bool    // as engine.Sequence.BF16

	// The answer, by scored token.
	LogProbs []float64
	Greedy   []bool
	Best     []Best // nil unless AskBest was called
	finite   []bool
}

// Best is engine.Best.
type Best struct {
	Token   int32
	LogProb float64
}

// NewScoring returns the scoring of tokens[from:].
func NewScoring(index, item int, tokens []int32, from int) *Scoring {
	n := len(tokens) - from
	return &Scoring{
		Index: index, Item: item, Inputs: tokens[:len(tokens)-1], From: from, Target: tokens[from:],
		LogProbs: make([]float64, n), Greedy: make([]bool, n), finite: make([]bool, n),
	}
}

// AskBest asks for the most probable token of each place, too.
func (s *Scoring) AskBest() { s.Best = make([]Best, len(s.Target)) }

// Err is the error of a sequence that has been scored, if it cannot be.
func (s *Scoring) Err() error {
	for i, ok := range s.finite {
		if !ok {
			return fmt.Errorf("%w before token %d", ErrNotFinite, s.From+i)
		}
	}
	return nil
}

// Prompt is engine.Prompt.
type Prompt struct {
	Tokens    []int32
	MaxTokens int
	Stop      func(generated []int32) bool
	Pick      func(step int, logits []float32) int32
	IgnoreEOS bool
}

// Why a continuation ended.
const (
	FinishEOS    = "eos"
	FinishStop   = "stop"
	FinishLength = "length"
)

// Generating is a prompt that is continued.
type Generating struct {
	Index  int // the caller's
	Prompt Prompt
	Finish string // why it ended

	tokens []int32 // prompt and what has been generated
	// tail keeps the rest of the prompt and the generated tokens: two equal prompts need logits at different times.
	tail    graph.Segment
	leaf    *node // keeps all but the last token or two of the prompt; nil if there are no others
	fed     int   // tokens of the tail that have gone through the network, without drafts that were wrong
	batched int   // tokens of it in the batch under way, without drafts

	drafts drafts
	picks  []pick    // what follows the last token of the batch that is certain, and each draft; none if that has no logits
	logits []float32 // of the only row, when Pick is set
}

// pick is the most probable token after another one.
type pick struct {
	token  int32 // when Pick is nil
	finite bool  // whether all logits are
}

// Generated are the new tokens.
func (g *Generating) Generated() []int32 { return slices.Clip(g.tokens[len(g.Prompt.Tokens):]) }

// Shared is how many tokens of the prompt a node may keep: the last one begins the tail, or one before it, see
// graph.WholePairs.
func (g *Generating) Shared() int { return graph.WholePairs(len(g.Prompt.Tokens) - 1) }

// Own is how many tokens the tail may keep. The last generated one never goes through the network.
func (g *Generating) Own() int { return len(g.Prompt.Tokens) - 1 - g.Shared() + g.Prompt.MaxTokens }

// begin makes room for tokens, as far as somebody may mean to reach it.
func (g *Generating) begin() {
	const most = 1 << 12 // a limit that nobody means to reach should cost nothing
	g.tokens = append(make([]int32, 0, len(g.Prompt.Tokens)+min(g.Prompt.MaxTokens, most)), g.Prompt.Tokens...)
	g.fed = 0
	g.drafts.begin()
	var before *graph.Segment
	if g.leaf != nil {
		before = &g.leaf.Segment
	}
	g.tail.Begin(before, g.Own())
}

// advance appends the tokens whose logits are there: the next one, and for each draft that was right the one after it. It
// returns whether the sequence ends.
func (g *Generating) advance(eos []int32, counts *Counts) (ended bool, err error) {
	if len(g.picks) > 0 {
		counts.Steps++
		counts.Guessed += int64(len(g.drafts.tokens))
	}
	for i, p := range g.picks {
		counts.Tokens++
		if i > 0 {
			counts.Right++
		}
		if ended, err = g.append(p, eos); ended {
			return true, err
		}
		if i == len(g.drafts.tokens) || g.tokens[len(g.tokens)-1] != g.drafts.tokens[i] {
			g.fed += i
			g.drafts.judged(i)
			break
		}
	}
	return false, nil
}

// append appends one token.
func (g *Generating) append(p pick, eos []int32) (ended bool, err error) {
	step := len(g.tokens) - len(g.Prompt.Tokens)
	if !p.finite {
		return true, fmt.Errorf("%w after %d generated tokens", ErrNotFinite, step)
	}
	token := p.token
	if g.Prompt.Pick != nil {
		if token = g.Prompt.Pick(step, g.logits); token < 0 || int(token) >= len(g.logits) {
			return true, fmt.Errorf("picked token %d is outside the vocabulary of %d", token, len(g.logits))
		}
	}
	if !g.Prompt.IgnoreEOS && slices.Contains(eos, token) {
		g.Finish = FinishEOS
		return true, nil
	}
	g.tokens = append(g.tokens, token)
	generated := g.tokens[len(g.Prompt.Tokens):]
	switch {
	case g.Prompt.Stop != nil && g.Prompt.Stop(generated):
		g.Finish = FinishStop
	case len(generated) == g.Prompt.MaxTokens:
		g.Finish = FinishLength
	}
	return g.Finish != "", nil
}

// inputs are the tokens that an item shares with others.
func (i item) inputs() []int32 {
	if i.scoring != nil {
		return i.scoring.Inputs
	}
	return i.generating.Prompt.Tokens[:i.generating.Shared()]
}

// own is how many positions an item needs beyond its inputs.
func (i item) own() int {
	if i.scoring != nil {
		return 0
	}
	return i.generating.Own()
}

// number is what an ItemsError calls the item.
func (i item) number() int {
	if i.scoring != nil {
		return i.scoring.Item
	}
	return i.generating.Index
}
