package bulk

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

func small(t *testing.T) *embedded.Model {
	t.Helper()
	dir := t.TempDir()
	shape := enginetest.Tiny()
	shape.Vocab, shape.MaxPositions = tokenizertest.VocabSize, 64
	require.NoError(t, enginetest.Write(dir, shape, 3))
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	m, err := embedded.Open(dir, "tiny", 0, engine.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// lines answers with f and returns the output's lines.
func lines(t *testing.T, in string, kept Answers, f func(Stream) (Counts, error)) ([]string, Counts) {
	t.Helper()
	var out []string
	counts, err := f(Stream{Input: strings.NewReader(in), Name: "in", Answers: kept, Line: func(b []byte) error {
		out = append(out, strings.TrimSuffix(string(b), "\n"))
		return nil
	}})
	require.NoError(t, err)
	return out, counts
}

// TestBadPairs: what each wrong line says, while the good one beside it is answered.
func TestBadPairs(t *testing.T) {
	m := small(t)
	const good = `{"id":"good","context":"a","continuation":" b"}`
	for in, want := range map[string]string{
		`{"id":7,"context":"x"}`:                               `{"id":7,"line":1,"error":"context and continuation belong together"}`,
		`{"id":[1, 2],"context":1}`:                            `{"id":[1,2],"line":1,"error":"context is a number where a string is wanted"}`,
		`{"context":"x","continuation":"y","context_ids":[1]}`: `{"id":null,"line":1,"error":"give context and continuation either as text or as ids, not both"}`,
		`{"id":null,"context_ids":[1],"continuation_ids":[]}`:  `{"id":null,"line":1,"error":"context_ids and continuation_ids must both hold tokens"}`,
		`{"id":"<&>"}`: `{"id":"<&>","line":1,"error":"neither context and continuation nor context_ids and continuation_ids"}`,
		`{"id":1`:      `{"id":null,"line":1,"error":"unexpected end of JSON input"}`,
		`[]`:           `{"id":null,"line":1,"error":"an array where an object is wanted"}`,
		`{"id":1,"context":"","continuation":""}`:                                 `{"id":1,"line":1,"error":"the continuation has no tokens"}`,
		`{"id":1,"context_ids":[1],"continuation_ids":[99999]}`:                   `{"id":1,"line":1,"error":"token 99999 at position 1 is outside the vocabulary of 501"}`,
		`{"id":1,"context":"a","continuation":"` + strings.Repeat("ん", 70) + `"}`: `{"id":1,"line":1,"error":"the continuation has 70 tokens, more than the model's 64 positions"}`,
	} {
		got, counts := lines(t, in+"\n"+good, nil, func(s Stream) (Counts, error) { return LogLikelihood(context.Background(), s, m) })
		require.Len(t, got, 2, in)
		assert.Equal(t, want, got[0])
		assert.Regexp(t, `^\{"id":"good","logprob":-[0-9.]+,"is_greedy":(true|false),"token_logprobs":\[.*\],"context_tokens":1,"continuation_tokens":2,"dropped_tokens":0\}$`, got[1])
		assert.Equal(t, 1, counts.Bad)
	}
	got, _ := lines(t, `{"id":1,"context":"merge","continuation":"me"}`, nil, func(s Stream) (Counts, error) {
		return LogLikelihood(context.Background(), s, newAbacus(1))
	})
	assert.Contains(t, got[0], "the continuation has no tokens of its own")
}

// TestOtherEncodings: a byte order mark is none of the first line's, and what is not UTF-8 is not taken for another text.
func TestOtherEncodings(t *testing.T) {
	m := small(t)
	got, counts := lines(t, "\ufeff{\"id\":1,\"prompt\":\"a\",\"max_new_tokens\":1}\r\n{\"id\":2,\"prompt\":\"\xff\"}\n{\"id\":\"\xff\",\"prompt\":\"a\"}\n", nil, func(s Stream) (Counts, error) {
		return Generate(context.Background(), s, m, Generating{})
	})
	require.Len(t, got, 3)
	assert.Contains(t, got[0], `"finish"`)
	assert.Equal(t, `{"id":2,"line":2,"error":"the line is not UTF-8"}`, got[1])
	assert.Equal(t, `{"id":null,"line":3,"error":"the line is not UTF-8"}`, got[2])
	assert.Equal(t, 2, counts.Bad)
}

// TestPrompts: one stop string is a list of one, wrong lines say what is wrong, and a greedy answer is remembered whatever
// the seed, a sampled one by seed and line.
func TestPrompts(t *testing.T) {
	m := small(t)
	generate := func(in string, kept Answers, g Generating) ([]string, Counts) {
		return lines(t, in, kept, func(s Stream) (Counts, error) { return Generate(context.Background(), s, m, g) })
	}
	got, counts := generate(`{"id":1,"prompt":"a","until":"x","max_new_tokens":4}
{"id":1,"prompt":"a","until":["x"],"max_new_tokens":4}
{"id":2,"prompt":"a","until":null,"max_new_tokens":0}
{"id":3,"prompt":"a","until":7}
{"id":4,"prompt":"a","max_new_tokens":-1}
{"id":5}
{"id":6,"prompt":"a","context_ids":[1]}
{"id":7,"context_ids":[99999]}
{"id":8,"prompt":"`+strings.Repeat("ん", 70)+`"}`, nil, Generating{MaxNewTokens: 3})
	require.Len(t, got, 9)
	assert.Equal(t, got[0], got[1])
	assert.Equal(t, []string{
		`{"id":2,"text":"","output_ids":[],"finish":"length","prompt_tokens":1}`,
		`{"id":3,"line":4,"error":"until is neither a string nor an array of strings"}`,
		`{"id":4,"line":5,"error":"max_new_tokens is -1"}`,
		`{"id":5,"line":6,"error":"neither prompt nor context_ids"}`,
		`{"id":6,"line":7,"error":"give either prompt or context_ids, not both"}`,
		`{"id":7,"line":8,"error":"token 99999 at position 0 is outside the vocabulary of 501"}`,
		`{"id":8,"line":9,"error":"the prompt has 71 tokens, the model 64 positions"}`,
	}, got[2:])
	assert.Equal(t, Counts{Lines: 9, Asked: 2, Recalled: 1, Bad: 6, First: "in:4: until is neither a string nor an array of strings"}, counts)

	kept := newMemory()
	one := `{"id":1,"prompt":"a"}` + "\n"
	_, counts = generate(one, kept, Generating{MaxNewTokens: 3})
	assert.Equal(t, 1, counts.Asked)
	for _, c := range []struct {
		in    string
		g     Generating
		asked int
	}{
		{one + one, Generating{MaxNewTokens: 3, Sampling: embedded.Sampling{Seed: 5}}, 0},
		{one, Generating{MaxNewTokens: 2}, 1},
		{`{"prompt":"a","until":["b"]}`, Generating{MaxNewTokens: 3}, 1},
		{`{"context_ids":[5,6]}`, Generating{MaxNewTokens: 3}, 1},
		{one + one, Generating{MaxNewTokens: 3, Sampling: embedded.Sampling{Temperature: 1, TopP: 1, Seed: 5}}, 2},
		{one + one, Generating{MaxNewTokens: 3, Sampling: embedded.Sampling{Temperature: 1, TopP: 1, Seed: 5}}, 0},
		{one, Generating{MaxNewTokens: 3, Sampling: embedded.Sampling{Temperature: 1, TopP: 1, Seed: 6}}, 1},
		{one, Generating{MaxNewTokens: 3, Sampling: embedded.Sampling{Temperature: 2, TopP: 1, Seed: 5}}, 1},
		{one, Generating{MaxNewTokens: 3, Sampling: embedded.Sampling{Temperature: 1, TopP: 0.5, Seed: 5}}, 1},
	} {
		_, counts = generate(c.in, kept, c.g)
		assert.Equal(t, c.asked, counts.Asked, "%v %v", c.in, c.g)
	}
}
