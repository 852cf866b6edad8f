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

// generating is a prompt on its way through Generate, or a sequence whose keys are kept along with those of prompts.
type generating struct {
	index   int
	scoring *scoring // of a sequence: then prompt's tokens are those before the scored ones, and MaxTokens is their number
	prompt  Prompt
	tokens  []int32 // prompt and what has been generated
	leaf    *node   // keeps all but the last token or two of the prompt; nil if there are no others
	// tail keeps the rest of the prompt and the generated or scored tokens: two equal prompts need logits at different times.
	tail segment
	fed  int // tokens of the tail that have gone through the model

	row    int   // number of its last token among the wanted rows, or -1
	picked int32 // by argmax, when Pick is nil
	logits []float32
	finite bool
}

// Generate continues many prompts. All that are under way advance together, one token each; a finished one makes room
// for the next, as far as the memory for caches goes. done is called once for each prompt, as in Score. Stop, Pick and
// done are called from the calling goroutine.
//
// What several prompts have in common at their beginning is computed and kept once, unless Options.NoPrefixReuse is set.
func (m *Model) Generate(ctx context.Context, prompts []Prompt, done func(i int, g Generated, err error) error) error {
	return m.Answer(ctx, prompts, nil, done, nil)
}

// newGeneratings checks prompts, and passes on the errors of those that cannot be continued and what needs no model.
func (m *Model) newGeneratings(prompts []Prompt, done func(i int, g Generated, err error) error) (items []*generating, err error) {
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
	g := &generating{index: index, prompt: p}
	if err := m.checkLength(g.shared(), g.own()); err != nil {
		return nil, err
	}
	return g, nil
}

// shared is how many tokens of the prompt a node may keep: the last one begins the tail, or one before it, see wholePairs.
func (g *generating) shared() int { return wholePairs(len(g.prompt.Tokens) - 1) }

// own is how many tokens the tail may keep. The last generated one never goes through the model.
func (g *generating) own() int { return len(g.prompt.Tokens) - 1 - g.shared() + g.prompt.MaxTokens }

// generatingWalk is Generate's work: prompts that wait, in the order of a tree, and those that are under way.
type generatingWalk struct {
	*Model
	waiting []*generating
	active  []*generating
	stock   *pageStock
	used    int64 // bytes that the nodes and tails of active prompts may grow to
	batch   batch
	wanted  []*generating // by wanted row, those of prompts
	judge   func(i int, logits []float32)
	// The wanted rows after those, in their order, and by row the first want.
	wants     []wanted
	firstWant []int
}

func (m *Model) newGeneratingWalk(items []*generating) *generatingWalk {
	w := &generatingWalk{Model: m, stock: &m.long}
	w.stock.reset()
	w.judge = w.take
	shared, alone := w.divide(items)
	// Those that may need all memory come first, when no path is kept.
	w.line(alone, false)
	w.line(shared, true)
	return w
}

// run takes every item through the model.
func (w *generatingWalk) run(ctx context.Context, generated func(int, Generated, error) error, scored func(int, Scored, error) error) error {
	for w.admit(); len(w.active) > 0; w.admit() {
		if err := w.step(ctx); err != nil {
			return w.explain(err, len(w.active), func(i int) int { return w.active[i].item() })
		}
		if err := w.advance(generated, scored); err != nil {
			return err
		}
	}
	return nil
}

// item is what an ItemsError calls g.
func (g *generating) item() int {
	if g.scoring != nil {
		return g.scoring.item
	}
	return g.index
}

// divide tells prompts which fit the memory for caches, cut up as a tree may cut them, from those that only fit it in
// one piece.
func (w *generatingWalk) divide(items []*generating) (shared, alone []*generating) {
	if !w.reuse {
		return nil, items
	}
	t := growTree(promptsOf(items), true)
	for i, from := range t.order {
		stored := stepped(items[from].own())
		if leaf := t.leaf[i]; leaf != nil {
			stored += leaf.stored
		}
		if w.stock.bytes(stored) > w.cacheLimit {
			alone = append(alone, items[from])
		} else {
			shared = append(shared, items[from])
		}
	}
	return shared, alone
}

// promptsOf returns what prompts may share.
func promptsOf(items []*generating) [][]int32 {
	inputs := make([][]int32, len(items))
	for i, g := range items {
		inputs[i] = g.prompt.Tokens[:g.shared()]
	}
	return inputs
}

// line appends prompts to those that wait.
func (w *generatingWalk) line(items []*generating, share bool) {
	t := growTree(promptsOf(items), share)
	for i, from := range t.order {
		items[from].leaf = t.leaf[i]
		w.waiting = append(w.waiting, items[from])
	}
}

// admit adds prompts to the active ones while there is room. In the tree's order, what is kept while somebody waits is
// the path to the first that does, besides the paths of active prompts; so alone every prompt fits.
func (w *generatingWalk) admit() {
	for len(w.waiting) > 0 && len(w.active) < min(maxActive, w.batchMax) {
		g := w.waiting[0]
		need := w.stock.bytes(g.own())
		for n := g.leaf; n != nil && !n.kept; n = n.parent {
			need += w.stock.bytes(len(n.tokens))
		}
		if need > w.cacheLimit-w.used {
			return
		}
		w.used += need
		for n := g.leaf; n != nil; n = n.parent {
			n.kept = true
		}
		const most = 1 << 12 // a limit that nobody means to reach should cost nothing
		if g.scoring != nil {
			g.tokens = g.scoring.inputs
		} else {
			g.tokens = append(make([]int32, 0, len(g.prompt.Tokens)+min(g.prompt.MaxTokens, most)), g.prompt.Tokens...)
		}
		var before *segment
		if g.leaf != nil {
			before = &g.leaf.segment
		}
		g.tail.begin(before, g.own())
		w.active, w.waiting = append(w.active, g), w.waiting[1:]
	}
}

// finish gives back what only this prompt has needed.
func (w *generatingWalk) finish(g *generating) {
	w.stock.release(&g.tail)
	w.used -= w.stock.bytes(g.own())
	for n := g.leaf; n != nil; n = n.parent {
		if n.users--; n.users == 0 {
			w.stock.release(&n.segment)
			w.used -= w.stock.bytes(len(n.tokens))
		}
	}
}

// step feeds each sequence what it has not fed yet, within a batch's limit, and takes the logits of those that have fed
// everything.
func (w *generatingWalk) step(ctx context.Context) error {
	b := &w.batch
	b.reset()
	w.wanted, w.wants, w.firstWant = w.wanted[:0], w.wants[:0], w.firstWant[:0]
	for _, g := range w.active {
		if g.scoring != nil {
			continue
		}
		if err := w.feed(g.leaf); err != nil {
			return err
		}
		g.row = -1
		if g.leaf != nil && g.leaf.fed < len(g.leaf.tokens) {
			continue
		}
		at := g.tail.start + g.fed
		take := min(len(g.tokens)-at, w.batchMax-b.n)
		if take == 0 {
			continue
		}
		if err := w.stock.extend(&g.tail, g.fed+take); err != nil {
			return err
		}
		if at+take == len(g.tokens) {
			g.row = len(w.wanted)
			b.wanted, w.wanted = append(b.wanted, b.n+take-1), append(w.wanted, g)
		}
		b.add(&g.tail, at, g.tokens[at:at+take])
		g.fed += take
	}
	for _, g := range w.active {
		if g.scoring != nil {
			if err := w.feedScoring(g); err != nil {
				return err
			}
		}
	}
	w.firstWant = append(w.firstWant, len(w.wants))
	if err := w.pass.forward(ctx, b); err != nil {
		return err
	}
	if err := w.pass.logProbs(len(w.wanted), w.wants, w.firstWant); err != nil {
		return err
	}
	return w.pass.logits(len(w.wanted), w.judge)
}

// feed adds to the batch what has not gone through the model of the path to a node.
func (w *generatingWalk) feed(n *node) error {
	if n == nil || n.fed == len(n.tokens) {
		return nil
	}
	if err := w.feed(n.parent); err != nil {
		return err
	}
	b := &w.batch
	if take := min(len(n.tokens)-n.fed, w.batchMax-b.n); take > 0 {
		if err := w.stock.extend(&n.segment, n.fed+take); err != nil {
			return err
		}
		b.add(&n.segment, n.start+n.fed, n.tokens[n.fed:n.fed+take])
		n.fed += take
	}
	return nil
}

// take looks at the logits of one sequence.
func (w *generatingWalk) take(i int, logits []float32) {
	g := w.wanted[i]
	switch g.finite = w.kernel.AllFinite(logits); {
	case !g.finite:
	case g.prompt.Pick == nil:
		g.picked = int32(w.kernel.ArgMax(logits))
	default:
		g.logits = append(g.logits[:0], logits...) // Pick is called later, from one goroutine
	}
}

// advance appends the new tokens and delivers the items that end.
func (w *generatingWalk) advance(generated func(int, Generated, error) error, scored func(int, Scored, error) error) error {
	running := w.active[:0]
	for _, g := range w.active {
		var err error
		switch {
		case g.scoring == nil:
			var finish string
			if finish, err = g.advance(w.config.EOS); finish == "" && err == nil {
				running = append(running, g)
				continue
			}
			w.finish(g)
			out := Generated{}
			if err == nil {
				out = Generated{Tokens: slices.Clip(g.tokens[len(g.prompt.Tokens):]), Finish: finish}
			}
			err = generated(g.index, out, err)
		case g.fed < g.tail.length:
			running = append(running, g)
		default:
			w.finish(g)
			result, bad := g.scoring.result()
			err = scored(g.index, result, bad)
		}
		if err != nil {
			return err
		}
	}
	clear(w.active[len(running):])
	w.active = running
	return nil
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
