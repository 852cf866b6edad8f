package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
)

// smoke is the model of the binary, and a server of it.
func smoke(t *testing.T, key string, l Limits) (*embedded.Model, string) {
	t.Helper()
	files, _, err := smokemodel.Files(smokemodel.Name)
	require.NoError(t, err)
	m, err := embedded.OpenAt(embedded.Location{Path: "smoke", Files: files}, "smoke", 0, engine.Options{Threads: 2})
	require.NoError(t, err)
	s := New(Model{Engine: m.Engine(), Encoder: &m.Encoder, Identity: m.Identity(), EOS: m.Engine().Config().EOS}, key, l)
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.Close()
		s.Close()
		assert.NoError(t, m.Close())
	})
	return m, h.URL
}

// post sends JSON and returns the answer's status and body.
func post(t *testing.T, url string, body any) (int, string) {
	t.Helper()
	b, ok := body.(string)
	if !ok {
		j, err := json.Marshal(body)
		require.NoError(t, err)
		b = string(j)
	}
	r, err := http.Post(url, "application/json", strings.NewReader(b))
	require.NoError(t, err)
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(got)
}

func ask(t *testing.T, url string, body map[string]any) (c textCompletion) {
	t.Helper()
	status, got := post(t, url+"/v1/completions", body)
	require.Equal(t, http.StatusOK, status, got)
	require.NoError(t, json.Unmarshal([]byte(got), &c))
	return c
}

func pairs(t *testing.T, m *embedded.Model) (list []embedded.Pair, want []embedded.PairScore) {
	t.Helper()
	for _, context := range []string{"東京は日本の", "The quick brown fox", "質問: 1+1は?\n回答:", "  a", strings.Repeat("これは長い文", 30)} {
		for _, continuation := range []string{" 首都です", "dog jumps", "2", "。", "</s>", "𠮷"} {
			p, err := m.EncodePair(context, continuation)
			require.NoError(t, err)
			list = append(list, p)
		}
	}
	want = make([]embedded.PairScore, len(list))
	require.NoError(t, m.ScorePairs(t.Context(), list, func(i int, s embedded.PairScore, err error) error { want[i] = s; return err }))
	return list, want
}

// harnessReads is what lm-evaluation-harness 0.4 makes of an answer (lm_eval/models/openai_completions.py, parse_logprobs).
func harnessReads(c choice, context int) (sum float64, greedy bool) {
	greedy = true
	n := len(c.LogProbs.Own)
	for i := context; i < n-1; i++ {
		sum += *c.LogProbs.Own[i]
		most := *c.LogProbs.Own[i] - 1
		for _, lp := range c.LogProbs.Top[i] {
			most = max(most, lp)
		}
		greedy = greedy && *c.LogProbs.Own[i] == most
	}
	return sum, greedy
}

// TestClientsTogetherGetTheBitsOfLogLikelihood: many clients at once, one prompt or several a request, read what the
// command loglikelihood prints.
func TestClientsTogetherGetTheBitsOfLogLikelihood(t *testing.T) {
	m, url := smoke(t, "", Limits{})
	list, want := pairs(t, m)
	var wg sync.WaitGroup
	for from := 0; from < len(list); from += 3 {
		wg.Go(func() {
			chunk := list[from:min(from+3, len(list))]
			var prompts [][]int32
			for _, p := range chunk {
				prompts = append(prompts, append(append([]int32{}, p.Context...), p.Continuation...))
			}
			c := ask(t, url, map[string]any{"model": "smoke", "prompt": prompts, "temperature": 0, "max_tokens": 1, "logprobs": 1, "seed": 1234, "echo": true})
			if !assert.Len(t, c.Choices, len(chunk)) {
				return
			}
			for i, p := range chunk {
				sum, greedy := harnessReads(c.Choices[i], len(p.Context))
				assert.Equal(t, want[from+i].LogProb, sum)
				assert.Equal(t, want[from+i].Greedy, greedy)
				assert.Nil(t, c.Choices[i].LogProbs.Own[0], "nothing precedes the first token")
				assert.Nil(t, c.Choices[i].LogProbs.Top[0])
			}
		})
	}
	wg.Wait()
	p := list[0]
	c := ask(t, url, map[string]any{"prompt": append(append([]int32{}, p.Context...), p.Continuation...), "max_tokens": 0, "logprobs": 0, "echo": true,
		"logprob_start_len": len(p.Context)})
	own := c.Choices[0].LogProbs.Own
	assert.Equal(t, len(p.Context)+len(p.Continuation), len(own))
	for i, lp := range own {
		if i < len(p.Context) {
			assert.Nil(t, lp)
		} else {
			assert.Equal(t, want[0].TokenLogProbs[i-len(p.Context)], *lp)
		}
	}
}

func TestGenerationsAreThoseOfGenerate(t *testing.T) {
	m, url := smoke(t, "", Limits{})
	for _, text := range []string{"東京は日本の", "質問: 1+1は?\n回答:", "The quick brown fox", ""} {
		for _, stops := range [][]string{nil, {"\n"}, {"。", "The"}} {
			for _, most := range []int{0, 1, 24} {
				ids := m.Tokenizer().Encode(text)
				var want embedded.Continuation
				require.NoError(t, m.Continue(t.Context(), []embedded.Opening{{IDs: ids, Stop: stops, MaxNewTokens: most}}, func(_ int, c embedded.Continuation, err error) error { want = c; return err }))
				q := map[string]any{"prompt": text, "max_tokens": most, "temperature": 0, "return_token_ids": true}
				if stops != nil {
					q["stop"] = stops
				}
				got := ask(t, url, q)
				assert.Equal(t, want.Text, got.Choices[0].Text)
				assert.Equal(t, append([]int32{}, want.IDs...), append([]int32{}, got.Choices[0].Generated...))
				reason := map[string]string{"length": "length", "stop": "stop", "eos": "stop"}[want.Finish]
				assert.Equal(t, reason, *got.Choices[0].Finish)
				assert.Equal(t, want.Finish == "stop", got.Choices[0].Stop != nil)
				if text != "" {
					withLogProbs(t, url, q, got)
				}
				streamed(t, url, q, want.Text, reason)
			}
		}
	}
}

// withLogProbs asks the same with log-probabilities, echoed and not: nothing else changes, and every generated token is the
// most probable one of its place.
func withLogProbs(t *testing.T, url string, q map[string]any, want textCompletion) {
	t.Helper()
	for _, echo := range []bool{false, true} {
		q["logprobs"], q["echo"] = 1, echo
		got := ask(t, url, q)
		c := got.Choices[0]
		text := want.Choices[0].Text
		if echo {
			text = q["prompt"].(string) + text
		}
		assert.Equal(t, text, c.Text)
		assert.Equal(t, want.Choices[0].Finish, c.Finish)
		assert.Equal(t, want.Choices[0].Stop, c.Stop)
		assert.Equal(t, want.Usage, got.Usage)
		n := len(c.LogProbs.Own)
		assert.Len(t, c.LogProbs.Tokens, n)
		assert.Len(t, c.LogProbs.Top, n)
		assert.Len(t, c.LogProbs.Offsets, n)
		first := 0
		if echo {
			first = got.Usage.Prompt
		}
		assert.Equal(t, first+got.Usage.Completion, n)
		for i := first; i < n; i++ {
			assert.Len(t, c.LogProbs.Top[i], 1, "the token is the most probable one")
			assert.Equal(t, *c.LogProbs.Own[i], c.LogProbs.Top[i][c.LogProbs.Tokens[i]])
		}
	}
	delete(q, "logprobs")
	delete(q, "echo")
}

// streamed asks the same as a stream, whose pieces must make the same text.
func streamed(t *testing.T, url string, q map[string]any, want, reason string) {
	t.Helper()
	q["stream"], q["stream_options"] = true, map[string]any{"include_usage": true}
	status, body := post(t, url+"/v1/completions", q)
	require.Equal(t, http.StatusOK, status, body)
	text, finish, last := "", "", ""
	var u *usage
	scan := bufio.NewScanner(strings.NewReader(body))
	for scan.Scan() {
		data, ok := strings.CutPrefix(scan.Text(), "data: ")
		if !ok {
			assert.Empty(t, scan.Text())
			continue
		}
		if last = data; data == "[DONE]" {
			continue
		}
		var c textCompletion
		require.NoError(t, json.Unmarshal([]byte(data), &c))
		for _, ch := range c.Choices {
			text += ch.Text
			if ch.Finish != nil {
				finish = *ch.Finish
			}
		}
		if c.Usage != nil {
			u = c.Usage
		}
	}
	assert.Equal(t, want, text)
	assert.Equal(t, reason, finish)
	assert.Equal(t, "[DONE]", last)
	assert.NotNil(t, u)
}

// TestWhatCouldChangeTheAnswerIsRefused by the field's name.
func TestWhatCouldChangeTheAnswerIsRefused(t *testing.T) {
	m, url := smoke(t, "", Limits{})
	for _, c := range []struct {
		fields, want string
		status       int
	}{
		{`"temperature":0.7`, "temperature: 0.7: this server gives the most probable", 400},
		{`"n":2`, "n: 2", 400},
		{`"best_of":3`, "best_of: 3", 400},
		{`"logit_bias":{"5":1}`, "logit_bias", 400},
		{`"repetition_penalty":1.1`, "repetition_penalty", 400},
		{`"guided_regex":"a"`, "guided_regex: this server does not know the field", 400},
		{`"logprobs":5,"echo":true`, "at most 1", 400},
		{`"logprobs":2,"echo":true`, "at most 1", 400},
		{`"sampling":{"temperature":0.5,"top_p":1.5}`, "sampling", 400},
		{`"max_tokens":-1`, "max_tokens: -1 is negative", 400},
		{`"max_tokens":"a"`, `max_tokens: "a" is not what is expected`, 400},
		{`"sampling":{"sample":true}`, `sampling: {"sample":true} is not what is expected there: sample is a bool where`, 400},
		{`"sampling":{"temperature":"x"}`, `temperature is a string where a number is wanted`, 400},
		{`"max_tokens":2000`, "the model has 1024 positions", 400},
		{`"stop":""`, "stop: an empty string", 400},
		{`"stop":[1]`, "stop: [1]", 400},
		{`"prompt":[]`, "at least one element", 400},
		{`"prompt":[["a"]]`, "prompt[0]", 400},
		{`"prompt":[1,-2]`, "prompt[0]", 400},
		{`"prompt":["a",[1]]`, "prompt[1]: strings and token ids", 400},
		{fmt.Sprintf(`"prompt":[5,%d]`, m.Identity().Vocabulary), "at position 1 is outside the vocabulary of", 400},
		{`"prompt":[999999]`, "token 999999 at position 0 is outside the vocabulary of", 400},
		{`"protocol":"x"`, `unknown protocol "x"`, 400},
		{`"model":"gpt-9"`, `the model "gpt-9" is not served here, only "smoke"`, 404},
		{`"logprob_start_len":3`, "logprob_start_len", 400},
		{`"stream":true,"logprobs":1`, "logprobs: not with stream", 400},
		{`"stream":true,"prompt":[]`, "prompt", 400},
	} {
		body := `{` + c.fields + `}`
		if !strings.Contains(c.fields, `"prompt"`) {
			body = `{"prompt":"a",` + c.fields + `}`
		}
		status, got := post(t, url+"/v1/completions", body)
		assert.Equal(t, c.status, status, c.fields)
		assert.Contains(t, message(t, got), c.want, c.fields)
	}
	for body, want := range map[string]string{"": "not a JSON object", "[1]": "not a JSON object", `{"prompt":"a"} {}`: "more than one", "{}": "prompt: missing"} {
		status, got := post(t, url+"/v1/completions", body)
		assert.Equal(t, 400, status, body)
		assert.Contains(t, message(t, got), want)
	}
	for _, ok := range []string{`"temperature":0.0,"top_p":1,"n":1,"best_of":1`, `"stop":null,"logprobs":null`, `"do_sample":false,"seed":4,"user":"x"`} {
		status, got := post(t, url+"/v1/completions", `{"prompt":"a",`+ok+`}`)
		assert.Equal(t, 200, status, got)
	}
	status, got := post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"a"}]}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, message(t, got), "no chat template")
}

func message(t *testing.T, body string) string {
	t.Helper()
	var e struct {
		Error struct {
			Message, Type string
			Code          int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &e), body)
	assert.NotEmpty(t, e.Error.Type)
	assert.NotZero(t, e.Error.Code)
	return e.Error.Message
}

func TestTokensAndModels(t *testing.T) {
	m, url := smoke(t, "", Limits{})
	tok := m.Tokenizer()
	bos, _ := tok.BOS()
	eos, _ := tok.EOS()
	for _, c := range []struct {
		fields string
		want   []int32
	}{
		{`"prompt":"東京は <s>"`, tok.Encode("東京は <s>")},
		{`"prompt":""`, []int32{}},
		{`"prompt":"a","add_special_tokens":true`, append([]int32{bos}, tok.Encode("a")...)},
		{`"prompt":"</s>","add_special_tokens":false`, []int32{eos}},
		{`"prompt":"a</s>","parse_special":true`, tok.EncodeSpecial("a</s>")},
	} {
		status, got := post(t, url+"/tokenize", `{`+c.fields+`}`)
		require.Equal(t, 200, status, got)
		var out struct {
			Count  int
			Tokens []int32
		}
		require.NoError(t, json.Unmarshal([]byte(got), &out))
		assert.Equal(t, c.want, out.Tokens, c.fields)
		assert.Equal(t, len(c.want), out.Count)
	}
	b, err := json.Marshal(tok.Encode("東京は"))
	require.NoError(t, err)
	_, got := post(t, url+"/detokenize", `{"tokens":`+string(b)+`}`)
	assert.JSONEq(t, `{"prompt":"東京は"}`, got)
	status, got := post(t, url+"/detokenize", `{"tokens":[1.5]}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, message(t, got), "tokens")
	status, got = post(t, url+"/tokenize", `{}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, message(t, got), "prompt: missing")

	for path, want := range map[string]string{
		"/v1/models": `"owned_by":"swallow-eval"`, "/v1/models/smoke": m.Identity().Digest, "/tokenizer_info": `"eos_token":"</s>"`,
		"/metrics": `swallow_eval_requests_total{endpoint="tokenize",status="200"} 5`, "/health": "",
	} {
		r, err := http.Get(url + path)
		require.NoError(t, err)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, 200, r.StatusCode, path)
		assert.Contains(t, string(body), want, path)
		assert.NoError(t, r.Body.Close())
	}
	r, err := http.Get(url + "/v1/models/other")
	require.NoError(t, err)
	assert.Equal(t, 404, r.StatusCode)
	assert.NoError(t, r.Body.Close())
}

// TestSpelledTokensMakeTheText: the strings and offsets of an answer fit its text, characters of several byte tokens included.
func TestSpelledTokensMakeTheText(t *testing.T) {
	_, url := smoke(t, "", Limits{})
	const text = "aは𠮷は b"
	c := ask(t, url, map[string]any{"prompt": text, "max_tokens": 0, "logprobs": 1, "echo": true, "return_tokens_as_token_ids": false}).Choices[0]
	runes := []rune(text)
	for i, token := range c.LogProbs.Tokens {
		if i > 0 && !strings.HasPrefix(token, "<0x") { // the first token may begin with the space that decoding removes
			at := c.LogProbs.Offsets[i]
			assert.True(t, strings.HasPrefix(string(runes[at:]), token), "%q at %d of %q", token, at, text)
		}
	}
	assert.True(t, bytes.Contains([]byte(strings.Join(c.LogProbs.Tokens, "")), []byte("<0x")), "part of it is bytes")
	ids := ask(t, url, map[string]any{"prompt": text, "max_tokens": 0, "logprobs": 1, "echo": true, "return_tokens_as_token_ids": true, "return_token_ids": true}).Choices[0]
	for i, id := range ids.Prompt {
		assert.Equal(t, fmt.Sprintf("token_id:%d", id), ids.LogProbs.Tokens[i])
	}
}
