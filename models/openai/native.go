package openai

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// sglang asks the native /generate of SGLang, whose /v1/completions warns against echo with logprobs.
type sglang struct{}

func (sglang) name() string { return "sglang" }

// sglangAnswer is what /generate answers. Entries of log-probabilities are [logprob, token, text], logprob null where
// nothing precedes the token (lm_eval/models/sglang_causallms.py of EleutherAI/lm-evaluation-harness at 4e7e0d47f reads them so).
type sglangAnswer struct {
	Tokens []int32 `json:"output_ids"`
	Meta   struct {
		Finish struct {
			Type    string          `json:"type"`
			Matched json.RawMessage `json:"matched"`
		} `json:"finish_reason"`
		Prompt int             `json:"prompt_tokens"`
		Own    []sglangEntry   `json:"input_token_logprobs"`
		Top    [][]sglangEntry `json:"input_top_logprobs"`
	} `json:"meta_info"`
}

type sglangEntry struct {
	logProb *float64
	token   int32
}

// UnmarshalJSON reads [logprob, token, text].
func (e *sglangEntry) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) < 2 {
		return errors.New("an entry of log-probabilities has fewer than two parts")
	}
	return errors.Join(json.Unmarshal(parts[0], &e.logProb), json.Unmarshal(parts[1], &e.token))
}

func (sglang) score(ctx context.Context, s *server, tokens []int32, from int, _ tasks.Protocol) (scored, error) {
	var a sglangAnswer
	err := s.call(ctx, "/generate", map[string]any{
		"input_ids": tokens, "sampling_params": map[string]any{"temperature": 0, "max_new_tokens": 1},
		"return_logprob": true, "logprob_start_len": from - 1, "top_logprobs_num": 1,
	}, &a)
	if err != nil {
		return scored{}, err
	}
	// Versions differ in whether the token at the start has an entry: what counts are the last ones.
	n := len(tokens) - from
	skip := len(a.Meta.Own) - n
	if skip < 0 || len(a.Meta.Top) != len(a.Meta.Own) || a.Meta.Prompt != len(tokens) {
		return scored{}, wrong("log-probabilities of %d and %d tokens, of a prompt of %d, where %d of %d were asked for",
			len(a.Meta.Own), len(a.Meta.Top), a.Meta.Prompt, n, len(tokens))
	}
	out := scored{}
	for i, e := range a.Meta.Own[skip:] {
		if e.token != tokens[from+i] {
			return scored{}, wrong("token %d of the prompt is %d, the server says %d", from+i, tokens[from+i], e.token)
		}
		if err := finite(from+i, e.logProb); err != nil {
			return scored{}, err
		}
		top := a.Meta.Top[skip+i]
		if len(top) == 0 {
			return scored{}, wrong("token %d has no most probable one beside it", from+i)
		}
		if err := finite(from+i, top[0].logProb); err != nil {
			return scored{}, err
		}
		out.logProbs, out.greedy = append(out.logProbs, *e.logProb), append(out.greedy, top[0].token == e.token)
	}
	return out, nil
}

func (sglang) generate(ctx context.Context, s *server, g *wrapper.Generation, _ tasks.Protocol) (generated, error) {
	var a sglangAnswer
	params := map[string]any{"temperature": 0, "max_new_tokens": g.Max}
	if draw := g.Sampling; draw != (tasks.Sampling{}) {
		// Of the seed not all versions know, and those refuse it: the draws cannot be had again.
		params["temperature"], params["top_p"] = draw.Temperature, draw.TopP
	}
	if stops := g.ServerStops(); len(stops) > 0 {
		params["stop"] = stops
	}
	if err := s.call(ctx, "/generate", map[string]any{"input_ids": g.Prompt, "sampling_params": params}, &a); err != nil {
		return generated{}, err
	}
	if a.Tokens == nil && g.Max > 0 {
		return generated{}, wrong("no token ids (output_ids): the server is too old for its answers to be read")
	}
	if len(a.Tokens) > g.Max+1 || a.Meta.Prompt != len(g.Prompt) {
		return generated{}, wrong("%d tokens after a prompt of %d, where %d after %d were asked for", len(a.Tokens), a.Meta.Prompt, g.Max, len(g.Prompt))
	}
	out := generated{a.Tokens, finishLength}
	switch {
	case a.Meta.Finish.Type == "stop" && strings.HasPrefix(string(a.Meta.Finish.Matched), `"`):
		out.finish = finishStop
	case a.Meta.Finish.Type == "stop":
		out.finish = finishEOS
	case a.Meta.Finish.Type != "length":
		return generated{}, wrong("the answer ended by %q", a.Meta.Finish.Type)
	}
	return s.withoutEOS(out), nil
}

// llamacpp asks the native /completion of llama.cpp's server. It has no log-probabilities of prompts: its /v1/completions
// accepts echo and tells those of generated tokens alone (ggml-org/llama.cpp#27174).
type llamacpp struct{}

func (llamacpp) name() string { return "llama.cpp" }

// errNoPrompts is why llama.cpp's server scores nothing.
var errNoPrompts = wrong("llama.cpp's server has no log-probabilities of prompts, only of generated tokens: tasks that compare continuations cannot be run on it")

func (llamacpp) score(context.Context, *server, []int32, int, tasks.Protocol) (scored, error) {
	return scored{}, errNoPrompts
}

func (llamacpp) generate(ctx context.Context, s *server, g *wrapper.Generation, _ tasks.Protocol) (generated, error) {
	var a struct {
		Tokens    []int32 `json:"tokens"`
		StopType  string  `json:"stop_type"`
		Truncated bool    `json:"truncated"`
		Evaluated *int    `json:"tokens_evaluated"`
	}
	b := map[string]any{
		"prompt": g.Prompt, "n_predict": g.Max, "temperature": 0, "top_k": 1, "seed": 0, "return_tokens": true, "cache_prompt": true,
		"repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0,
	}
	if draw := g.Sampling; draw != (tasks.Sampling{}) {
		// In its own order top_p comes before the temperature, and others beside it.
		b["temperature"], b["top_p"], b["seed"], b["top_k"], b["min_p"] = draw.Temperature, draw.TopP, draw.Seed, 0, 0
		b["samplers"] = []string{"temperature", "top_p"}
	}
	if stops := g.ServerStops(); len(stops) > 0 {
		b["stop"] = stops
	}
	if err := s.call(ctx, "/completion", b, &a); err != nil {
		return generated{}, err
	}
	switch {
	case a.Truncated:
		return generated{}, wrong("the server cut the prompt or the answer: its context is too small (llama-server -c)")
	case a.Evaluated == nil || *a.Evaluated != len(g.Prompt):
		return generated{}, wrong("the server did not read the %d tokens of the prompt", len(g.Prompt))
	case a.Tokens == nil && g.Max > 0:
		return generated{}, wrong("no token ids (return_tokens): the server is too old for its answers to be read")
	case len(a.Tokens) > g.Max+1:
		return generated{}, wrong("%d tokens where at most %d were asked for", len(a.Tokens), g.Max)
	}
	finish, known := map[string]string{"eos": finishEOS, "word": finishStop, "limit": finishLength}[a.StopType]
	if !known {
		return generated{}, wrong("the answer ended by %q", a.StopType)
	}
	return s.withoutEOS(generated{a.Tokens, finish}), nil
}
