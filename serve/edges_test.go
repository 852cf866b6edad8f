package serve

import (
	"context"
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
