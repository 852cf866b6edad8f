package tokenizer

import (
	"math"
	"math/bits"
	"unicode/utf8"
)

// never is the rank of two symbols that do not merge.
const never uint32 = math.MaxUint32

// merge is what is known of two neighbouring symbols. Symbols are token ids, or numbers from the vocabulary's size up
// for characters that are no tokens themselves but parts of longer ones.
type merge struct {
	left, right int32
	id          int32  // the token they become, or none
	rank        uint32 // lower merges first, equal ranks from left to right; never where id is none
}

// mergeTable is a hash table of pairs with open addressing. It holds every pair that merges and, with rank never, every
// pair of characters that are neighbours inside some token. Two characters whose pair is absent can therefore never end
// up in one token, so a text may be cut between them and its parts encoded alone: that keeps the parts short and the
// work linear whatever the text, without changing a single id.
type mergeTable struct {
	slots []merge
	used  int
	shift uint
}

// newMergeTable makes a table that holds that many pairs without growing.
func newMergeTable(pairs int) mergeTable {
	size := 1 << bits.Len(uint(max(pairs, 8)*2-1))
	t := mergeTable{slots: make([]merge, size), shift: uint(64 - bits.TrailingZeros(uint(size)))}
	for i := range t.slots {
		t.slots[i].left = none
	}
	return t
}

// slot returns the index of a pair's slot, or of the free one where it would go.
func (t *mergeTable) slot(left, right int32) int {
	const golden = 0x9E3779B97F4A7C15
	i := int((uint64(uint32(left))<<32 | uint64(uint32(right))) * golden >> t.shift)
	for {
		s := &t.slots[i]
		if s.left == none || s.left == left && s.right == right {
			return i
		}
		i = (i + 1) & (len(t.slots) - 1)
	}
}

// find returns the token that two symbols become with its rank, and whether they may ever share a token.
func (t *mergeTable) find(left, right int32) (id int32, rank uint32, linked bool) {
	s := &t.slots[t.slot(left, right)]
	return s.id, s.rank, s.left != none
}

// add enters a merge; a later one for the same pair replaces the earlier.
func (t *mergeTable) add(m merge) {
	i := t.slot(m.left, m.right)
	fresh := t.slots[i].left == none
	t.slots[i] = m
	if fresh {
		t.grow()
	}
}

// link enters two characters that are neighbours inside a token.
func (t *mergeTable) link(left, right int32) {
	if t.slots[t.slot(left, right)].left == none {
		t.add(merge{left: left, right: right, id: none, rank: never})
	}
}

// grow counts one more pair and keeps at least half of the slots free.
func (t *mergeTable) grow() {
	t.used++
	if 2*t.used <= len(t.slots) {
		return
	}
	larger := newMergeTable(2 * t.used)
	for _, m := range t.slots {
		if m.left != none {
			larger.slots[larger.slot(m.left, m.right)] = m
		}
	}
	larger.used = t.used
	*t = larger
}

// alphabet gives characters their symbols.
type alphabet struct {
	plane0 []int32 // by code point below U+10000
	others map[rune]int32
	extra  []rune // characters that are only parts of tokens: symbol size+i
	size   int32  // of the vocabulary
}

func newAlphabet(size int) alphabet {
	a := alphabet{plane0: make([]int32, 1<<16), others: make(map[rune]int32), size: int32(size)}
	for i := range a.plane0 {
		a.plane0[i] = none
	}
	return a
}

// symbol returns a character's symbol, or none where no token holds the character.
func (a *alphabet) symbol(r rune) int32 {
	if r < 1<<16 {
		return a.plane0[r]
	}
	if s, ok := a.others[r]; ok {
		return s
	}
	return none
}

// set gives a character the symbol of its token.
func (a *alphabet) set(r rune, symbol int32) {
	if r < 1<<16 {
		a.plane0[r] = symbol
	} else {
		a.others[r] = symbol
	}
}

// part returns a character's symbol, a new one beyond the vocabulary where it has none.
func (a *alphabet) part(r rune) int32 {
	s := a.symbol(r)
	if s == none {
		s = a.size + int32(len(a.extra))
		a.extra = append(a.extra, r)
		a.set(r, s)
	}
	return s
}

// single returns the only character of a piece.
func single(piece string) (rune, bool) {
	r, n := utf8.DecodeRuneInString(piece)
	return r, n == len(piece) && n > 0
}
