package openai

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results/notes"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// requests are of every protocol and kind, some beyond the window.
func requests() (qs []tasks.Request) {
	for _, prompt := range []string{"東京は日本の", "質問: 1+1は?\n回答:", "The quick brown fox", longText, strings.Repeat("日本の川と山。", 200)} {
		for _, p := range []tasks.Protocol{tasks.LLMJPEval, tasks.HarnessJP, tasks.HarnessEN} {
			qs = append(qs,
				tasks.Request{Kind: tasks.Generate, Protocol: p, Prompt: prompt, Stop: []string{"\n\n", "。"}, MaxTokens: 12},
				tasks.Request{Kind: tasks.Generate, Protocol: p, Prompt: prompt, MaxTokens: 7},
				tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: prompt, Continuation: " の首都"},
				tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: prompt, Continuation: "yes"},
			)
		}
	}
	return qs
}

func answers(t *testing.T, m eval.Model, qs []tasks.Request) []tasks.Response {
	t.Helper()
	list := make([]tasks.Response, len(qs))
	n := 0
	require.NoError(t, m.Do(t.Context(), qs, func(i int, r tasks.Response) error { list[i] = r; n++; return nil }))
	require.Equal(t, len(qs), n)
	return list
}

// drawn are requests whose answers are drawn.
func drawn() (qs []tasks.Request) {
	for i := range 4 {
		qs = append(qs, tasks.Request{
			Kind: tasks.Generate, Protocol: tasks.BigCode, Prompt: "def f(x):\n", Stop: []string{"\ndef"}, MaxTokens: 64,
			Sampling: tasks.Drawn("t", tasks.RowID(0), i, 0.8, 0.95),
		})
	}
	return qs
}

// TestDrawsAreAskedFor: each dialect is told how to draw, in its own words, and nothing where nothing is drawn.
func TestDrawsAreAskedFor(t *testing.T) {
	seed := float64(drawn()[0].Sampling.Seed)
	for kind, want := range map[string]object{
		"vllm":         {"temperature": 0.8, "top_p": 0.95, "seed": seed},
		"sglang":       {"temperature": 0.8, "top_p": 0.95, "seed": nil},
		"llamacpp":     {"temperature": 0.8, "top_p": 0.95, "seed": seed, "top_k": 0.0, "min_p": 0.0, "samplers": []any{"temperature", "top_p"}},
		"swallow-eval": {"temperature": 0.0, "sampling": object{"temperature": 0.8, "top_p": 0.95, "sample": 0.0, "seed": seed}},
	} {
		f, url := newFake(t, kind)
		m, err := pool(t, f.model, Options{}, url)
		require.NoError(t, err, kind)
		f.spoil = func(string, object, object) (int, string) { return http.StatusBadRequest, "enough" }
		f.bodies = nil
		greedy := drawn()[0]
		greedy.Sampling = tasks.Sampling{}
		for _, q := range []tasks.Request{drawn()[0], greedy} {
			require.Error(t, m.Do(t.Context(), []tasks.Request{q}, func(int, tasks.Response) error { return nil }))
		}
		require.Len(t, f.bodies, 2, kind)
		seen := f.bodies
		for i, asked := range seen {
			if params, ok := asked["sampling_params"].(object); ok {
				seen[i] = params
			}
		}
		for name, value := range want {
			assert.Equal(t, value, seen[0][name], "%s %s", kind, name)
		}
		assert.Equal(t, 0.0, seen[1]["temperature"], kind)
		assert.NotContains(t, seen[1], "sampling", kind)
		assert.NotContains(t, seen[1], "samplers", kind)
	}
}

// TestOwnServerAnswersAsTheEngineDoes: every field of every answer is that of the engine in this program, from one server and
// from two.
func TestOwnServerAnswersAsTheEngineDoes(t *testing.T) {
	f, url := newFake(t, "swallow-eval")
	_, url2 := newFake(t, "swallow-eval")
	all := func() []tasks.Request { return append(requests(), drawn()...) }
	want := answers(t, f.model, all())
	for _, urls := range [][]string{{url}, {url, url2}} {
		m, err := pool(t, f.model, Options{Concurrent: 8, Key: "k"}, urls...)
		require.NoError(t, err)
		assert.Equal(t, want, answers(t, m, all()))
		require.NoError(t, m.CannotScore())
		about := m.Identity()
		assert.Equal(t, "swallow-eval", about.Server.Dialect)
		assert.Contains(t, about.Server.Reported, f.model.Identity().Digest)
		assert.Len(t, about.Server.Endpoints, len(urls))
		require.Len(t, notes.OfModel(about), 1)
		assert.Contains(t, notes.OfModel(about)[0], "answers of a server: weights not verified")
		assert.Equal(t, notes.OfModel(about), m.Notes())
	}
	for _, k := range f.keys {
		assert.Equal(t, "Bearer k", k)
	}
}

// inWindow are the requests that a server takes whose positions are the model's.
func inWindow() (qs []tasks.Request) {
	for _, q := range requests() {
		if len(q.Prompt) < 1000 {
			qs = append(qs, q)
		}
	}
	return qs
}

// TestDialects: the fakes of vLLM and SGLang give the engine's numbers and texts; the llama.cpp one gives texts alone.
func TestDialects(t *testing.T) {
	for _, kind := range []string{"vllm", "sglang", "llamacpp"} {
		f, url := newFake(t, kind)
		m, err := pool(t, f.model, Options{}, url)
		require.NoError(t, err, kind)
		qs := inWindow()
		if kind == "llamacpp" {
			assert.ErrorContains(t, m.CannotScore(), "no log-likelihoods of prompts: llama.cpp's server")
			err := m.Do(t.Context(), qs, func(int, tasks.Response) error { return nil })
			var re *eval.RequestError
			require.ErrorAs(t, err, &re)
			assert.Equal(t, tasks.LogLikelihood, qs[re.Index].Kind)
			var generate []tasks.Request
			for _, q := range qs {
				if q.Kind == tasks.Generate {
					generate = append(generate, q)
				}
			}
			qs = generate
		}
		want := answers(t, f.model, qs)
		for i, got := range answers(t, m, qs) {
			read := func(text string) string {
				if qs[i].Protocol == tasks.LLMJPEval { // nothing behind the first line is read, and a server that knows strings ends there
					text, _, _ = strings.Cut(text, "\n")
				}
				return text
			}
			assert.Equal(t, read(want[i].Text), read(got.Text), "%s %+v", kind, qs[i])
			assert.Equal(t, want[i].LogProb, got.LogProb)
			assert.Equal(t, want[i].Greedy, got.Greedy)
			assert.Equal(t, want[i].PromptTokens, got.PromptTokens)
			assert.LessOrEqual(t, got.OutputTokens, want[i].OutputTokens, "a server may end where the lookback criterion passes over")
		}
		assert.Equal(t, "server-"+m.servers[0].dialect.name(), m.Identity().Numerics)
	}
}

// lastOf is the last element of a list within an answer.
func within(o object, path ...any) any {
	var v any = o
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(object)[p]
		case int:
			list := v.([]any)
			v = list[(p+len(list))%len(list)]
		}
	}
	return v
}

// TestServersThatMisbehave: whatever is wrong with an answer ends in an error with the request's number, and no number of it is
// used.
func TestServersThatMisbehave(t *testing.T) {
	score := tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: longText, Continuation: " の首都"}
	generate := tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: longText, MaxTokens: 5}
	for _, c := range []struct {
		kind  string
		q     tasks.Request
		spoil func(a object)
		want  string
	}{
		{"vllm", score, func(a object) { a["choices"] = []any{} }, "0 answers to one prompt"},
		{"vllm", score, func(a object) { within(a, "choices", 0).(object)["logprobs"] = nil }, "no log-probabilities"},
		{"vllm", score, func(a object) { within(a, "choices", 0, "logprobs", "token_logprobs").([]any)[70] = nil }, ""},
		{"vllm", score, func(a object) {
			list := within(a, "choices", 0, "logprobs", "token_logprobs").([]any)
			list[len(list)-2] = nil
		}, "has no log-probability"},
		{"vllm", score, func(a object) {
			list := within(a, "choices", 0, "logprobs", "token_logprobs").([]any)
			list[len(list)-2] = 3.5
		}, "has the log-probability 3.5"},
		{"vllm", score, func(a object) {
			l := within(a, "choices", 0, "logprobs").(object)
			l["token_logprobs"] = l["token_logprobs"].([]any)[:5]
		}, "log-probabilities of 5 tokens for a prompt of"},
		{"vllm", score, func(a object) {
			list := within(a, "choices", 0, "logprobs", "tokens").([]any)
			list[len(list)-2] = "token_id:3"
		}, "the server says \"token_id:3\""},
		{"vllm", score, func(a object) {
			list := within(a, "choices", 0, "logprobs", "top_logprobs").([]any)
			list[len(list)-2] = nil
		}, "has no most probable one beside it"},
		{"vllm", generate, func(a object) { within(a, "choices", 0).(object)["token_ids"] = nil }, "no token ids"},
		{"vllm", generate, func(a object) { within(a, "choices", 0).(object)["token_ids"] = []int{1, 2, 3, 4, 5, 6, 7} }, "7 tokens where at most 5"},
		{"vllm", generate, func(a object) { within(a, "choices", 0).(object)["finish_reason"] = nil }, "without its end"},
		{"sglang", score, func(a object) {
			l := within(a, "meta_info").(object)
			l["input_token_logprobs"] = l["input_token_logprobs"].([]any)[:1]
		}, "log-probabilities of 1 and"},
		{"sglang", score, func(a object) { within(a, "meta_info", "input_token_logprobs", -1).([]any)[0] = nil }, "has no log-probability"},
		{"sglang", score, func(a object) { within(a, "meta_info", "input_token_logprobs", -1).([]any)[1] = 3 }, "the server says 3"},
		{"sglang", score, func(a object) { within(a, "meta_info").(object)["prompt_tokens"] = 5 }, "of a prompt of 5"},
		{"sglang", score, func(a object) {
			list := within(a, "meta_info", "input_top_logprobs").([]any)
			list[len(list)-1] = nil
		}, "has no most probable one"},
		{"sglang", generate, func(a object) { delete(a, "output_ids") }, "no token ids"},
		{"sglang", generate, func(a object) { within(a, "meta_info", "finish_reason").(object)["type"] = "abort" }, `ended by "abort"`},
		{"llamacpp", generate, func(a object) { a["truncated"] = true }, "the server cut the prompt"},
		{"llamacpp", generate, func(a object) { a["tokens_evaluated"] = 3 }, "did not read the"},
		{"llamacpp", generate, func(a object) { delete(a, "tokens") }, "no token ids"},
		{"llamacpp", generate, func(a object) { a["stop_type"] = "none" }, `ended by "none"`},
	} {
		f, url := newFake(t, c.kind)
		m, err := pool(t, f.model, Options{}, url)
		require.NoError(t, err)
		f.spoil = func(path string, asked, answer object) (int, string) {
			if long(asked) {
				c.spoil(answer)
			}
			return 0, ""
		}
		short := generate
		short.Prompt = "a"
		called := 0
		err = m.Do(t.Context(), []tasks.Request{short, c.q}, func(i int, _ tasks.Response) error {
			if i == 1 {
				called++
			}
			return nil
		})
		if c.want == "" { // a hole in the context, which nobody reads
			require.NoError(t, err)
			continue
		}
		var re *eval.RequestError
		require.ErrorAs(t, err, &re, "%s %s", c.kind, c.want)
		assert.Equal(t, 1, re.Index)
		assert.ErrorContains(t, err, c.want)
		assert.Zero(t, called)
	}
}

// TestServersThatAreRefusedAtOnce: what the canary finds ends the command, or the tasks that need log-likelihoods.
func TestServersThatAreRefusedAtOnce(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		spoil      func(path string, asked, answer object) (int, string)
		want       string
		cannot     string
	}{
		{name: "other name", kind: "vllm", spoil: func(path string, _, a object) (int, string) {
			if path == "/v1/models" {
				within(a, "data", 0).(object)["id"] = "other"
			}
			return 0, ""
		}, want: `no model "smoke" is served there, only ["other"]`},
		{name: "fewer positions", kind: "vllm", spoil: func(path string, _, a object) (int, string) {
			if path == "/v1/models" {
				within(a, "data", 0).(object)["max_model_len"] = 512
			}
			return 0, ""
		}, want: "the server takes 512 positions, the model has 1024"},
		{name: "other tokenizer", kind: "vllm", spoil: func(path string, _, a object) (int, string) {
			if path == "/tokenize" {
				a["tokens"] = []int{1, 2, 3}
			}
			return 0, ""
		}, want: "the server's tokenizer is another one"},
		{name: "other tokenizer of ours", kind: "swallow-eval", spoil: func(path string, _, a object) (int, string) {
			if path == "/v1/models" {
				within(a, "data", 0).(object)["tokenizer_digest"] = "sha256:0"
			}
			return 0, ""
		}, want: "the server's tokenizer is sha256:0"},
		{name: "echo passed over", kind: "vllm", spoil: func(_ string, asked, a object) (int, string) {
			if asked["echo"] == true { // as llama.cpp's server does it: log-probabilities of what was generated alone
				l := within(a, "choices", 0, "logprobs").(object)
				for k, v := range l {
					list := v.([]any)
					l[k] = list[len(list)-1:]
				}
			}
			return 0, ""
		}, cannot: "log-probabilities of 1 tokens for a prompt of"},
		{name: "echo refused", kind: "vllm", spoil: func(_ string, asked, _ object) (int, string) {
			if asked["echo"] == true {
				return 400, `{"error":{"message":"Only no echo is supported"}}`
			}
			return 0, ""
		}, cannot: "status 400: Only no echo is supported"},
		{name: "all zero", kind: "vllm", spoil: func(_ string, asked, a object) (int, string) {
			if asked["echo"] == true {
				list := within(a, "choices", 0, "logprobs", "token_logprobs").([]any)
				for i := range list {
					list[i] = 0
				}
			}
			return 0, ""
		}, cannot: "all of them are 0"},
		{name: "a wrong key", kind: "vllm", spoil: func(string, object, object) (int, string) {
			return 401, `bad key sk-secret`
		}, want: "status 401: bad key [key]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, url := newFake(t, c.kind)
			f.spoil = c.spoil
			m, err := pool(t, f.model, Options{Key: "sk-secret"}, url)
			if c.want != "" {
				assert.ErrorContains(t, err, c.want)
				assert.NotContains(t, err.Error(), "sk-secret")
				return
			}
			require.NoError(t, err)
			assert.ErrorContains(t, m.CannotScore(), c.cannot)
			assert.NoError(t, m.Do(t.Context(), []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: "a", MaxTokens: 2}}, func(int, tasks.Response) error { return nil }))
		})
	}
	f, url := newFake(t, "vllm")
	_, url2 := newFake(t, "sglang")
	other, url3 := newFake(t, "vllm")
	other.spoil = func(_ string, _, a object) (int, string) {
		if list, ok := a["choices"].([]any); ok {
			if tokens, ok := list[0].(object)["token_ids"].([]any); ok && len(tokens) > 0 {
				tokens[0] = 7
			}
		}
		return 0, ""
	}
	_, err := pool(t, f.model, Options{}, url, url2)
	assert.NoError(t, err, "the same answers under two dialects")
	_, err = pool(t, f.model, Options{}, url, url3)
	assert.ErrorContains(t, err, "a pool must be of one model")
	_, err = pool(t, f.model, Options{}, "http://127.0.0.1:1")
	assert.ErrorContains(t, err, "after 3 attempts")
}

// TestWhatPassesIsTriedAgain: refusals that pass are waited out as long as the server says, what does not pass ends at once,
// and the number of requests at one time falls.
func TestWhatPassesIsTriedAgain(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503} {
		f, url := newFake(t, "vllm")
		var waits []time.Duration
		m, err := pool(t, f.model, Options{Concurrent: 1, sleep: func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }}, url)
		require.NoError(t, err)
		left := 3
		f.spoil = func(_ string, asked, _ object) (int, string) {
			if left--; left >= 0 {
				return status, "busy"
			}
			return 0, ""
		}
		q := []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: longText, MaxTokens: 5}}
		assert.Equal(t, answers(t, f.model, q), answers(t, m, q))
		require.Len(t, waits, 3)
		if status == 429 {
			assert.Equal(t, 7*time.Second, waits[0], "Retry-After")
		} else {
			assert.Greater(t, waits[2], waits[0], "pauses grow")
		}
		left = 1000
		waits = nil
		err = m.Do(t.Context(), q, func(int, tasks.Response) error { return nil })
		assert.ErrorContains(t, err, "after 8 attempts")
		assert.Len(t, waits, 7)
	}
	f, url := newFake(t, "vllm")
	m, err := pool(t, f.model, Options{}, url)
	require.NoError(t, err)
	f.spoil = func(string, object, object) (int, string) { return 400, "no" }
	before := f.asked["/v1/completions"]
	err = m.Do(t.Context(), []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: "a", MaxTokens: 5}}, func(int, tasks.Response) error { return nil })
	assert.ErrorContains(t, err, "status 400: no")
	assert.Equal(t, before+1, f.asked["/v1/completions"])
	f.spoil = func(string, object, object) (int, string) { return http.StatusTemporaryRedirect, "" }
	err = m.Do(t.Context(), []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: "a", MaxTokens: 5}}, func(int, tasks.Response) error { return nil })
	assert.ErrorContains(t, err, "status 307", "the key goes nowhere else")
}

// TestTheLimitAdapts: it doubles while all goes well, halves at a refusal and then grows by one.
func TestTheLimitAdapts(t *testing.T) {
	l := newLimiter(40)
	round := func(coped bool) {
		var releases []func(bool)
		for range l.limit {
			r, err := l.acquire(t.Context())
			require.NoError(t, err)
			releases = append(releases, r)
		}
		for _, r := range releases {
			r(coped)
			if !coped {
				coped = true
			}
		}
	}
	assert.Equal(t, 4, l.limit)
	round(true)
	assert.Equal(t, 8, l.limit)
	round(true)
	round(true)
	assert.Equal(t, 32, l.limit)
	round(true)
	assert.Equal(t, 40, l.limit, "no more than was asked for")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := l.acquire(ctx)
	require.NoError(t, err)
	r(false)
	assert.Equal(t, 20, l.limit)
	round(true)
	assert.Equal(t, 21, l.limit)
	for range l.limit {
		_, err := l.acquire(t.Context())
		require.NoError(t, err)
	}
	_, err = l.acquire(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}

// TestDoneEndsTheAsking: an error of who takes the answers, and the context's, end it.
func TestDoneEndsTheAsking(t *testing.T) {
	f, url := newFake(t, "swallow-eval")
	m, err := pool(t, f.model, Options{}, url)
	require.NoError(t, err)
	var n atomic.Int64
	err = m.Do(t.Context(), inWindow(), func(int, tasks.Response) error { n.Add(1); return assert.AnError })
	assert.ErrorIs(t, err, assert.AnError)
	assert.EqualValues(t, 1, n.Load())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, m.Do(ctx, inWindow(), func(int, tasks.Response) error { return nil }), context.Canceled)
}

func TestAddresses(t *testing.T) {
	a, err := ParseAddress("openai:http://h:8000/v1/#org/name")
	require.NoError(t, err)
	assert.Equal(t, Address{"http://h:8000", "org/name"}, a)
	for _, bad := range []string{"http://h/v1#n", "openai:http://h/v1", "openai:http://h/v1#", "openai:ftp://h#n", "openai:#n", "openai:http://u:p@h/v1#n", "openai:http://h/v1?a=b#n"} {
		_, err := ParseAddress(bad)
		assert.Error(t, err, bad)
		if err != nil {
			assert.NotContains(t, err.Error(), "u:p")
		}
	}
}
