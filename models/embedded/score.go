package embedded

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// scoring is one log-likelihood as the engine sees it: tokens[from:] are scored.
type scoring struct {
	tokens                []int32
	from                  int
	cut                   []int32 // dropped from the left
	context, continuation int     // tokens before any cut
}

// key is equal for requests that the engine need answer only once.
func (s *scoring) key() string {
	return fmt.Sprintf("%d:%d:", s.from, s.context) + string(bytesOf(s.tokens))
}

func (e *Encoder) planScoring(ctx, cont []int32, r rules) (*scoring, error) {
	if len(ctx) == 0 {
		return nil, errors.New("the context has no tokens")
	}
	if len(cont) == 0 {
		return nil, errors.New("the continuation has no tokens")
	}
	window := r.window(e.window)
	if r.truncate && len(cont) > window {
		return nil, fmt.Errorf("the continuation has %d tokens, more than the model's %d positions", len(cont), window)
	}
	s := &scoring{tokens: append(ctx[:len(ctx):len(ctx)], cont...), context: len(ctx), continuation: len(cont)}
	// The last token is scored but never read, so one token more than the window fits.
	if over := len(s.tokens) - (window + 1); over > 0 {
		if r.strict {
			return nil, fmt.Errorf("context and continuation have %d tokens, the model has %d positions", len(s.tokens), window)
		}
		if r.truncate {
			s.cut, s.tokens = s.tokens[:over], s.tokens[over:]
		}
	}
	s.from = len(s.tokens) - s.continuation
	return s, nil
}

// encodePair turns context and continuation into tokens. An empty context becomes the end-of-sequence token, as the
// harness has it.
func (e *Encoder) encodePair(context, continuation string, r rules) (ctx, cont []int32) {
	if r.joint {
		return e.tok.EncodePair(context, continuation)
	}
	ctx, cont = e.tok.Encode(context), e.tok.Encode(continuation)
	if eos, ok := e.tok.EOS(); ok && context == "" {
		ctx = []int32{eos}
	}
	return ctx, cont
}

// sequencesOf returns what the engine is to score.
func sequencesOf(jobs []*scoring) []engine.Sequence {
	sequences := make([]engine.Sequence, len(jobs))
	for i, s := range jobs {
		sequences[i] = engine.Sequence{Tokens: s.tokens, From: s.from}
	}
	return sequences
}

// response is the answer to the requests that s serves.
func (s *scoring) response(scored engine.Scored) tasks.Response {
	r := tasks.Response{Greedy: true, PromptTokens: s.context, OutputTokens: s.continuation, Dropped: len(s.cut)}
	for k, lp := range scored.LogProbs {
		r.LogProb += lp
		r.Greedy = r.Greedy && scored.Greedy[k]
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
