package wrapper

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestWindows holds the windows to the two functions of lm-eval, written again as its comments describe them: every token is
// scored once, the first window begins with the token that begins a text, and a later one has the model's size.
func TestWindows(t *testing.T) {
	const begin, window = 1, 8
	e := small(t, window)
	for n := 1; n < 40; n++ {
		text := make([]int32, n)
		for i := range text {
			text[i] = int32(100 + i)
		}
		parts, err := e.windows(begin, text, tasks.LMEval04Rolling, window)
		require.NoError(t, err)
		done := 0
		for k, p := range parts {
			scored := min(window, n-done)
			context := []int32{begin}
			if k > 0 {
				end := done + scored
				fed := text[end-window-1 : end-1]            // get_rolling_token_windows
				context = fed[:len(fed)-(scored-1)]          // make_disjoint_window
				assert.Len(t, p.Tokens, window+1, "n %d", n) // the last of which is not fed
			}
			assert.Equal(t, append(append([]int32{}, context...), text[done:done+scored]...), p.Tokens, "n %d window %d", n, k)
			assert.Equal(t, len(context), p.From)
			assert.Zero(t, p.Dropped())
			done += scored
		}
		assert.Equal(t, n, done)
	}
}

// TestRollingAnswers: a text longer than the window is one answer, the sum over its windows in the text's order, whatever the
// order in which a model answers; what fits is asked as ever, and no other request is cut in windows.
func TestRollingAnswers(t *testing.T) {
	s := server{small(t, 64)}
	ask := func(p tasks.Protocol, text string) tasks.Request {
		return tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Continuation: text}
	}
	long, short := strings.Repeat("a text of many words, ", 40), "short"
	_, err := s.e.Plan([]tasks.Request{ask(tasks.LMEval04, long)}, nil)
	require.ErrorContains(t, err, "more than the model's 64 positions")

	requests := []tasks.Request{ask(tasks.LMEval04Rolling, long), ask(tasks.LMEval04Rolling, short), ask(tasks.LMEval04, short), ask(tasks.LMEval04Rolling, long)}
	var first []tasks.Response
	for seed := range uint64(5) {
		got := make([]tasks.Response, len(requests))
		times := make([]int, len(requests))
		plan, err := s.e.Plan(requests, func(i int, r tasks.Response) error {
			got[i], times[i] = r, times[i]+1
			return nil
		})
		require.NoError(t, err)
		windows := len(plan.Scorings)
		assert.Greater(t, windows, 2)
		for _, k := range rand.New(rand.NewPCG(seed, 1)).Perm(windows) {
			assert.Contains(t, []int{0, 1}, plan.ScoringUser(k))
			lp, greedy := s.score(plan.Scorings[k])
			for i := range lp {
				lp[i] /= 3 // sums of which depend on their order
			}
			require.NoError(t, plan.Scored(k, lp, greedy))
		}
		assert.Equal(t, []int{1, 1, 1, 1}, times)
		assert.Equal(t, got[0], got[3])
		assert.Equal(t, got[1], got[2])
		if seed == 0 {
			first = got
		}
		assert.Equal(t, first, got)
	}
	ids := s.e.Tokenizer().Encode(long)
	assert.Equal(t, len(ids), first[0].OutputTokens)
	assert.Equal(t, 1, first[0].PromptTokens)
	assert.Zero(t, first[0].Dropped)
	view, err := s.e.View(requests[0])
	require.NoError(t, err)
	assert.Equal(t, ids, view.Tokens[view.ScoredFrom:])

	full := errors.New("full")
	plan, err := s.e.Plan(requests[:1], func(int, tasks.Response) error { return full })
	require.NoError(t, err)
	for k, q := range plan.Scorings {
		lp, greedy := s.score(q)
		err = plan.Scored(k, lp, greedy)
		if k < len(plan.Scorings)-1 {
			require.NoError(t, err, fmt.Sprint(k))
		}
	}
	require.ErrorIs(t, err, full)
}
