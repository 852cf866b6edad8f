package wrapper

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// small is an encoder with the tests' own tokenizer.
func small(t *testing.T, window int) *Encoder {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	return NewEncoder(tok, window)
}

// server is a model that knows tokens only, as one behind a network does: it generates to the limit whatever stop
// strings there are, and scores.
type server struct{ e *Encoder }

func (s server) generate(g *Generation) ([]int32, string) {
	r := rand.New(rand.NewPCG(uint64(len(g.Prompt)), 5))
	var ids []int32
	for range g.Max {
		ids = append(ids, int32(3+r.IntN(s.e.Tokenizer().VocabSize()-3)))
	}
	if kept, ended := g.Until(ids); ended {
		return kept, "stop"
	}
	return ids, "length"
}

func (s server) score(q *Scoring) (logProbs []float64, greedy []bool) {
	for i := q.From; i < len(q.Tokens); i++ {
		logProbs, greedy = append(logProbs, -float64(q.Tokens[i])-float64(i)), append(greedy, q.Tokens[i]%2 == 0)
	}
	return logProbs, greedy
}

// do is all that a model of this kind has to do.
func (s server) do(requests []tasks.Request, done Done) error {
	plan, err := s.e.Plan(requests, done)
	if err != nil {
		return err
	}
	if err := plan.Settle(); err != nil {
		return err
	}
	for k, g := range plan.Generations {
		ids, finish := s.generate(g)
		if err := plan.Generated(k, ids, finish); err != nil {
			return err
		}
	}
	for k, q := range plan.Scorings {
		logProbs, greedy := s.score(q)
		if err := plan.Scored(k, logProbs, greedy); err != nil {
			return err
		}
	}
	return nil
}

func mixed() []tasks.Request {
	var qs []tasks.Request
	for _, p := range []tasks.Protocol{tasks.LLMJPEval, tasks.HarnessJP, tasks.HarnessEN, tasks.Plain} {
		for i := range 6 {
			prompt := fmt.Sprintf("question %d and more", i%4)
			qs = append(qs,
				tasks.Request{Kind: tasks.Generate, Protocol: p, Prompt: prompt, Stop: []string{"a", "\n"}, MaxTokens: 9},
				tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: prompt, Continuation: " yes"})
		}
	}
	return qs
}

// TestAModelOfTokensAlone: a model that takes and gives token ids and log-probabilities answers every request, each
// distinct question once, and the answers are those to the requests asked one by one.
func TestAModelOfTokensAlone(t *testing.T) {
	s := server{small(t, 2048)}
	qs := mixed()
	got := make([]*tasks.Response, len(qs))
	require.NoError(t, s.do(qs, func(i int, r tasks.Response) error {
		require.Nil(t, got[i], "each once")
		got[i] = &r
		return nil
	}))
	for i, q := range qs {
		require.NotNil(t, got[i])
		require.NoError(t, s.do([]tasks.Request{q}, func(_ int, r tasks.Response) error {
			assert.Equal(t, *got[i], r, "%v", q)
			return nil
		}))
	}
	plan, err := s.e.Plan(qs, nil)
	require.NoError(t, err)
	assert.Len(t, plan.Generations, 4*4, "equal questions are one")
	assert.Less(t, len(plan.Scorings), 4*4+1)
}

// TestUntil: cutting what a model said on regardless gives what one that is stopped says.
func TestUntil(t *testing.T) {
	e := small(t, 2048)
	r := rand.New(rand.NewPCG(7, 7))
	stopped := 0
	for range 300 {
		q := mixed()[2*r.IntN(24)]
		g, _, err := e.Prepare(q)
		require.NoError(t, err)
		var all, want []int32
		for len(all) < g.Max {
			all = append(all, int32(3+r.IntN(e.Tokenizer().VocabSize()-3)))
		}
		ended := false
		for _, id := range all {
			if want = append(want, id); g.Ended(want) {
				ended = true
				break
			}
		}
		kept, cut := g.Until(all)
		assert.Equal(t, want, kept)
		assert.Equal(t, ended, cut)
		if ended {
			stopped++
		}
	}
	assert.Positive(t, stopped)
	assert.Less(t, stopped, 300)
}

// TestSettled: a reply of which the wrapper would discard everything is not asked for.
func TestSettled(t *testing.T) {
	e := small(t, 300)
	long := tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN, MaxTokens: 256}
	for range 400 {
		long.Prompt += " word"
	}
	var got []tasks.Response
	plan, err := e.Plan([]tasks.Request{long, long}, func(_ int, r tasks.Response) error { got = append(got, r); return nil })
	require.NoError(t, err)
	assert.Empty(t, plan.Generations)
	require.NoError(t, plan.Settle())
	require.Len(t, got, 2)
	assert.Equal(t, "lost", got[0].Finish)
	assert.Equal(t, 256, got[0].Lost)
}

func TestRequestsThatCannotBeAsked(t *testing.T) {
	e := small(t, 16)
	for _, c := range []struct {
		q    tasks.Request
		want string
	}{
		{tasks.Request{Kind: tasks.Generate, Protocol: "x", Prompt: "a"}, `unknown protocol "x"`},
		{tasks.Request{Kind: tasks.LogLikelihood, Protocol: "x", Prompt: "a", Continuation: "b"}, `unknown protocol "x"`},
		{tasks.Request{Kind: "sing", Protocol: tasks.Plain, Prompt: "a"}, `unknown kind of request "sing"`},
		{tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: "a"}, "the continuation has no tokens"},
	} {
		good := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "a"}
		_, err := e.Plan([]tasks.Request{good, c.q}, nil)
		var re *eval.RequestError
		require.ErrorAs(t, err, &re)
		assert.Equal(t, 1, re.Index)
		assert.EqualError(t, re.Err, c.want)
	}
}

// TestErrorsAndOrder: an error of whoever takes the answers ends it, and errors of the model name a request.
func TestErrorsAndOrder(t *testing.T) {
	e := small(t, 2048)
	q := tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: "a", Continuation: " b"}
	g := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "a", MaxTokens: 2}
	full := errors.New("no space left on device")
	plan, err := e.Plan([]tasks.Request{g, q, q}, func(int, tasks.Response) error { return full })
	require.NoError(t, err)
	require.ErrorIs(t, plan.Scored(0, []float64{-1}, []bool{true}), full)
	require.ErrorIs(t, plan.Generated(0, nil, "eos"), full)
	require.EqualError(t, plan.ScoringError(0, full), "request 1: no space left on device")
	require.EqualError(t, plan.GenerationError(0, full), "request 0: no space left on device")
}
