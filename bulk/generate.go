package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/identity"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// Generator continues prompts; *embedded.Model is one.
type Generator interface {
	Tokenizer() *tokenizer.Tokenizer
	Continue(ctx context.Context, openings []embedded.Opening, done func(i int, c embedded.Continuation, err error) error) error
}

// Generating is what holds for every line that does not say otherwise.
type Generating struct {
	MaxNewTokens int
	// Sampling holds for all; the stream of random numbers is the number of the line among those not blank, from 0.
	Sampling embedded.Sampling
	// Encode turns a prompt into tokens, nil as the tokenizer does: a chat template's user turn.
	Encode func(prompt string) ([]int32, error)
}

// promptIn is a line of the input.
type promptIn struct {
	Prompt       *string `json:"prompt"`
	ContextIDs   []int32 `json:"context_ids"`
	Until        stops   `json:"until"`
	MaxNewTokens *int    `json:"max_new_tokens"`
}

// stops are stop strings: a list of them or, as lm-eval takes it, one.
type stops []string

// UnmarshalJSON reads either.
func (s *stops) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && string(b) != "null" {
		*s = stops{one}
		return nil
	}
	var list []string
	if json.Unmarshal(b, &list) != nil {
		return errors.New("until is neither a string nor an array of strings")
	}
	*s = list
	return nil
}

func (q *promptIn) check() error {
	switch {
	case q.Prompt != nil && q.ContextIDs != nil:
		return errors.New("give either prompt or context_ids, not both")
	case q.Prompt == nil && len(q.ContextIDs) == 0:
		return errors.New("neither prompt nor context_ids")
	case q.MaxNewTokens != nil && *q.MaxNewTokens < 0:
		return fmt.Errorf("max_new_tokens is %d", *q.MaxNewTokens)
	}
	return nil
}

// promptOut is an answer, without the identifier.
type promptOut struct {
	Text         string  `json:"text"`
	OutputIDs    []int32 `json:"output_ids"`
	Finish       string  `json:"finish"`
	PromptTokens int     `json:"prompt_tokens"`
}

// Generate continues a prompt a line.
func Generate(ctx context.Context, s Stream, m Generator, g Generating) (Counts, error) {
	return answer(ctx, s, kind[embedded.Opening]{
		parse: func(line []byte, n int) (o embedded.Opening, key [sha256.Size]byte, err error) {
			var q promptIn
			if err := json.Unmarshal(line, &q); err != nil {
				return o, key, err
			}
			if err := q.check(); err != nil {
				return o, key, err
			}
			if o, err = g.opening(m, q, n); err != nil {
				return o, key, err
			}
			return o, identity.Generated(o.IDs, o.Stop, o.MaxNewTokens, identity.Draw(o.Sampling)), nil
		},
		ask: func(ctx context.Context, openings []embedded.Opening, done func(i int, object []byte, err error) error) error {
			return m.Continue(ctx, openings, func(i int, c embedded.Continuation, err error) error {
				return pass(i, promptOut{c.Text, c.IDs, c.Finish, c.PromptTokens}, err, done)
			})
		},
	})
}

func (g Generating) opening(m Generator, q promptIn, n int) (o embedded.Opening, err error) {
	o = embedded.Opening{IDs: q.ContextIDs, Stop: q.Until, MaxNewTokens: g.MaxNewTokens, Sampling: g.Sampling}
	o.Sampling.Stream = uint64(n)
	switch {
	case q.Prompt != nil && g.Encode != nil:
		if o.IDs, err = g.Encode(*q.Prompt); err != nil {
			return o, err
		}
	case q.Prompt != nil:
		o.IDs = m.Tokenizer().Encode(*q.Prompt)
	}
	if q.MaxNewTokens != nil {
		o.MaxNewTokens = *q.MaxNewTokens
	}
	return o, nil
}
