package schedule

import (
	"context"
	"slices"
)

// Drafting guesses the next tokens of a sequence and takes them through the network along with the last certain one. Where
// the most probable tokens turn out to be the guessed ones, one pass has given several. Bits do not depend on how tokens
// are grouped, so what is generated is what it would be without; a wrong guess costs its row and leaves nothing behind but
// keys and values that the right tokens overwrite.
//
// Guesses come from the sequence itself: its last tokens are looked for in what precedes them, and what followed there is
// proposed (prompt lookup; Saxena 2023, and the same as llama.cpp's lookup example). Extractive answers and formats with
// examples repeat much of their prompt. Or they come from a smaller network, see Follower.

const (
	// longestDraft is how many tokens are guessed at a time at most, firstDraft how many at first.
	longestDraft, firstDraft = 16, 4
	// longestKey and shortestKey are how many last tokens are looked for: the longest that has a precedent wins.
	longestKey, shortestKey = 4, 2
	// longestPause is how many passes a sequence whose guesses were wrong goes without at most.
	longestPause = 16
	// freeTokens is up to how many tokens of a batch reading the weights takes about as long as the arithmetic, so that guesses
	// cost little: on the processors of docs/performance.md a batch of eight takes 1.0 to 1.3 times as long as one token.
	freeTokens = 8
	// freeTokensStreaming is the same for each thread where a disk gives the weights.
	freeTokensStreaming = 128
)

// Counts tell what guessing has given.
type Counts struct {
	Steps   int64 // times that a sequence went through the network for its next tokens
	Tokens  int64 // tokens generated so, end tokens included
	Guessed int64 // tokens that were guessed
	Right   int64 // of these, those that the model generated
}

// drafts are the guesses of one sequence.
type drafts struct {
	tokens []int32 // those in the batch under way
	length int     // how many to make next
	wrong  int     // passes in a row whose first guess was wrong
	pause  int     // passes to go without
}

func (d *drafts) begin() { *d = drafts{tokens: d.tokens[:0], length: firstDraft} }

// judged notes how many of the guesses were right: more are made after good ones, fewer after bad ones, and none for a
// while where they keep being wrong.
func (d *drafts) judged(right int) {
	switch {
	case len(d.tokens) == 0:
		return
	case right == len(d.tokens):
		d.length = min(longestDraft, max(d.length, 2*right))
	default:
		d.length = right + 1
	}
	if right > 0 {
		d.wrong = 0
		return
	}
	d.wrong++
	d.pause = min(longestPause, 1<<(d.wrong-1)) - 1
}

// draft adds guesses to sequences under way, as many as cost little beside what the batch has already: from what precedes
// them, and where that says nothing, from the network that follows them, if there is one.
func (w *walk) draft(ctx context.Context, room int) error {
	if w.NoDrafts {
		return nil
	}
	free := freeTokens
	if w.net.Streams() {
		free = freeTokensStreaming * w.net.Pool().Size()
	}
	budget := min(room, free-(w.batchMax-room))
	for i, g := range w.tails[:w.begun] {
		each := g.guesses(budget / (w.begun - i))
		if each <= 0 {
			continue
		}
		g.drafts.tokens = precedent(g.drafts.tokens, g.tokens, each)
		if made := len(g.drafts.tokens); made > 0 || w.Follower == nil {
			budget -= made
			continue
		}
		w.Follower.ask(g, each)
		budget -= each
	}
	if w.Follower == nil {
		return nil
	}
	return w.Follower.guess(ctx, w.net.Config().VocabSize)
}

// guesses is how many guesses a sequence may have in this pass, at most most.
func (g *Generating) guesses(most int) int {
	d := &g.drafts
	if most <= 0 || g.Prompt.Pick != nil || g.Prompt.IgnoreEOS || g.tail.Start()+g.fed+g.batched < len(g.tokens) {
		return 0
	}
	if d.pause > 0 {
		d.pause--
		return 0
	}
	// The last token that may be generated does not go through the network.
	left := g.Prompt.MaxTokens - (len(g.tokens) - len(g.Prompt.Tokens)) - 1
	return min(most, d.length, left)
}

// precedent appends to d up to most tokens that followed where the last tokens of a sequence stood before; the longest key
// wins, and then the last place. What would follow the end of the sequence are the guesses themselves: a text that repeats
// itself goes on so.
func precedent(d, tokens []int32, most int) []int32 {
	for n := min(longestKey, len(tokens)-1); n >= shortestKey && most > 0; n-- {
		key := tokens[len(tokens)-n:]
		for end := len(tokens) - 1; end >= n; end-- { // of the place before end
			if tokens[end-1] != key[n-1] || !slices.Equal(tokens[end-n:end], key) {
				continue
			}
			for i := range most {
				if at := end + i; at < len(tokens) {
					d = append(d, tokens[at])
				} else {
					d = append(d, d[at-len(tokens)])
				}
			}
			return d
		}
	}
	return d
}
