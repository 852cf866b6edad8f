package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// IgnoreEOS treats end tokens like any other, for measurements.
	IgnoreEOS bool
}

// Generated is a continuation.
type Generated struct {
	Tokens []int32 // without the end token
	Finish string  // FinishEOS, FinishStop or FinishLength
}

// Why a continuation ended.
const (
	FinishEOS    = "eos"    // the model produced one of Config.EOS
	FinishStop   = "stop"   // Prompt.Stop returned true
	FinishLength = "length" // Prompt.MaxTokens were produced
)

// maxActive bounds how many sequences decode together; well before that a step costs as much as its arithmetic.
const maxActive = 256

// generating is a prompt on its way through Generate.
type generating struct {
	index    int
	prompt   Prompt
	tokens   []int32 // prompt and what has been generated
	fed      int     // tokens that have gone through the model
	cache    cache
	reserved int64 // bytes its cache may grow to

	row    int   // of its last token in the current batch, or -1
	picked int32 // by argmax, when Pick is nil
	logits []float32
	finite bool
}

// Generate continues many prompts. All that are under way advance together, one token each; a finished one makes room
// for the next, as far as the memory for caches goes. done is called once for each prompt, as in Score. Stop, Pick and
// done are called from the calling goroutine.
func (m *Model) Generate(ctx context.Context, prompts []Prompt, done func(i int, g Generated, err error) error) error {
	if err := m.acquire(ctx); err != nil {
		return err
	}
	defer m.release()
	w := &waiting{model: m, prompts: prompts, done: done}
	stock := &pageStock{cacheShape: m.cacheShape(false)}
	var active []*generating
	for {
		var err error
		if active, err = w.admit(active); err != nil || len(active) == 0 {
			return err
		}
		if err := m.generateStep(ctx, stock, active); err != nil {
			return m.explain(err, len(active), func(i int) int { return active[i].index })
		}
		running := active[:0]
		for _, g := range active {
			finish, err := g.advance(m.config.EOS)
			if finish == "" && err == nil {
				running = append(running, g)
				continue
			}
			stock.release(&g.cache)
			w.reserved -= g.reserved
			out := Generated{}
			if err == nil {
				out = Generated{Tokens: slices.Clip(g.tokens[len(g.prompt.Tokens):]), Finish: finish}
			}
			if err := done(g.index, out, err); err != nil {
				return err
			}
		}
		clear(active[len(running):])
		active = running
	}
}

// waiting is the queue of prompts that have not begun.
type waiting struct {
	model    *Model
	prompts  []Prompt
	done     func(i int, g Generated, err error) error
	next     int
	first    *generating // prompts[next], when it has been looked at and found too large for now
	reserved int64       // bytes of the caches of those that have begun and not ended
}

// admit adds prompts to the active ones while there is room. Prompts that need no computation or cannot have any are
// answered on the spot.
func (w *waiting) admit(active []*generating) ([]*generating, error) {
	for w.next < len(w.prompts) && len(active) < min(maxActive, w.model.batchMax) {
		if w.first == nil {
			g, err := w.model.newGenerating(w.next, w.prompts[w.next])
			if err != nil {
				if err := w.done(w.next, Generated{}, err); err != nil {
					return nil, err
				}
				w.next++
				continue
			}
			w.first = g
		}
		if w.first.prompt.MaxTokens == 0 {
			if err := w.done(w.next, Generated{Tokens: []int32{}, Finish: FinishLength}, nil); err != nil {
				return nil, err
			}
		} else {
			if w.first.reserved > w.model.cacheLimit-w.reserved {
				return active, nil // until others have ended; alone it fits, newGenerating has checked that
			}
			w.reserved += w.first.reserved
			active = append(active, w.first)
		}
		w.first, w.next = nil, w.next+1
	}
	return active, nil
}

func (m *Model) newGenerating(index int, p Prompt) (*generating, error) {
	if len(p.Tokens) == 0 {
		return nil, errors.New("empty prompt: there is nothing to continue, not even a beginning-of-text token")
	}
	if p.MaxTokens < 0 {
		return nil, fmt.Errorf("max tokens is %d", p.MaxTokens)
	}
	if err := m.checkTokens(p.Tokens); err != nil {
		return nil, err
	}
	n := len(p.Tokens) + p.MaxTokens - 1 // the last generated token is never fed
	if n < len(p.Tokens) && p.MaxTokens > 0 {
		n = maxPosition + 1 // overflow
	}
	if err := m.checkLength(n); err != nil {
		return nil, err
	}
	return &generating{index: index, prompt: p, tokens: slices.Clone(p.Tokens), reserved: m.cacheShape(false).bytes(n)}, nil
}

// generateStep feeds each sequence what it has not fed yet, within a batch's limit, and takes the logits of those that
// have fed everything.
func (m *Model) generateStep(ctx context.Context, stock *pageStock, active []*generating) error {
	b := &batch{}
	var complete []*generating
	var rows []int
	for _, g := range active {
		end := min(len(g.tokens), g.fed+m.batchMax-b.n)
		g.row = -1
		if end == g.fed {
			continue
		}
		stock.extend(&g.cache, end)
		b.add(&g.cache, g.fed, g.tokens[g.fed:end])
		if g.fed = end; end == len(g.tokens) {
			g.row = b.n - 1
			complete, rows = append(complete, g), append(rows, g.row)
		}
	}
	p, err := m.forward(ctx, b)
	if err != nil {
		return err
	}
	p.logits(rows, func(i int, logits []float32) {
		g := complete[i]
		switch g.finite = m.kernel.AllFinite(logits); {
		case !g.finite:
		case g.prompt.Pick == nil:
			g.picked = int32(m.kernel.ArgMax(logits))
		default:
			g.logits = append(g.logits[:0], logits...) // Pick is called later, from one goroutine
		}
	})
	return p.err
}

// advance appends the next token, if its logits are there, and returns why the sequence ends, or "" when it goes on.
func (g *generating) advance(eos []int32) (finish string, err error) {
	if g.row < 0 {
		return "", nil
	}
	step := len(g.tokens) - len(g.prompt.Tokens)
	if !g.finite {
		return "", fmt.Errorf("%w after %d generated tokens", ErrNotFinite, step)
	}
	token := g.picked
	if g.prompt.Pick != nil {
		if token = g.prompt.Pick(step, g.logits); token < 0 || int(token) >= len(g.logits) {
			return "", fmt.Errorf("picked token %d is outside the vocabulary of %d", token, len(g.logits))
		}
	}
	if !g.prompt.IgnoreEOS && slices.Contains(eos, token) {
		return FinishEOS, nil
	}
	g.tokens = append(g.tokens, token)
	generated := g.tokens[len(g.prompt.Tokens):]
	if g.prompt.Stop != nil && g.prompt.Stop(generated) {
		return FinishStop, nil
	}
	if len(generated) == g.prompt.MaxTokens {
		return FinishLength, nil
	}
	return "", nil
}
