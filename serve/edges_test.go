package serve

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestARoundEndsWithItsLastClient: while one client of a round waits, the others may go.
func TestARoundEndsWithItsLastClient(t *testing.T) {
	first, goFirst := context.WithCancel(t.Context())
	last, goLast := context.WithCancel(t.Context())
	ctx, end := whileAnyLives(t.Context(), []*job{{ctx: first}, {ctx: last}})
	defer end()
	goFirst()
	select {
	case <-ctx.Done():
		t.Fatal("one client's going ended the other's round")
	case <-time.After(50 * time.Millisecond):
	}
	goLast()
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("nobody waits any more, and the round goes on")
	}
}

// TestUsageCountsEndTokens: an end token is generated like any other.
func TestUsageCountsEndTokens(t *testing.T) {
	s := &Server{counts: &counts{}}
	u := s.count([]completion{{prompt: []int32{1, 2, 3}, tokens: []int32{4}, ended: true}, {prompt: []int32{1}, tokens: []int32{4, 5}}})
	assert.Equal(t, usage{Prompt: 4, Completion: 4, Total: 8}, u)
}

// TestCharactersComeWhole: of a character whose bytes are still arriving nothing is sent, and all of it when they are there; the
// reason of an end is the stop string that comes first in the text.
func TestCharactersComeWhole(t *testing.T) {
	m, _ := smoke(t, "", Limits{})
	tok := m.Tokenizer()
	bytes := tok.Encode("𠮷")
	bytes = bytes[len(bytes)-4:]
	plan, err := m.PlanGeneration(tok.Encode("a"), tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, MaxTokens: 8})
	require.NoError(t, err)
	require.Equal(t, "\ufffd", plan.Text(bytes[:1]), "the character is spelled in bytes")
	w := httptest.NewRecorder()
	tell := &teller{parts: completionStream{}, sent: make([]string, 1), begun: make([]bool, 1), plans: []completion{{plan: plan}}}
	tell.begin(w)
	require.NoError(t, tell.tell([][]int32{bytes[:1]}))
	require.NoError(t, tell.tell([][]int32{bytes[:3]}))
	assert.NotContains(t, w.Body.String(), "\ufffd")
	require.NoError(t, tell.tell([][]int32{bytes}))
	assert.Equal(t, 1, strings.Count(w.Body.String(), `"text":"𠮷"`), w.Body.String())

	c := completion{plan: plan, finish: engine.FinishStop, tokens: tok.Encode("one, two; three")}
	for _, stops := range [][]string{{",", ";"}, {";", ","}} {
		assert.Equal(t, ",", *c.stopReason(stops))
	}
}

// TestWhatMayBecomeAStopStringWaits: the beginning of one is sent when what follows shows that it is none, or never.
func TestWhatMayBecomeAStopStringWaits(t *testing.T) {
	m, _ := smoke(t, "", Limits{})
	tok := m.Tokenizer()
	plan, err := m.PlanGeneration(tok.Encode("a"), tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Stop: []string{", two;"}, MaxTokens: 8})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	tell := &teller{parts: completionStream{}, sent: make([]string, 1), begun: make([]bool, 1), plans: []completion{{plan: plan}}, stops: []string{", two;"}}
	tell.begin(w)
	require.NoError(t, tell.tell([][]int32{tok.Encode("one, two")}))
	assert.NotContains(t, w.Body.String(), "two")
	assert.Contains(t, w.Body.String(), "one")
	require.NoError(t, tell.tell([][]int32{tok.Encode("one, two and")}))
	assert.Contains(t, w.Body.String(), ", two and")
}

// TestPositionsAreCounted: of 64 positions a prompt and what is generated fill all, and no more; the first position predicts
// the second, so an echoed prompt of 65 tokens is answered.
func TestPositionsAreCounted(t *testing.T) {
	_, h := faked(t, &fakeEngine{}, "", Limits{})
	for _, c := range []struct {
		tokens, most int
		echo         bool
		status       int
	}{{63, 1, false, 200}, {64, 1, false, 400}, {60, 4, false, 200}, {60, 5, false, 400}, {65, 0, true, 200}, {66, 0, true, 400}} {
		prompt := make([]int32, c.tokens)
		for i := range prompt {
			prompt[i] = 50
		}
		status, text := post(t, h.URL+"/v1/completions", map[string]any{"prompt": prompt, "max_tokens": c.most, "echo": c.echo})
		assert.Equal(t, c.status, status, "%+v: %s", c, text)
	}
}

// ending is an engine to which one token is the most probable everywhere.
type ending int32

func (e ending) Answer(_ context.Context, _ []engine.Prompt, seqs []engine.Sequence, _ func(int, engine.Generated, error) error, scored func(int, engine.Scored, error) error) error {
	for i, s := range seqs {
		n := len(s.Tokens) - s.From
		out := engine.Scored{LogProbs: make([]float64, n), Greedy: make([]bool, n)}
		for range n {
			out.Best = append(out.Best, engine.Best{Token: int32(e), LogProb: -0.5})
		}
		if err := scored(i, out, nil); err != nil {
			return err
		}
	}
	return nil
}

// TestTheNextTokenMayBeTheEnd: lm-evaluation-harness asks for one token behind an echoed prompt. Where that is the end token, it
// has an entry and no text.
func TestTheNextTokenMayBeTheEnd(t *testing.T) {
	for token, want := range map[int32]string{2: "stop", 60: "length"} {
		s, h := faked(t, ending(token), "", Limits{})
		s.model.EOS = []int32{2}
		c := ask(t, h.URL, map[string]any{"prompt": []int32{50, 51}, "max_tokens": 1, "echo": true, "logprobs": 1, "return_token_ids": true}).Choices[0]
		assert.Equal(t, want, *c.Finish)
		assert.Len(t, c.LogProbs.Own, 3)
		assert.Equal(t, -0.5, *c.LogProbs.Own[2])
		assert.Equal(t, token != 2, len(c.Generated) == 1)
	}
}

// TestARoundThatBreaksAgainIsTheEnd: an engine that names nobody's item is asked once more, not for ever.
func TestARoundThatBreaksAgainIsTheEnd(t *testing.T) {
	e := &fakeEngine{do: func(int, []engine.Prompt) error {
		return &engine.ItemsError{Items: []int{7}, Err: errors.New("broken")}
	}}
	_, h := faked(t, e, "", Limits{})
	status, text := post(t, h.URL+"/v1/completions", `{"prompt":[50]}`)
	assert.Equal(t, 500, status, text)
	assert.Contains(t, text, "broken")
	assert.Len(t, e.calls, 2)
}
