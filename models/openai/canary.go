package openai

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// canary is what asking a server has shown.
type canary struct {
	fingerprint string
	cannot      error // why log-likelihoods cannot be had
}

// card is a model of /v1/models.
type card struct {
	ID        string `json:"id"`
	OwnedBy   string `json:"owned_by"`
	Root      string `json:"root"`
	Positions int    `json:"max_model_len"`
	Digest    string `json:"digest"`
	DType     string `json:"dtype"`
	Numerics  string `json:"numerics"`
	Tokens    string `json:"tokenizer_digest"`
	// Meta is what llama.cpp's server tells in place of max_model_len.
	Meta *struct {
		Trained int `json:"n_ctx_train"`
	} `json:"meta,omitempty"`
}

// probes are texts whose continuations are a server's fingerprint; that their log-probabilities come back is the canary.
func probes() []string {
	return []string{"The capital of Japan is Tokyo. The capital of France is", "日本の首都は東京です。フランスの首都は"}
}

// probeTokens is how far each probe is continued.
const probeTokens = 8

// meet finds out what a server is and does.
func (s *server) meet(ctx context.Context, e *wrapper.Encoder) (canary, error) {
	if err := s.introduce(ctx, e); err != nil {
		return canary{}, err
	}
	s.eos, s.hasEOS = e.Tokenizer().EOS()
	var seen canary
	if err := s.sameTokens(ctx, e); err != nil {
		return seen, err
	}
	sum := sha256.New()
	for _, text := range probes() {
		ids := e.Tokenizer().Encode(text)
		g, err := e.PlanGeneration(ids, tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, MaxTokens: probeTokens})
		if err != nil {
			return seen, err
		}
		got, err := s.dialect.generate(ctx, s, g, tasks.Plain)
		if err != nil {
			return seen, fmt.Errorf("the probe: %w", err)
		}
		fmt.Fprintln(sum, ids, got.tokens, got.finish)
		if seen.cannot != nil || len(ids) < 2 {
			continue
		}
		seen.cannot, err = s.canScore(ctx, ids)
		if err != nil {
			return seen, fmt.Errorf("the probe: %w", err)
		}
	}
	seen.fingerprint = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return seen, nil
}

// canScore asks for the log-probabilities of a prompt and returns why they cannot be had. err is about the asking.
func (s *server) canScore(ctx context.Context, ids []int32) (cannot, err error) {
	got, err := s.dialect.score(ctx, s, ids, 1, tasks.Plain)
	var bad *badAnswer
	var status *statusError
	switch {
	case errors.As(err, &bad), errors.As(err, &status) && !passing(err):
		return fmt.Errorf("%s gives no log-likelihoods of prompts: %w", s.Root, err), nil
	case err != nil:
		return nil, err
	case !slices.ContainsFunc(got.logProbs, func(lp float64) bool { return lp != 0 }):
		return fmt.Errorf("%s gives no log-likelihoods of prompts: all of them are 0", s.Root), nil
	}
	return nil, nil
}

// introduce reads what the server says of itself, chooses its dialect, and refuses what does not fit.
func (s *server) introduce(ctx context.Context, e *wrapper.Encoder) error {
	m, err := s.listed(ctx)
	if err != nil {
		return err
	}
	s.dialect = dialectOf(m)
	own := e.Tokenizer().Digest()
	if s.dialect == (vllm{ours: true}) && m.Tokens != own && !strings.HasPrefix(own, results.AnswersDigest) {
		return fmt.Errorf("the server's tokenizer is %s, --tokenizer is %s", m.Tokens, own)
	}
	if m.Positions > 0 && m.Positions < e.Window() {
		return fmt.Errorf("the server takes %d positions, the model has %d: prompts would be cut elsewhere than the reference cuts them", m.Positions, e.Window())
	}
	b, err := json.Marshal(m)
	s.reported = string(b)
	return err
}

// listed is what the server says of the model that it is asked for.
func (s *server) listed(ctx context.Context) (card, error) {
	var list struct {
		Data []card `json:"data"`
	}
	first := server{Address: s.Address, options: s.options, client: s.client, limit: s.limit}
	first.options.Attempts = min(first.options.Attempts, 3) // a wrong address is told soon
	if err := first.call(ctx, "/v1/models", nil, &list); err != nil {
		return card{}, err
	}
	var names []string
	for _, m := range list.Data {
		if m.ID == s.Served {
			return m, nil
		}
		names = append(names, m.ID)
	}
	return card{}, fmt.Errorf("no model %q is served there, only %q", s.Served, names)
}

// dialectOf is how the server of a model is asked.
func dialectOf(m card) dialect {
	switch m.OwnedBy {
	case "swallow-eval":
		return vllm{ours: true}
	case "sglang":
		return sglang{}
	case "llamacpp":
		return llamacpp{}
	}
	return vllm{} // its is the protocol's own, as far as it goes
}

// sameTokens compares the server's tokenizer with ours where it shows one. Which it need not: what is scored is sent in tokens.
func (s *server) sameTokens(ctx context.Context, e *wrapper.Encoder) error {
	for _, text := range probes() {
		body := map[string]any{"model": s.Served, "prompt": text, "add_special_tokens": false}
		if s.dialect.name() == (llamacpp{}).name() {
			body = map[string]any{"content": text, "add_special": false}
		}
		var a struct {
			Tokens []int32 `json:"tokens"`
		}
		if err := s.call(ctx, "/tokenize", body, &a); err != nil {
			var status *statusError
			if errors.As(err, &status) && !passing(err) {
				return nil // it has no such endpoint
			}
			return err
		}
		if want := e.Tokenizer().Encode(text); !slices.Equal(want, a.Tokens) {
			return fmt.Errorf("the server's tokenizer is another one: %q is %v to it and %v to --tokenizer", text, a.Tokens, want)
		}
	}
	return nil
}
