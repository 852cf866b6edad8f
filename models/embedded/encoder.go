package embedded

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Encoder turns requests into the tokens that a model would be fed. It needs a model's tokenizer and configuration
// but not its weights. It is a tasks.Budget.
type Encoder struct {
	tok    *tokenizer.Tokenizer
	window int
}

var _ tasks.Budget = (*Encoder)(nil)

// OpenEncoder reads the tokenizer and the configuration of a model directory. window overrides the configuration's
// number of positions where it is not 0.
func OpenEncoder(dir string, window int) (*Encoder, error) {
	return OpenEncoderAt(Location{Path: dir}, window)
}

// OpenEncoderAt is OpenEncoder for a model wherever it lies.
func OpenEncoderAt(l Location, window int) (*Encoder, error) {
	tok, err := l.Tokenizer()
	if err != nil {
		return nil, err
	}
	if window == 0 {
		c, err := l.config()
		if err != nil {
			return nil, err
		}
		window = c.MaxPositions
	}
	return &Encoder{tok: tok, window: window}, nil
}

// Tokenizer is the model's tokenizer.
func (e *Encoder) Tokenizer() *tokenizer.Tokenizer { return e.tok }

// Count is the number of tokens of text, without special tokens.
func (e *Encoder) Count(text string) int { return e.tok.Count(text) }

// Cut decodes the first n tokens of text.
func (e *Encoder) Cut(text string, n int) string {
	ids := e.tok.Encode(text)
	return e.tok.Decode(ids[:min(n, len(ids))])
}

// Window is the model's number of positions.
func (e *Encoder) Window() int { return e.window }

// EOS is the text of the model's end-of-sequence token.
func (e *Encoder) EOS() string { return e.tok.EOSText() }

// View is a request as the model sees it.
type View struct {
	// Tokens are fed to the model; those from ScoredFrom on are scored (len(Tokens) for a generation).
	Tokens     []int32
	ScoredFrom int
	// Dropped are the tokens cut from the left.
	Dropped []int32
	// Lost is the number of generated tokens that the wrapper will discard.
	Lost int
	// Window is the number of positions the protocol uses of this model.
	Window int
}

// View shows what the model would be fed for a request.
func (e *Encoder) View(q tasks.Request) (View, error) {
	g, s, err := e.prepare(q)
	if err != nil {
		return View{}, err
	}
	v := View{Window: protocols[q.Protocol].window(e.window)}
	if g != nil {
		v.Tokens, v.Dropped, v.ScoredFrom, v.Lost = g.prompt, g.cut, len(g.prompt), min(g.lose, g.max)
	} else {
		v.Tokens, v.Dropped, v.ScoredFrom = s.tokens, s.cut, s.from
	}
	return v, nil
}

// prepare plans one request: exactly one of the two plans is not nil unless there is an error.
func (e *Encoder) prepare(q tasks.Request) (*generation, *scoring, error) {
	r, known := protocols[q.Protocol]
	if !known {
		return nil, nil, fmt.Errorf("unknown protocol %q", q.Protocol)
	}
	switch q.Kind {
	case tasks.Generate:
		g, err := e.planGeneration(e.tok.Encode(q.Prompt), q, r)
		return g, nil, err
	case tasks.LogLikelihood:
		ctx, cont := e.encodePair(q.Prompt, q.Continuation, r)
		s, err := e.planScoring(ctx, cont, r)
		return nil, s, err
	}
	return nil, nil, fmt.Errorf("unknown kind of request %q", q.Kind)
}
