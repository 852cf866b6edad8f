package openai

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// dialect is how one kind of server is asked.
type dialect interface {
	name() string
	// score asks for the log-probabilities of tokens[from:].
	score(ctx context.Context, s *server, tokens []int32, from int, p tasks.Protocol) (scored, error)
	// generate asks for the most probable continuation, or for one that is drawn.
	generate(ctx context.Context, s *server, g *wrapper.Generation, p tasks.Protocol) (generated, error)
}

// completionAnswer is what /v1/completions answers, as vLLM and package serve write it.
type completionAnswer struct {
	Choices []struct {
		Finish   *string `json:"finish_reason"`
		Stop     any     `json:"stop_reason"` // a string, a token, or null after the end token
		Tokens   []int32 `json:"token_ids"`
		LogProbs *struct {
			Tokens []string              `json:"tokens"`
			Own    []*float64            `json:"token_logprobs"`
			Top    []map[string]*float64 `json:"top_logprobs"`
		} `json:"logprobs"`
	} `json:"choices"`
}

// vllm asks as vLLM documents it for /v1/completions: echo with logprobs, tokens as ids in both directions. ours is the same
// server of this program, which knows the wrappers' rules and is asked for nothing that is not needed.
type vllm struct{ ours bool }

func (v vllm) name() string {
	if v.ours {
		return "swallow-eval"
	}
	return "vllm"
}

func (v vllm) body(s *server, tokens []int32, most int, p tasks.Protocol) map[string]any {
	b := map[string]any{
		"model": s.Served, "prompt": tokens, "max_tokens": most, "temperature": 0, "n": 1, "seed": 0,
		"add_special_tokens": false, "return_token_ids": true, "return_tokens_as_token_ids": true,
	}
	if v.ours {
		b["protocol"] = p
	}
	return b
}

func (v vllm) score(ctx context.Context, s *server, tokens []int32, from int, p tasks.Protocol) (scored, error) {
	b := v.body(s, tokens, 1, p)
	b["echo"], b["logprobs"] = true, 1
	if v.ours {
		b["max_tokens"], b["logprob_start_len"] = 0, from
	}
	var a completionAnswer
	if err := s.call(ctx, "/v1/completions", b, &a); err != nil {
		return scored{}, err
	}
	if len(a.Choices) != 1 || a.Choices[0].LogProbs == nil {
		return scored{}, wrong("%d answers to one prompt, or no log-probabilities", len(a.Choices))
	}
	lp := a.Choices[0].LogProbs
	// Where one new token cannot be avoided, it stands behind the prompt's.
	if n := len(lp.Own); n != len(tokens) && n != len(tokens)+1 || len(lp.Tokens) != n || len(lp.Top) != n {
		return scored{}, wrong("log-probabilities of %d tokens for a prompt of %d", len(lp.Own), len(tokens))
	}
	out := scored{}
	for i := from; i < len(tokens); i++ {
		if id, ok := tokenID(lp.Tokens[i]); !ok || id != tokens[i] {
			return scored{}, wrong("token %d of the prompt is %d, the server says %q", i, tokens[i], lp.Tokens[i])
		}
		if err := finite(i, lp.Own[i]); err != nil {
			return scored{}, err
		}
		greedy := true
		if len(lp.Top[i]) == 0 {
			return scored{}, wrong("token %d has no most probable one beside it", i)
		}
		for key, other := range lp.Top[i] {
			if err := finite(i, other); err != nil {
				return scored{}, err
			}
			// Of two equal ones the lower id leads, and that one is listed.
			greedy = greedy && (key == lp.Tokens[i] || *other < *lp.Own[i])
		}
		out.logProbs, out.greedy = append(out.logProbs, *lp.Own[i]), append(out.greedy, greedy)
	}
	return out, nil
}

func (v vllm) generate(ctx context.Context, s *server, g *wrapper.Generation, p tasks.Protocol) (generated, error) {
	b := v.body(s, g.Prompt, g.Max, p)
	switch draw := g.Sampling; {
	case draw == (tasks.Sampling{}):
	case v.ours:
		b["sampling"] = draw
	default:
		b["temperature"], b["top_p"], b["seed"] = draw.Temperature, draw.TopP, draw.Seed
	}
	stops := g.ServerStops()
	if v.ours {
		stops = g.AskedStops()
	}
	if len(stops) > 0 {
		b["stop"] = stops
	}
	var a completionAnswer
	if err := s.call(ctx, "/v1/completions", b, &a); err != nil {
		return generated{}, err
	}
	if len(a.Choices) != 1 || a.Choices[0].Finish == nil {
		return generated{}, wrong("%d answers to one prompt, or one without its end", len(a.Choices))
	}
	c := a.Choices[0]
	if c.Tokens == nil && g.Max > 0 && !v.ours {
		return generated{}, wrong("no token ids (return_token_ids): the server is too old for its answers to be read")
	}
	if len(c.Tokens) > g.Max+1 {
		return generated{}, wrong("%d tokens where at most %d were asked for", len(c.Tokens), g.Max)
	}
	out := generated{c.Tokens, finishLength}
	if *c.Finish != "length" {
		out.finish = finishStop
		if c.Stop == nil {
			out.finish = finishEOS
		}
	}
	return s.withoutEOS(out), nil
}

// withoutEOS takes the end token from the end of an answer, where a server lists it.
func (s *server) withoutEOS(g generated) generated {
	if n := len(g.tokens); s.hasEOS && n > 0 && g.tokens[n-1] == s.eos {
		return generated{g.tokens[:n-1], finishEOS}
	}
	return g
}

// tokenID reads token_id:17.
func tokenID(text string) (int32, bool) {
	digits, ok := strings.CutPrefix(text, "token_id:")
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(n), ok && err == nil
}

// finite refuses what is no log-probability.
func finite(i int, lp *float64) error {
	if lp == nil {
		return wrong("token %d has no log-probability", i)
	}
	if math.IsNaN(*lp) || math.IsInf(*lp, 0) || *lp > 1e-3 {
		return wrong("token %d has the log-probability %v", i, *lp)
	}
	return nil
}
