package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	htmlreport "github.com/swallow-eval/swallow-eval/report"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// runTokens shows requests as the tokens of a run's model. It is a htmlreport.Tokens.
type runTokens struct {
	// encoders are by number of positions, which is each run's own.
	encoders map[int]*wrapper.Encoder
	digest   string
}

var _ htmlreport.Tokens = (*runTokens)(nil)

// tokens opens the tokenizer of --model, which must be that of at least one run. It is nil where --model can have been
// given to score another program's outputs, which do not say what tokenizer they are of.
func (f *reportFlags) tokens(ctx context.Context, c console, runs []side) (*runTokens, error) {
	place, _, err := f.stored.local(ctx, c, encoderOnly)
	if err != nil {
		return nil, err
	}
	t := &runTokens{encoders: map[int]*wrapper.Encoder{}}
	for _, r := range runs {
		window := r.Run.Model.Window
		if t.encoders[window] != nil {
			continue
		}
		e, err := embedded.OpenEncoderAt(place, window)
		if err != nil {
			return nil, fmt.Errorf("--model: %w", err)
		}
		t.encoders[window], t.digest = e, e.Tokenizer().Digest()
	}
	if !slices.ContainsFunc(runs, func(r side) bool { return r.Run.Model.TokenizerDigest == t.digest }) {
		if slices.ContainsFunc(runs, func(r side) bool { return r.metrics != nil }) {
			return nil, nil
		}
		return nil, fmt.Errorf("--model %s: its tokenizer (%s) is that of no run (%s has %s)", f.stored.model, t.digest, runs[0].Name, runs[0].Run.Model.TokenizerDigest)
	}
	return t, nil
}

// Of tokenizes a request as the run did. What the run recorded must come out again: a report must not show boundaries
// that were not there.
func (t *runTokens) Of(run results.Run, _ string, x results.Exchange) (*htmlreport.TokenView, error) {
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
	out := &htmlreport.TokenView{Text: tok.DecodeRaw(ids), Dropped: len(v.Dropped), ScoredFrom: len(v.Dropped) + v.ScoredFrom}
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
