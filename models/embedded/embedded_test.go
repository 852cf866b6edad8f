package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// open makes and loads a small model with random weights.
func open(t *testing.T, window int) *Model {
	t.Helper()
	dir := t.TempDir()
	shape := enginetest.Tiny()
	shape.Vocab, shape.MaxPositions = tokenizertest.VocabSize, window
	require.NoError(t, enginetest.Write(dir, shape, 3))
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	m, err := Open(dir, "tiny", 0, engine.Options{Threads: 2})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// ask answers requests and returns the responses by index.
func ask(t *testing.T, m *Model, qs []tasks.Request) []tasks.Response {
	t.Helper()
	rs := make([]tasks.Response, len(qs))
	seen := make([]bool, len(qs))
	require.NoError(t, m.Do(context.Background(), qs, func(i int, r tasks.Response) error {
		assert.False(t, seen[i], "request %d is answered once", i)
		rs[i], seen[i] = r, true
		return nil
	}))
	assert.NotContains(t, seen, false)
	return rs
}

func requests() []tasks.Request {
	var qs []tasks.Request
	for i := range 6 {
		prompt := strings.Repeat(fmt.Sprintf("Question %d: あいう\n", i), 1+7*i)
		qs = append(qs,
			tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: prompt, Stop: []string{"e", "あ"}, MaxTokens: 256},
			tasks.Request{Kind: tasks.Generate, Protocol: tasks.LLMJPEval, Prompt: prompt, MaxTokens: 7},
			tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: prompt + " ", Continuation: "the rest"},
			tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessJP, Prompt: prompt, Continuation: " the rest"},
		)
	}
	for k := range 3 {
		qs = append(qs, tasks.Request{Kind: tasks.Generate, Protocol: tasks.BigCode, Prompt: "Question あ", MaxTokens: 60, Sampling: tasks.Drawn("t", tasks.RowID(1), k, 1, 0.95)})
	}
	return append(qs, qs[0], qs[2])
}

// TestAnswersDependOnTheRequestAlone: asked together, backwards or one by one, every answer is the same to the bit.
func TestAnswersDependOnTheRequestAlone(t *testing.T) {
	m := open(t, 400)
	qs := requests()
	want := ask(t, m, qs)
	reversed := make([]tasks.Request, len(qs))
	for i, q := range qs {
		reversed[len(qs)-1-i] = q
	}
	for i, r := range ask(t, m, reversed) {
		assert.Equal(t, want[len(qs)-1-i], r)
	}
	for i, q := range qs {
		assert.Equal(t, want[i], ask(t, m, []tasks.Request{q})[0])
	}
	assert.Equal(t, want[0], want[len(qs)-2], "identical requests have one answer")
	assert.NotEqual(t, want[len(qs)-3].Text, want[len(qs)-4].Text, "draws of one prompt are several answers")
	assert.NotEqual(t, want[len(qs)-3].Text, want[len(qs)-5].Text)
}

func TestWindows(t *testing.T) {
	m := open(t, 400)
	long := strings.Repeat(" あいうえお", 200)
	n := m.Count(long)
	require.Greater(t, n, 800)
	rs := ask(t, m, []tasks.Request{
		{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: long, Continuation: "x y"},
		{Kind: tasks.Generate, Protocol: tasks.HarnessJP, Prompt: long, MaxTokens: 256},
		{Kind: tasks.Generate, Protocol: tasks.LLMJPEval, Prompt: long, MaxTokens: 3},
	})
	assert.Equal(t, n, rs[0].PromptTokens)
	assert.Equal(t, n+rs[0].OutputTokens-401, rs[0].Dropped, "one token more than the window is kept, since the last is not read")
	assert.Equal(t, n-144, rs[1].Dropped)
	assert.Equal(t, "lost", rs[1].Finish)
	assert.Equal(t, 256, rs[1].Lost)
	assert.Empty(t, rs[1].Text)
	assert.Zero(t, rs[2].Dropped, "llm-jp-eval truncates nothing")
	assert.Equal(t, 3, rs[2].OutputTokens)

	v, err := m.View(tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessJP, Prompt: long, MaxTokens: 256})
	require.NoError(t, err)
	assert.Len(t, v.Tokens, 144)
	assert.Len(t, v.Dropped, n-144)
	assert.Equal(t, 256, v.Lost)
}

func TestRefusedRequests(t *testing.T) {
	m := open(t, 300)
	for _, c := range []struct {
		name string
		q    tasks.Request
		want string
	}{
		{"unknown protocol", tasks.Request{Kind: tasks.Generate, Protocol: "x"}, `unknown protocol "x"`},
		{"unknown kind", tasks.Request{Kind: "embed", Protocol: tasks.HarnessEN}, `unknown kind of request "embed"`},
		{"empty prompt", tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN}, "the prompt has no tokens"},
		{"empty continuation", tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: "a"}, "the continuation has no tokens"},
		{"continuation beyond the window", tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: "a", Continuation: strings.Repeat("ん", 301)}, "more than the model's 300 positions"},
		{"plain prompt beyond the window", tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: strings.Repeat("ん", 301)}, "the model 300 positions"},
		{"negative length", tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "a", MaxTokens: -1}, "the number of new tokens is -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: "a", MaxTokens: 1}
			err := m.Do(context.Background(), []tasks.Request{good, c.q}, func(int, tasks.Response) error { return nil })
			var re *eval.RequestError
			require.ErrorAs(t, err, &re)
			assert.Equal(t, 1, re.Index)
			assert.ErrorContains(t, err, c.want)
		})
	}
	stop := errors.New("enough")
	assert.ErrorIs(t, m.Do(context.Background(), requests()[:1], func(int, tasks.Response) error { return stop }), stop)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, m.Do(ctx, requests(), func(int, tasks.Response) error { return nil }), context.Canceled)
}

func TestContinue(t *testing.T) {
	m := open(t, 64)
	openings := []Opening{
		{IDs: m.Tokenizer().Encode("あい"), MaxNewTokens: 6},
		{MaxNewTokens: 2},
		{IDs: m.Tokenizer().Encode(strings.Repeat("あ", 60)), MaxNewTokens: 50},
		{IDs: m.Tokenizer().Encode("あい"), MaxNewTokens: 6, Sampling: Sampling{Temperature: 1, TopP: 0.9, Seed: 1}},
		{IDs: m.Tokenizer().Encode("あい"), MaxNewTokens: 6, Sampling: Sampling{Temperature: 1, TopP: 0.9, Seed: 1}},
		{IDs: m.Tokenizer().Encode("あい"), MaxNewTokens: 6, Sampling: Sampling{Temperature: 1, TopP: 1e-9, Seed: 1}},
		{IDs: m.Tokenizer().Encode("あい"), MaxNewTokens: 0},
	}
	var seen []string
	openings[0].Watch = func(text string) { seen = append(seen, text) }
	got := make([]Continuation, len(openings))
	require.NoError(t, m.Continue(context.Background(), openings, func(i int, c Continuation, err error) error {
		require.NoError(t, err)
		got[i] = c
		return nil
	}))
	assert.Len(t, got[0].IDs, 6)
	assert.Equal(t, "length", got[0].Finish)
	assert.Len(t, seen, 6)
	assert.Equal(t, got[0].Text, seen[5])
	assert.Equal(t, 1, got[1].PromptTokens, "an empty prompt is BOS alone")
	assert.Equal(t, "window", got[2].Finish)
	assert.Equal(t, 64, got[2].PromptTokens+len(got[2].IDs))
	assert.Equal(t, got[3].IDs, got[4].IDs, "a seed fixes the sample")
	assert.Equal(t, got[0].IDs, got[5].IDs, "the smallest nucleus is greedy")
	assert.NotNil(t, got[6].IDs)
	assert.Empty(t, got[6].IDs)
}

func TestSamplingFollowsTheDistribution(t *testing.T) {
	pick := Sampling{Temperature: 2, TopP: 1, Seed: 9}.picker()
	logits := []float32{0, 2 * 0.6931472, -40} // weights 1 : 2 : almost none at temperature 2
	counts := make([]int, 3)
	for i := range 3000 {
		counts[pick(i, logits)]++
	}
	assert.InDelta(t, 1000, counts[0], 120)
	assert.Zero(t, counts[2])
	assert.Nil(t, Sampling{}.picker())
}

// TestFilesThatDoNotBelongTogether is a vocabulary larger than the embedding.
func TestFilesThatDoNotBelongTogether(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, enginetest.Write(dir, enginetest.Tiny(), 3))
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	_, err := Open(dir, "x", 0, engine.Options{})
	assert.ErrorContains(t, err, "501 pieces but the model only 97 embedding rows")

	require.NoError(t, os.Remove(filepath.Join(dir, "config.json")))
	_, err = OpenEncoder(dir, 0)
	assert.ErrorContains(t, err, "config.json")
	e, err := OpenEncoder(dir, 77)
	require.NoError(t, err)
	assert.Equal(t, 77, e.Window())
}

// TestAPanicOfTheEngineNamesARequest is G6: what ends the engine's work is an error about a request, so that the loop
// can name the document.
func TestAPanicOfTheEngineNamesARequest(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows reads weights into memory")
	}
	dir := t.TempDir()
	shape := enginetest.Tiny()
	shape.Vocab, shape.MaxPositions = tokenizertest.VocabSize, 512
	require.NoError(t, enginetest.Write(dir, shape, 3))
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	m, err := Open(dir, "tiny", 0, engine.Options{Threads: 2})
	require.NoError(t, err)
	weights, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	require.NoError(t, err)
	require.Len(t, weights, 1)
	require.NoError(t, os.Truncate(weights[0], 0))
	short := tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: "a", Continuation: " b"}
	long := short
	long.Prompt = "a much longer prompt"
	for _, kind := range []tasks.Kind{tasks.LogLikelihood, tasks.Generate} {
		long.Kind, long.MaxTokens = kind, 3
		err = m.Do(context.Background(), []tasks.Request{short, long, long}, func(int, tasks.Response) error { return nil })
		var re *eval.RequestError
		require.ErrorAs(t, err, &re)
		assert.Contains(t, []int{0, 1}, re.Index)
		if kind == tasks.LogLikelihood {
			assert.ErrorContains(t, err, "computed together with 1 others", "equal requests are one")
		}
		assert.ErrorContains(t, err, "changed while in use")
		assert.NotContains(t, err.Error(), "panicked")
		assert.NotContains(t, err.Error(), "\n")
	}
	assert.ErrorContains(t, m.Close(), "changed while in use")
}
