package schedule

import (
	"context"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// Follower is a smaller network that guesses what a larger one generates. It goes through the prompt of each sequence and
// whatever the larger network has decided, with keys and values of its own, and proposes what it would say itself.
//
// Two networks should know the same tokens by the same numbers; if they do not, guesses are wrong and nothing else is.
type Follower struct {
	*Scheduler
	most     int // positions that the network has
	used     int64
	follows  map[*Generating]*follow
	asked    []*follow // of this round
	judged   []*follow // those of the batch whose logits pick a token, in the order of rows
	judgeRow func(i int, logits []float32)
}

// follow is a sequence as the smaller network knows it.
type follow struct {
	of     *Generating
	tail   graph.Segment
	tokens []int32 // what it knows, guesses at the end
	fed    int     // of these, that have gone through the network
	want   int     // guesses to make
	made   int
	next   int32 // the most probable token, if the batch has its row
}

// NewFollower returns a follower with a scheduler that nothing else uses meanwhile.
func NewFollower(s *Scheduler) *Follower {
	f := &Follower{Scheduler: s, most: s.net.Config().MaxPositions, follows: make(map[*Generating]*follow)}
	f.judgeRow = func(i int, logits []float32) { f.judged[i].next = int32(s.net.Kernel().ArgMax(logits)) }
	return f
}

// Reset forgets all sequences. A walk begins with it.
func (f *Follower) Reset() {
	clear(f.follows)
	f.used = 0
	f.full.Reset()
}

// ask takes a sequence on for this round, which wants some guesses. Where the network is too short for it, or there is no
// memory for its keys, it gets none.
func (f *Follower) ask(g *Generating, want int) {
	x := f.follows[g]
	if x == nil {
		length := len(g.Prompt.Tokens) + g.Prompt.MaxTokens
		if need := f.full.Bytes(length); length <= f.most && need <= f.cacheLimit-f.used {
			f.used += need
			x = &follow{of: g}
			x.tail.Begin(nil, length)
			f.follows[g] = x
		}
	}
	if x == nil || want <= 0 {
		return
	}
	// What was guessed and decided otherwise is fed again, and the last token in any case: its logits are what is wanted.
	same := 0
	for same < min(x.fed, len(g.tokens)-1) && x.tokens[same] == g.tokens[same] {
		same++
	}
	x.tokens, x.fed, x.want, x.made = append(x.tokens[:same], g.tokens[same:]...), same, want, 0
	f.asked = append(f.asked, x)
}

// guess makes the guesses of this round and gives them to the sequences, as far as the larger network knows the tokens.
func (f *Follower) guess(ctx context.Context, vocab int) error {
	defer func() { f.asked = f.asked[:0] }()
	for f.fill() {
		if err := f.pass.Forward(ctx, &f.batch); err != nil {
			return err
		}
		if err := f.pass.Logits(0, len(f.judged), f.judgeRow); err != nil {
			return err
		}
		for _, x := range f.judged {
			x.tokens, x.made = append(x.tokens, x.next), x.made+1
		}
	}
	for _, x := range f.asked {
		for _, token := range x.tokens[len(x.tokens)-x.made:] {
			if int(token) >= vocab {
				break
			}
			x.of.drafts.tokens = append(x.of.drafts.tokens, token)
		}
	}
	return nil
}

// fill makes the next batch, of tokens that the network has not seen, and reports whether there are any.
func (f *Follower) fill() bool {
	f.batch.Reset()
	f.judged = f.judged[:0]
	for _, x := range f.asked {
		take := min(len(x.tokens)-x.fed, f.batchMax-f.batch.Len())
		if take == 0 || x.made == x.want || f.full.Extend(&x.tail, x.fed+take) != nil {
			continue // without memory for it there is one guess less
		}
		f.batch.Add(&x.tail, x.fed, x.tokens[x.fed:x.fed+take])
		if x.fed += take; x.fed == len(x.tokens) {
			f.batch.Want(f.batch.Len() - 1)
			f.judged = append(f.judged, x)
		}
	}
	return f.batch.Len() > 0
}

// forget gives back what a sequence has needed.
func (f *Follower) forget(g *Generating) {
	if x := f.follows[g]; x != nil {
		f.full.Release(&x.tail)
		f.used -= f.full.Bytes(x.tail.Len())
		delete(f.follows, g)
	}
}
