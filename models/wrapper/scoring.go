package wrapper

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Scoring is one log-likelihood as a model is asked for it.
type Scoring struct {
	// Tokens are fed to the model; the log-probabilities of Tokens[From:], each given all before it, are asked for.
	Tokens []int32
	From   int

	cut                   []int32 // dropped from the left
	context, continuation int     // tokens before any cut
	window                int
}

// key is equal for requests that the model need answer only once.
func (s *Scoring) key() string {
	return fmt.Sprintf("%d:%d:", s.From, s.context) + string(bytesOf(s.Tokens))
}

// PlanScoring plans the scoring of cont after ctx. Under a protocol that truncates, tokens are cut from the left of ctx.
func (e *Encoder) PlanScoring(ctx, cont []int32, p tasks.Protocol) (*Scoring, error) {
	r, err := rulesOf(p)
	if err != nil {
		return nil, err
	}
	if len(ctx) == 0 {
		return nil, errors.New("the context has no tokens")
	}
	if len(cont) == 0 {
		return nil, errors.New("the continuation has no tokens")
	}
	window := r.Window(e.window)
	if r.Truncate && len(cont) > window {
		return nil, fmt.Errorf("the continuation has %d tokens, more than the model's %d positions", len(cont), window)
	}
	s := &Scoring{Tokens: append(ctx[:len(ctx):len(ctx)], cont...), context: len(ctx), continuation: len(cont), window: window}
	// The last token is scored but never read, so one token more than the window fits.
	if over := len(s.Tokens) - (window + 1); over > 0 {
		if r.Strict {
			return nil, fmt.Errorf("context and continuation have %d tokens, the model has %d positions", len(s.Tokens), window)
		}
		if r.Truncate {
			s.cut, s.Tokens = s.Tokens[:over], s.Tokens[over:]
		}
	}
	s.From = len(s.Tokens) - s.continuation
	return s, nil
}

// Dropped is the number of tokens cut from the left.
func (s *Scoring) Dropped() int { return len(s.cut) }

// Response makes the answer of the model's: for each of Tokens[From:] the natural logarithm of its probability, and
// whether it was the most probable token.
func (s *Scoring) Response(logProbs []float64, greedy []bool) tasks.Response {
	r := tasks.Response{Greedy: true, PromptTokens: s.context, OutputTokens: s.continuation, Dropped: len(s.cut)}
	for k, lp := range logProbs {
		r.LogProb += lp
		r.Greedy = r.Greedy && greedy[k]
	}
	return r
}

// bytesOf views token ids as bytes, to serve as a map key.
func bytesOf(ids []int32) []byte {
	if len(ids) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&ids[0])), 4*len(ids))
}
