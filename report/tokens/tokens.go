// Package tokens shows the requests of a run as the tokens of its model, for a report.
package tokens

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/report"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Runs shows requests as the tokens of a run's model. It is a report.Tokens.
type Runs struct {
	// encoders are by number of positions, which is each run's own.
	encoders map[int]*wrapper.Encoder
	digest   string
}

var _ report.Tokens = (*Runs)(nil)

// New shows requests with the encoders that open gives for a number of positions, each run's own.
func New(windows []int, open func(window int) (*wrapper.Encoder, error)) (*Runs, error) {
	t := &Runs{encoders: map[int]*wrapper.Encoder{}}
	for _, window := range windows {
		if t.encoders[window] != nil {
			continue
		}
		e, err := open(window)
		if err != nil {
			return nil, err
		}
		t.encoders[window], t.digest = e, e.Tokenizer().Digest()
	}
	return t, nil
}

// Digest is that of the tokenizer.
func (t *Runs) Digest() string { return t.digest }

// Of tokenizes a request as the run did. What the run recorded must come out again: a report must not show boundaries
// that were not there.
func (t *Runs) Of(run results.Run, _ string, x results.Exchange) (*report.TokenView, error) {
	if run.Model.TokenizerDigest != t.digest {
		return nil, nil
	}
	e := t.encoders[run.Model.Window]
	v, err := e.View(tasks.Request{
		Kind: tasks.Kind(x.Kind), Protocol: tasks.Protocol(x.Protocol), Prompt: x.Prompt, Continuation: x.Continuation, Stop: x.Until, MaxTokens: x.MaxGenToks,
	})
	if err != nil {
		return nil, err
	}
	if n := len(v.Dropped) + v.ScoredFrom; n != x.PromptTokens || len(v.Dropped) != x.Dropped {
		return nil, fmt.Errorf("--model makes %d tokens of the prompt and drops %d, the run recorded %d and %d", n, len(v.Dropped), x.PromptTokens, x.Dropped)
	}
	ids := append(slices.Clone(v.Dropped), v.Tokens...)
	tok := e.Tokenizer()
	out := &report.TokenView{Text: tok.DecodeRaw(ids), Dropped: len(v.Dropped), ScoredFrom: len(v.Dropped) + v.ScoredFrom}
	sum := 0
	for _, id := range ids {
		n := spelledBytes(tok, id)
		sum += n
		out.Lengths = append(out.Lengths, n)
	}
	if sum != len(out.Text) {
		return nil, fmt.Errorf("its %d tokens spell %d bytes, their text has %d", len(ids), sum, len(out.Text))
	}
	return out, nil
}

// spelledBytes is how many bytes of the decoded text a token stands for. A token that spells no character by itself
// stands for the bytes that its piece names.
func spelledBytes(tok *tokenizer.Tokenizer, id int32) int {
	if tok.IsByte(id) {
		return 1
	}
	text := tok.DecodeRaw([]int32{id})
	if !strings.ContainsRune(text, utf8.RuneError) {
		return len(text)
	}
	return utf8.RuneCountInString(tok.Piece(id)) // a byte-level piece has a letter a byte
}
