package wrapper

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Scoring is one log-likelihood as a model is asked for it.
type Scoring struct {
	// Tokens are fed to the model; the log-probabilities of Tokens[From:], each given all before it, are asked for.
	Tokens []int32
	From   int
	// BF16 asks for log-probabilities of logits that were rounded to bfloat16.
	BF16 bool

	cut                   []int32 // dropped from the left
	context, continuation int     // tokens before any cut
	window                int
}

// key is equal for requests that the model need answer only once.
func (s *Scoring) key() string {
	return fmt.Sprintf("%d:%d:%t:", s.From, s.context, s.BF16) + string(bytesOf(s.Tokens))
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
	s.BF16 = r.BF16Scores && e.family.BF16()
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
	if s.BF16 {
		r.LogProb = sumBF16(logProbs)
	}
	return r
}

// sumBF16 is the sum of log-probabilities as torch gives it where the model's logits are bfloat16 and stay so: every one of
// them is rounded to that type, and so is their sum, which is taken in float32.
func sumBF16(logProbs []float64) float64 {
	var sum float32
	for _, lp := range logProbs {
		sum += bf16(float32(lp))
	}
	return float64(bf16(sum))
}

// bf16 rounds to the nearest bfloat16, ties to even.
func bf16(x float32) float32 {
	u := math.Float32bits(x)
	return math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
}

// bytesOf views token ids as bytes, to serve as a map key.
func bytesOf(ids []int32) []byte {
	if len(ids) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&ids[0])), 4*len(ids))
}
