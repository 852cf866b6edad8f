package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/serve"
)

// object is a JSON object that a test may spoil.
type object = map[string]any

// fake is a server of a dialect whose answers are the smoke model's, spoiled as a test says.
type fake struct {
	kind  string // "swallow-eval", "vllm", "sglang", "llamacpp"
	model *embedded.Model
	real  http.Handler
	// tokens has the fake of llama.cpp's server turn text into tokens and back.
	tokens bool
	// spoil sees each request and its answer, and may change the answer; a status other than 0 is sent with the text alone.
	spoil func(path string, asked, answer object) (status int, text string)

	mutex   sync.Mutex
	asked   map[string]int // requests by path
	running int
	most    int
	keys    []string
	bodies  []object // asked
}

func newFake(t *testing.T, kind string) (*fake, string) {
	t.Helper()
	files, _, err := smokemodel.Files(smokemodel.Name)
	require.NoError(t, err)
	m, err := embedded.OpenAt(embedded.Location{Path: "smoke", Files: files}, "smoke", 0, engine.Options{Threads: 2})
	require.NoError(t, err)
	s := serve.New(serve.Model{Engine: m.Engine(), Encoder: &m.Encoder, Identity: m.Identity(), EOS: m.Engine().Config().EOS}, "", serve.Limits{})
	f := &fake{kind: kind, model: m, real: s.Handler(), asked: map[string]int{}}
	h := httptest.NewServer(f)
	t.Cleanup(func() {
		h.Close()
		s.Close()
		assert.NoError(t, m.Close())
	})
	return f, h.URL
}

// ServeHTTP answers.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mutex.Lock()
	f.asked[r.URL.Path]++
	f.keys = append(f.keys, r.Header.Get("Authorization"))
	if f.running++; f.running > f.most {
		f.most = f.running
	}
	f.mutex.Unlock()
	defer func() { f.mutex.Lock(); f.running--; f.mutex.Unlock() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	asked := object{}
	if len(body) > 0 {
		_ = json.Unmarshal(body, &asked)
	}
	f.mutex.Lock()
	f.bodies = append(f.bodies, asked)
	f.mutex.Unlock()
	status, answer := f.answer(r, asked, body)
	if b, err := json.Marshal(answer); err == nil { // lists of any, whoever made them
		answer = object{}
		_ = json.Unmarshal(b, &answer)
	}
	if f.spoil != nil && status == http.StatusOK {
		if s, text := f.spoil(r.URL.Path, asked, answer); s != 0 {
			if s == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "7")
			}
			w.WriteHeader(s)
			_, _ = io.WriteString(w, text)
			return
		}
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *fake) answer(r *http.Request, asked object, body []byte) (int, object) {
	switch {
	case r.URL.Path == "/generate" && f.kind == "sglang":
		return http.StatusOK, f.sglang(r.Context(), asked)
	case r.URL.Path == "/completion" && f.kind == "llamacpp":
		return http.StatusOK, f.llamacpp(r.Context(), asked)
	case f.kind == "llamacpp" && f.tokens:
		if answer := f.llamacppTokens(r.URL.Path, asked); answer != nil {
			return http.StatusOK, answer
		}
	case f.kind != "swallow-eval" && f.kind != "vllm" && r.URL.Path != "/v1/models":
		return http.StatusNotFound, object{}
	}
	out := httptest.NewRecorder()
	q := r.Clone(r.Context())
	q.Body = io.NopCloser(bytes.NewReader(body))
	f.real.ServeHTTP(out, q)
	answer := object{}
	_ = json.Unmarshal(out.Body.Bytes(), &answer)
	if data, ok := answer["data"].([]any); ok && f.kind != "swallow-eval" {
		card := data[0].(object)
		answer["data"] = []any{object{"id": card["id"], "owned_by": f.kind, "max_model_len": card["max_model_len"]}}
		if f.kind == "llamacpp" {
			answer["data"] = []any{object{"id": card["id"], "owned_by": f.kind, "meta": object{"n_ctx_train": card["max_model_len"]}}}
		}
	}
	return out.Code, answer
}

func ids(v any) (list []int32) {
	for _, x := range v.([]any) {
		list = append(list, int32(x.(float64)))
	}
	return list
}

func texts(v any) (list []string) {
	if v == nil {
		return nil
	}
	for _, x := range v.([]any) {
		list = append(list, x.(string))
	}
	return list
}

func (f *fake) goOn(ctx context.Context, prompt []int32, most int, stops []string) (c embedded.Continuation) {
	_ = f.model.Continue(ctx, []embedded.Opening{{IDs: prompt, Stop: stops, MaxNewTokens: most}}, func(_ int, got embedded.Continuation, err error) error { c = got; return err })
	return c
}

func (f *fake) sglang(ctx context.Context, asked object) object {
	prompt := ids(asked["input_ids"])
	params := asked["sampling_params"].(object)
	c := f.goOn(ctx, prompt, int(params["max_new_tokens"].(float64)), texts(params["stop"]))
	finish := object{"type": "length"}
	switch c.Finish {
	case "eos":
		finish = object{"type": "stop", "matched": 2}
		c.IDs = append(c.IDs, 2)
	case "stop":
		finish = object{"type": "stop", "matched": "x"}
	}
	meta := object{"prompt_tokens": len(prompt), "finish_reason": finish}
	if asked["return_logprob"] == true {
		from := int(asked["logprob_start_len"].(float64))
		own, top := []any{[]any{nil, prompt[from], nil}}, []any{nil}
		_ = f.model.Engine().Score(ctx, []engine.Sequence{{Tokens: prompt, From: from + 1, Best: true}}, func(_ int, s engine.Scored, err error) error {
			for i, lp := range s.LogProbs {
				own = append(own, []any{lp, prompt[from+1+i], nil})
				top = append(top, []any{[]any{s.Best[i].LogProb, s.Best[i].Token, nil}})
			}
			return err
		})
		meta["input_token_logprobs"], meta["input_top_logprobs"] = own, top
	}
	return object{"text": c.Text, "output_ids": c.IDs, "meta_info": meta}
}

func (f *fake) llamacpp(ctx context.Context, asked object) object {
	prompt := ids(asked["prompt"])
	c := f.goOn(ctx, prompt, int(asked["n_predict"].(float64)), texts(asked["stop"]))
	kind := map[string]string{"eos": "eos", "stop": "word", "length": "limit", "window": "limit"}[c.Finish]
	return object{"content": c.Text, "tokens": c.IDs, "stop_type": kind, "truncated": false, "tokens_evaluated": len(prompt)}
}

// llamacppTokens is what llama.cpp's server says of texts and tokens: it takes no space away, and spells special tokens out.
func (f *fake) llamacppTokens(path string, asked object) object {
	tok := f.model.Tokenizer()
	switch path {
	case "/props":
		bos, _ := tok.BOS()
		return object{"bos_token": tok.Piece(bos), "eos_token": tok.EOSText()}
	case "/tokenize":
		list := tok.Encode(asked["content"].(string))
		if asked["parse_special"] == true {
			list = tok.EncodeSpecial(asked["content"].(string))
		}
		if bos, ok := tok.BOS(); ok && asked["add_special"] == true {
			list = append([]int32{bos}, list...)
		}
		return object{"tokens": append([]int32{}, list...)}
	case "/detokenize":
		return object{"content": tok.DecodeRaw(ids(asked["tokens"]))}
	}
	return nil
}

// pool opens the servers, without pauses.
func pool(t *testing.T, e *embedded.Model, o Options, urls ...string) (*Model, error) {
	t.Helper()
	var list []Address
	for _, u := range urls {
		a, err := ParseAddress(Prefix + u + "/v1#smoke")
		require.NoError(t, err)
		list = append(list, a)
	}
	if o.sleep == nil {
		o.sleep = func(context.Context, time.Duration) error { return nil }
	}
	m, err := Open(t.Context(), list, &e.Encoder, o)
	if err == nil {
		t.Cleanup(func() { assert.NoError(t, m.Close()) })
	}
	return m, err
}

// long says whether a request is about longText.
func long(asked object) bool {
	prompt, _ := asked["prompt"].([]any)
	if prompt == nil {
		prompt, _ = asked["input_ids"].([]any)
	}
	return len(prompt) > 60
}

var longText = strings.Repeat("これは長い文です。", 12)
