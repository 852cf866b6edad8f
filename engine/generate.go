package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// Prompt asks for a continuation of Tokens.
type Prompt struct {
	Tokens    []int32
	MaxTokens int // most tokens to generate; 0 generates none
	// Stop, if set, is called after each generated token with all of them; true ends the sequence, the last token
	// included. It must not keep or change the slice.
	Stop func(generated []int32) bool
	// Pick, if set, chooses the next token from the logits (vocab); step counts from 0. It must not keep the slice. Nil
	// takes the largest, the lowest id of equal ones.
	Pick func(step int, logits []float32) int32
	// IgnoreEOS treats end tokens like any other and guesses none, for measurements.
	IgnoreEOS bool
}

// Generated is a continuation.
type Generated struct {
	Tokens []int32 // without the end token
	Finish string  // FinishEOS, FinishStop or FinishLength
}

// Why a continuation ended.
const (
	FinishEOS    = schedule.FinishEOS    // the model produced one of Config.EOS
	FinishStop   = schedule.FinishStop   // Prompt.Stop returned true
	FinishLength = schedule.FinishLength // Prompt.MaxTokens were produced
)

// Generate continues many prompts. All that are under way advance together, one token each; a finished one makes room
// for the next, as far as the memory for caches goes. done is called once for each prompt, as in Score. Stop, Pick and
// done are called from the calling goroutine.
//
// What several prompts have in common at their beginning is computed and kept once, unless Options.NoPrefixReuse is set.
// Where few sequences are under way, their next tokens are guessed from what they have in front of them, and verified in one
// pass, unless Options.NoDrafts is set or Pick chooses; what is generated is the same.
func (m *Model) Generate(ctx context.Context, prompts []Prompt, done func(i int, g Generated, err error) error) error {
	return m.Answer(ctx, prompts, nil, done, nil)
}

// Drafts tell what guessing the next tokens of continuations has saved since the model was loaded.
type Drafts = schedule.Counts

// Drafts returns what guessing has given so far. It waits for an answer that is under way.
func (m *Model) Drafts() Drafts {
	<-m.turn
	defer func() { m.turn <- struct{}{} }()
	if m.closed {
		return Drafts{}
	}
	return m.schedule.Counts
}

// newGeneratings checks prompts, and passes on the errors of those that cannot be continued and what needs no model.
func (m *Model) newGeneratings(prompts []Prompt, done func(i int, g Generated, err error) error) (items []*schedule.Generating, err error) {
	for i, p := range prompts {
		g, err := m.newGenerating(i, p)
		switch {
		case err != nil:
			err = done(i, Generated{}, err)
		case p.MaxTokens == 0:
			err = done(i, Generated{Tokens: []int32{}, Finish: FinishLength}, nil)
		default:
			items = append(items, g)
		}
		if err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (m *Model) newGenerating(index int, p Prompt) (*schedule.Generating, error) {
	if len(p.Tokens) == 0 {
		return nil, errors.New("empty prompt: there is nothing to continue, not even a beginning-of-text token")
	}
	if p.MaxTokens < 0 {
		return nil, fmt.Errorf("max tokens is %d", p.MaxTokens)
	}
	if err := m.checkTokens(p.Tokens); err != nil {
		return nil, err
	}
	g := &schedule.Generating{Index: index, Prompt: schedule.Prompt(p)}
	if err := m.checkLength(g.Shared(), g.Own()); err != nil {
		return nil, err
	}
	return g, nil
}
