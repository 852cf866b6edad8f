package openai

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func remoteEncoder(t *testing.T, url string) (*wrapper.Encoder, error) {
	t.Helper()
	a, err := ParseAddress(Prefix + url + "/v1#smoke")
	require.NoError(t, err)
	return OpenEncoder(t.Context(), a, Options{sleep: func(context.Context, time.Duration) error { return nil }})
}

// TestAServersTokenizerIsTheModels: for texts and tokens of all kinds a tokenizer that a server has gives what the files give.
func TestAServersTokenizerIsTheModels(t *testing.T) {
	for _, kind := range []string{"swallow-eval", "vllm", "llamacpp"} {
		t.Run(kind, func(t *testing.T) {
			f, url := newFake(t, kind)
			f.tokens = true
			e, err := remoteEncoder(t, url)
			require.NoError(t, err)
			want, got := f.model.Tokenizer(), e.Tokenizer()
			assert.Equal(t, f.model.Window(), e.Window())
			assert.True(t, strings.HasPrefix(got.Digest(), results.AnswersDigest+"sha256:"))
			wantBOS, wantHas := want.BOS()
			gotBOS, gotHas := got.BOS()
			assert.Equal(t, []any{wantBOS, wantHas}, []any{gotBOS, gotHas})
			wantEOS, _ := want.EOS()
			gotEOS, gotHas := got.EOS()
			assert.Equal(t, []any{wantEOS, true}, []any{gotEOS, gotHas})
			assert.Equal(t, want.EOSText(), got.EOSText())
			assert.True(t, got.AddsBOS())
			assert.Equal(t, []int{0, 0}, []int{got.VocabSize(), got.Tokens()})
			list := append(append(probes(), digestTexts()...), "", " ", "a", " a", "日", longText, "<s>", "</s>", "ends here</s>")
			for i, text := range list {
				ids := want.Encode(text)
				if !strings.Contains(text, "s>") || kind != "vllm" { // which reads special tokens in any text
					assert.Equal(t, ids, got.Encode(text), "%q", text)
				}
				if kind == "swallow-eval" || kind == "llamacpp" {
					assert.Equal(t, want.EncodeSpecial(text), got.EncodeSpecial(text), "%q", text)
				}
				assert.Equal(t, want.Decode(ids), got.Decode(ids), "%q", text)
				other := list[(i+3)%len(list)]
				after := want.Encode(other)
				assert.Equal(t, want.DecodeAfter(ids, after), got.DecodeAfter(ids, after), "%q %q", text, other)
				assert.Equal(t, want.DecodeRaw(after), got.DecodeRaw(after), "%q", other)
				withEnd := append(append([]int32{wantBOS}, after...), wantEOS)
				assert.Equal(t, want.DecodeSpelled(ids, withEnd), got.DecodeSpelled(ids, withEnd), "%q", other)
				if !strings.Contains(text+other, "s>") {
					wantContext, wantRest := want.EncodePair(text, other)
					gotContext, gotRest := got.EncodePair(text, other)
					assert.Equal(t, [][]int32{wantContext, wantRest}, [][]int32{gotContext, gotRest}, "%q %q", text, other)
				}
				if strings.Contains(text, "s>") && kind == "vllm" {
					continue
				}
				err := guard.Call(func() error { assert.Equal(t, want.Pieces(text), got.Pieces(text), "%q", text); return nil })
				if kind == "llamacpp" && text != "" {
					assert.ErrorContains(t, err, "name the model's tokenizer with --tokenizer")
				} else {
					assert.NoError(t, err)
				}
			}
		})
	}
}

// spaced is a server whose tokenizer puts a space in front of a text. One that strips takes it away again, and spells special
// tokens out, as vLLM does; the other leaves it, as llama.cpp's server does.
func spaced(t *testing.T, tok *tokenizer.Tokenizer, strips bool) string {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Prompt string  `json:"prompt"`
			Tokens []int32 `json:"tokens"`
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		var a any
		switch r.URL.Path {
		case "/v1/models":
			a = object{"data": []any{object{"id": "smoke", "owned_by": "vllm", "max_model_len": 64}}}
		case "/tokenizer_info":
			a = object{"bos_token": object{"content": "<s>"}, "eos_token": "</s>"}
		case "/tokenize":
			list := tok.Encode(q.Prompt)
			if id, ok := tok.ID(q.Prompt); ok && tok.IsSpecial(id) {
				list = []int32{id}
			}
			a = object{"tokens": append([]int32{}, list...)}
		case "/detokenize":
			text := tok.DecodeSpelled(nil, q.Tokens)
			if !strips {
				text = tok.DecodeRaw(q.Tokens)
			}
			a = object{"prompt": text}
		}
		_ = json.NewEncoder(w).Encode(a)
	}))
	t.Cleanup(h.Close)
	return h.URL
}

// TestASpaceInFrontIsNeitherLostNorAdded, whether the server takes it away or not.
func TestASpaceInFrontIsNeitherLostNorAdded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokenizer.model")
	require.NoError(t, tokenizertest.WriteModel(path))
	want, err := tokenizer.LoadFile(path)
	require.NoError(t, err)
	bos, _ := want.BOS()
	eos, _ := want.EOS()
	for _, strips := range []bool{true, false} {
		e, err := remoteEncoder(t, spaced(t, want, strips))
		require.NoError(t, err)
		got := e.Tokenizer()
		assert.False(t, got.AddsBOS(), "the server adds none")
		for _, text := range []string{"a", " a", "  a", "日本", " の首都", "yes\nno", "𠮷 b"} {
			ids := want.Encode(text)
			assert.Equal(t, ids, got.Encode(text), "%q", text)
			assert.Equal(t, want.Decode(ids), got.Decode(ids), "%q", text)
			assert.Equal(t, want.DecodeRaw(ids), got.DecodeRaw(ids), "%q", text)
			assert.Equal(t, want.DecodeAfter(ids, ids), got.DecodeAfter(ids, ids), "%q", text)
			ended := append(append([]int32{bos}, ids...), eos)
			assert.Equal(t, want.Decode(ended), got.Decode(ended), "%q", text)
		}
	}
}

// TestTextsAreRemembered: what comes again is not asked again.
func TestTextsAreRemembered(t *testing.T) {
	f, url := newFake(t, "vllm")
	e, err := remoteEncoder(t, url)
	require.NoError(t, err)
	before := f.asked["/tokenize"]
	for _, text := range []string{"one", "two", "one", "two", "one"} {
		e.Tokenizer().Encode(text)
	}
	assert.Equal(t, before+2, f.asked["/tokenize"])
}

// TestRunsOverAServersTokenizer: every answer is the one that the model's own tokenizer leads to.
func TestRunsOverAServersTokenizer(t *testing.T) {
	f, url := newFake(t, "swallow-eval")
	e, err := remoteEncoder(t, url)
	require.NoError(t, err)
	a, err := ParseAddress(Prefix + url + "/v1#smoke")
	require.NoError(t, err)
	m, err := Open(t.Context(), []Address{a}, e, Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.Close()) }()
	assert.Equal(t, answers(t, f.model, requests()), answers(t, m, requests()))
	notes := strings.Join(m.Notes(), "\n")
	assert.Contains(t, notes, "tokens of a server's own tokenizer")

	f.spoil = func(path string, asked, _ object) (int, string) {
		if path == "/tokenize" {
			return http.StatusBadRequest, "no more"
		}
		return 0, ""
	}
	q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "never asked before", MaxTokens: 1}
	err = m.Do(t.Context(), []tasks.Request{q}, func(int, tasks.Response) error { return nil })
	require.ErrorContains(t, err, "status 400: no more")
	assert.NotContains(t, err.Error(), "panicked")
}

// TestServersWhoseTokenizerIsNotEnough are refused with the reason and what to do.
func TestServersWhoseTokenizerIsNotEnough(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		change func(answer object)
		status int
		want   string
	}{
		"no end":           {"/tokenizer_info", func(a object) { delete(a, "eos_token") }, 0, "which token ends a text"},
		"no such endpoint": {"/tokenizer_info", nil, http.StatusNotFound, "status 404"},
		"no texts":         {"/detokenize", func(a object) { delete(a, "prompt") }, 0, "/detokenize: no text"},
		"other texts":      {"/detokenize", func(a object) { a["prompt"] = "b" }, 0, `and that as "b"`},
		"no positions":     {"/v1/models", func(a object) { delete(a["data"].([]any)[0].(object), "max_model_len") }, 0, "how many positions"},
		"several tokens":   {"/tokenize", func(a object) { a["tokens"] = []any{5, 6} }, 0, "not one token"},
	} {
		f, url := newFake(t, "vllm")
		f.spoil = func(path string, _, answer object) (int, string) {
			if path != c.path {
				return 0, ""
			}
			if c.status != 0 {
				return c.status, "nothing"
			}
			c.change(answer)
			return 0, ""
		}
		_, err := remoteEncoder(t, url)
		require.ErrorContains(t, err, c.want, name)
		assert.ErrorContains(t, err, "name one with --tokenizer", name)
	}
	_, url := newFake(t, "vllm")
	a, err := ParseAddress(Prefix + url + "/v1#another")
	require.NoError(t, err)
	_, err = OpenEncoder(t.Context(), a, Options{})
	assert.ErrorContains(t, err, `no model "another" is served there`)
}
