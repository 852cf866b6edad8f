package wrapper

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Encoder turns requests into the tokens that a model is fed, and tokens into text. It needs a model's tokenizer and
// its number of positions, but not the model. It is a tasks.Budget.
type Encoder struct {
	tok    *tokenizer.Tokenizer
	window int
	family tasks.Family
}

var _ tasks.Budget = (*Encoder)(nil)

// NewEncoder returns the encoder of a model that has so many positions.
func NewEncoder(tok *tokenizer.Tokenizer, positions int) *Encoder {
	return &Encoder{tok: tok, window: positions}
}

// Of returns the encoder with what is known of the model beside its tokenizer, which the later wrappers look at.
func (e *Encoder) Of(f tasks.Family) *Encoder {
	of := *e
	of.family = f
	return &of
}

// opening is what a wrapper puts before a text of its own accord: one token or none.
func (e *Encoder) opening(r tasks.Rules) []int32 {
	if r.BOS == tasks.OpenNever || r.Special { // a chat template writes its own
		return nil
	}
	family := e.family
	family.AddsBOS = e.tok.AddsBOS()
	if bos, ok := e.tok.BOS(); ok && r.BOS.Opens(family) {
		return []int32{bos}
	}
	return nil
}

// Opening is the number of tokens that a wrapper puts before a text.
func (e *Encoder) Opening(p tasks.Protocol) int {
	r, _ := p.Rules()
	return len(e.opening(r))
}

// Tokenizer is the model's tokenizer.
func (e *Encoder) Tokenizer() *tokenizer.Tokenizer { return e.tok }

// Budget is the encoder itself: an eval.Model that embeds it has its budget.
func (e *Encoder) Budget() tasks.Budget { return e }

// Pieces are the token strings of a text, for the metrics that count in them.
func (e *Encoder) Pieces(text string) []string { return e.tok.Pieces(text) }

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
	if r, _ := q.Protocol.Rules(); r.Rolling && q.Kind == tasks.LogLikelihood {
		begin, text, err := e.EncodePair(q.Prompt, q.Continuation, q.Protocol)
		return View{Tokens: append(begin, text...), ScoredFrom: len(begin), Window: r.Window(e.window)}, err
	}
	g, s, err := e.Prepare(q)
	if err != nil {
		return View{}, err
	}
	if g != nil {
		return View{Tokens: g.Prompt, Dropped: g.cut, ScoredFrom: len(g.Prompt), Lost: min(g.lose, g.Max), Window: g.rules.Window(e.window)}, nil
	}
	return View{Tokens: s.Tokens, Dropped: s.cut, ScoredFrom: s.From, Window: s.window}, nil
}

// Prepare plans one request under its protocol's rules: exactly one of the two plans is not nil unless there is an error.
func (e *Encoder) Prepare(q tasks.Request) (*Generation, *Scoring, error) {
	switch q.Kind {
	case tasks.Generate:
		r, err := rulesOf(q.Protocol)
		if err != nil {
			return nil, nil, err
		}
		g, err := e.PlanGeneration(append(e.opening(r), e.encode(q.Prompt, r)...), q)
		return g, nil, err
	case tasks.LogLikelihood:
		ctx, cont, err := e.EncodePair(q.Prompt, q.Continuation, q.Protocol)
		if err != nil {
			return nil, nil, err
		}
		s, err := e.PlanScoring(ctx, cont, q.Protocol)
		return nil, s, err
	}
	if _, err := rulesOf(q.Protocol); err != nil {
		return nil, nil, err
	}
	return nil, nil, fmt.Errorf("unknown kind of request %q", q.Kind)
}

// rolling plans a request whose text is scored in windows; nil is any other, and a text that fits.
func (e *Encoder) rolling(q tasks.Request) ([]*Scoring, error) {
	r, ok := q.Protocol.Rules()
	if !ok || !r.Rolling || q.Kind != tasks.LogLikelihood {
		return nil, nil
	}
	begin, text, err := e.EncodePair(q.Prompt, q.Continuation, q.Protocol)
	if err != nil || len(begin) != 1 || len(text) <= r.Window(e.window) {
		return nil, err
	}
	return e.windows(begin[0], text, q.Protocol, r.Window(e.window))
}

// rulesOf finds a protocol's rules.
func rulesOf(p tasks.Protocol) (tasks.Rules, error) {
	r, known := p.Rules()
	if !known {
		return r, fmt.Errorf("unknown protocol %q", p)
	}
	return r, nil
}

// EncodePair turns context and continuation into tokens by a protocol's rule. Where the rule encodes them apart, an
// empty context becomes the end-of-sequence token, as the harness has it.
func (e *Encoder) EncodePair(context, continuation string, p tasks.Protocol) (ctx, cont []int32, err error) {
	r, err := rulesOf(p)
	if err != nil {
		return nil, nil, err
	}
	if bos, ok := e.tok.BOS(); ok && r.BeginsEmpty && context == "" {
		return []int32{bos}, e.tok.Encode(continuation), nil
	}
	switch {
	case r.Joint && r.Special:
		ctx, cont = e.tok.EncodeSpecialPair(context, continuation)
		return ctx, cont, nil
	case r.Joint:
		ctx, cont = e.tok.EncodePair(context, continuation)
		if r.ScoreAlone && len(cont) == 0 {
			cont = e.tok.Encode(continuation)
		}
		return append(e.opening(r), ctx...), cont, nil
	}
	ctx, cont = e.encode(context, r), e.tok.Encode(continuation)
	if eos, ok := e.tok.EOS(); ok && context == "" {
		ctx = []int32{eos}
	}
	return ctx, cont, nil
}

// encode turns a prompt into tokens.
func (e *Encoder) encode(prompt string, r tasks.Rules) []int32 {
	if r.Special {
		return e.tok.EncodeSpecial(prompt)
	}
	return e.tok.Encode(prompt)
}
