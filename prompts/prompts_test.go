package prompts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// three is a task of three documents, each with one example and two requests.
type three struct{ fault string }

func (three) Spec() tasks.Spec { return tasks.Spec{Name: "three", Protocol: tasks.HarnessEN} }

func (d three) Docs(src tasks.Source, shots int, _ tasks.Budget) (docs []tasks.Doc, err error) {
	if src != nil {
		return nil, errors.New("no data")
	}
	for i := range 3 {
		docs = append(docs, tasks.Doc{ID: tasks.RowID(int64(i)), Shots: []tasks.Doc{{ID: tasks.RowID(int64(10 + shots))}}, Target: "t", Targets: []string{fmt.Sprint("right ", i)}, Fault: d.fault})
	}
	return docs, nil
}

func (three) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{
		{Kind: tasks.Generate, Protocol: tasks.HarnessEN, Prompt: "ab ab ab ab " + d.ID.String(), MaxTokens: 3, Stop: []string{"\n"}},
		{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: "ab", Continuation: " c" + d.ID.String()},
	}
}

func (three) Outputs(tasks.Doc, []tasks.Response) []string { return nil }

// none is a source of nothing.
type none struct{ tasks.Source }

// TestFirst yields as many documents as are counted, in their order, and stops where it is told to.
func TestFirst(t *testing.T) {
	a := Asked{Task: three{}, Shots: 4, Budget: tasks.Unlimited{}}
	var got []Line
	keep := func(l Line) error { got = append(got, l); return nil }
	require.NoError(t, a.First(t.Context(), func(total int) int { return total - 1 }, keep))
	require.Len(t, got, 2)
	for i, l := range got {
		assert.Equal(t, i, l.Position)
		assert.Equal(t, tasks.RowID(int64(i)), l.DocID)
		assert.Equal(t, []tasks.DocID{tasks.RowID(14)}, l.ShotIDs)
		assert.Equal(t, 4, l.Shots)
		assert.Len(t, l.Requests, 2)
		assert.Equal(t, []string{fmt.Sprint("right ", i)}, l.Targets)
	}
	full := errors.New("full")
	all := func(total int) int { return total }
	assert.Equal(t, full, a.First(t.Context(), all, func(Line) error { return full }))
	ctx, cancel := context.WithCancel(t.Context())
	got = nil
	assert.ErrorIs(t, a.First(ctx, all, func(l Line) error { cancel(); return keep(l) }), context.Canceled)
	assert.Len(t, got, 1)
	a.Source = none{}
	assert.EqualError(t, a.First(t.Context(), all, keep), "three: no data")
}

// TestAt finds one document, or says which there are.
func TestAt(t *testing.T) {
	a := Asked{Task: three{}, Budget: tasks.Unlimited{}}
	l, err := a.At(2)
	require.NoError(t, err)
	assert.Equal(t, tasks.RowID(2), l.DocID)
	assert.Equal(t, 2, l.Position)
	_, err = a.At(3)
	assert.EqualError(t, err, "three: there are positions 0..2, not 3")
}

// TestNoExamplesAreAList: programs read an empty list, not null.
func TestNoExamplesAreAList(t *testing.T) {
	b, err := json.Marshal(Asked{Task: three{}}.line(0, tasks.Doc{ID: tasks.RowID(0)}))
	require.NoError(t, err)
	assert.Contains(t, string(b), `"shot_ids":[]`)
}

// TestText shows requests without a model as they stand, with an end mark and without a control character.
func TestText(t *testing.T) {
	l, err := Asked{Task: three{fault: "wrong\x1b"}, Shots: 1, Budget: tasks.Unlimited{}}.At(1)
	require.NoError(t, err)
	l.Requests[0].Prompt = "a\x1b[2J "
	var b strings.Builder
	require.NoError(t, View{}.Write(&b, l, tasks.HarnessEN))
	assert.NotContains(t, b.String(), "\x1b")
	for _, part := range []string{
		"three position 1   document 1   1 shots   protocol " + string(tasks.HarnessEN) + "\nwrong",
		"--- request 0: " + string(tasks.Generate) + ", at most 3 tokens, until [\"\\n\"] ---\na",
		" ⏎\n", "--- request 1: ", "ab⏎\n[scored:]  c1⏎\n", "--- scored against ---\n[\"right 1\"]\n",
	} {
		assert.Contains(t, b.String(), part)
	}
}

// TestWindow shows what a model's window cuts off, and the tokens by number and piece.
func TestWindow(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	e := wrapper.NewEncoder(tok, 260)
	l, err := Asked{Task: three{}, Budget: e}.At(1)
	require.NoError(t, err)
	view, err := e.View(l.Requests[0])
	require.NoError(t, err)
	require.NotEmpty(t, view.Dropped, "the prompt is too long")
	var text, listed strings.Builder
	require.NoError(t, View{Encoder: e}.Write(&text, l, tasks.HarnessEN))
	assert.Contains(t, text.String(), fmt.Sprintf("%d tokens fed (window %d), no BOS; %d tokens dropped from the left; the first %d generated tokens are discarded\n[dropped:]\n%s⏎\n[seen:]\n",
		len(view.Tokens), view.Window, len(view.Dropped), view.Lost, tok.Decode(view.Dropped)))
	assert.Contains(t, text.String(), "[scored:]")
	require.NoError(t, View{Encoder: e, Tokens: true}.Write(&listed, l, tasks.HarnessEN))
	assert.NotContains(t, listed.String(), "[dropped:]")
	assert.Contains(t, listed.String(), fmt.Sprintf("dropped:\n  %d %s", view.Dropped[0], tok.Piece(view.Dropped[0])))
	assert.Contains(t, listed.String(), "prompt:\n  ")
	assert.Contains(t, listed.String(), "scored:\n  ")
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

// TestFullDisk: that a document could not be printed is an error.
func TestFullDisk(t *testing.T) {
	l, err := Asked{Task: three{}, Budget: tasks.Unlimited{}}.At(0)
	require.NoError(t, err)
	assert.ErrorContains(t, View{}.Write(full{}, l, tasks.HarnessEN), "no space")
}
