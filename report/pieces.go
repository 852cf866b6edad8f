package report

import (
	"crypto/sha256"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Prompts are stored as pieces, which end at blank lines: an example that many documents have, or the article of many
// questions, stands in the page once. pieceLeast is the least length of a piece worth a number, pieceBytes the size of a
// block of them.
const (
	pieceLeast = 48
	pieceBytes = 1 << 20
)

// pieces numbers the pieces of all prompts in order of appearance and packs full blocks while more are found.
type pieces struct {
	numbers map[[16]byte]int
	block   []string
	bytes   int
	// first are the blocks' first numbers, data the blocks.
	first []int
	data  []*string
	group *errgroup.Group
}

func newPieces(group *errgroup.Group) *pieces {
	return &pieces{numbers: map[[16]byte]int{}, first: []int{}, group: group}
}

// storedText is a text as the numbers of its pieces and, between them, what is too short for a number. nil stands for the
// next piece that no text before has: of the examples that are drawn from large files half are such, and their numbers,
// which are as good as random, would be a fifth of the page.
type storedText []any

func (p *pieces) intern(text string) storedText {
	out := storedText{}
	short := ""
	for _, piece := range strings.SplitAfter(text, "\n\n") {
		if len(piece) < pieceLeast {
			short += piece
			continue
		}
		if short != "" {
			out, short = append(out, strings.Clone(short)), ""
		}
		if n, known := p.number(piece); known {
			out = append(out, n)
		} else {
			out = append(out, nil)
		}
	}
	if short != "" {
		out = append(out, strings.Clone(short))
	}
	return out
}

// number is the piece's number, and whether some text before had it.
func (p *pieces) number(piece string) (n int, known bool) {
	sum := sha256.Sum256([]byte(piece))
	key := [16]byte(sum[:16])
	if n, known = p.numbers[key]; known {
		return n, true
	}
	n = len(p.numbers)
	p.numbers[key] = n
	if len(p.block) == 0 {
		p.first = append(p.first, n)
	}
	p.block = append(p.block, strings.Clone(piece)) // the prompt around it is let go
	p.bytes += len(piece)
	if p.bytes > pieceBytes {
		p.end()
	}
	return n, false
}

// end packs the block that was begun.
func (p *pieces) end() {
	if len(p.block) == 0 {
		return
	}
	into, block := new(string), p.block
	p.data, p.block, p.bytes = append(p.data, into), nil, 0
	p.group.Go(func() (err error) {
		*into, err = squeeze(block)
		return err
	})
}
