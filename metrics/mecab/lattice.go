package mecab

import (
	"math"
	"strings"
)

// maxGroup is MeCab's max-grouping-size: a run of one kind with more characters than this after its first makes no
// unknown word as a whole.
const maxGroup = 24

// none ends a linked list of nodes.
const none = -1

// node is a word in the lattice, reached by its best path.
type node struct {
	// begin and end delimit the word in the text, in bytes; white space before it is outside.
	begin, end int32
	// cost of the best path from the start of the text up to and with the word.
	cost int64
	// prev is the word before it on that path, sibling the next in the list of words with the same end.
	prev, sibling int32
	// right is the word's right context.
	right int16
}

// candidate is a word that may begin at the position under work.
type candidate struct {
	end int
	morph
}

// lattice holds all words of one text on their best paths.
type lattice struct {
	g    *Segmenter
	text string
	// spelled is text in the dictionary's spelling, byte for byte at the same places.
	spelled string
	// nodes begins with the node that stands for the start of the text.
	nodes []node
	// ending[i] heads the list of the nodes that end at byte i, the one added last first.
	ending []int32
	// candidates is scratch space of extend.
	candidates []candidate
}

// newLattice builds the lattice of text from left to right.
func newLattice(g *Segmenter, text string) *lattice {
	l := &lattice{
		g:       g,
		text:    text,
		spelled: respelled(text),
		nodes:   make([]node, 1, 16+2*len(text)),
		ending:  make([]int32, len(text)+1),
	}
	for i := range l.ending {
		l.ending[i] = none
	}
	l.nodes[0] = node{prev: none, sibling: none}
	l.ending[0] = 0
	for i := range len(text) {
		if l.ending[i] != none {
			l.extend(i)
		}
	}
	return l
}

// extend adds the words that may follow the words ending at byte pos.
//
// MeCab keeps candidates and endings as lists it only adds to at the head, and of equal costs takes the first it meets.
// Both orders are kept here, since they decide ties: candidates are taken last first, and each becomes the head of its
// list of endings.
func (l *lattice) extend(pos int) {
	begin := pos
	var info charInfo
	var size int
	for {
		if begin == len(l.text) {
			return // Only white space is left, which no word ends in.
		}
		info, size = l.g.char(l.text[begin:])
		if info.kinds&(1<<catSpace) == 0 {
			break
		}
		begin += size
	}
	l.candidates = l.candidates[:0]
	l.known(begin)
	if len(l.candidates) == 0 || categories[info.first].invoke {
		l.unknown(begin, info, size)
	}
	for i := len(l.candidates) - 1; i >= 0; i-- {
		c := l.candidates[i]
		prev, cost := l.best(pos, c.left)
		l.nodes = append(l.nodes, node{
			begin:   int32(begin),
			end:     int32(c.end),
			cost:    cost + int64(c.cost),
			prev:    prev,
			sibling: l.ending[c.end],
			right:   c.right,
		})
		l.ending[c.end] = int32(len(l.nodes) - 1)
	}
}

// known adds the dictionary's words that begin at byte begin, the shortest first.
func (l *lattice) known(begin int) {
	if strings.HasPrefix(l.text[begin:], poundInMeCab) {
		for _, id := range l.g.index.Search(poundInDict) {
			l.addKnown(begin+len(poundInMeCab), id)
		}
		return
	}
	l.g.index.CommonPrefixSearchCallback(l.spelled[begin:], func(id, size int) { l.addKnown(begin+size, id) })
}

// addKnown adds the dictionary's entry id as a word that ends at byte end.
func (l *lattice) addKnown(end, id int) {
	m := l.g.morphs[id]
	l.candidates = append(l.candidates, candidate{end, morph{m.LeftID, m.RightID, m.Weight}})
}

// unknown adds words the dictionary need not know. They begin at byte begin with a character of the given categories
// and size.
func (l *lattice) unknown(begin int, info charInfo, size int) {
	c := &categories[info.first]
	end := begin + size
	group := none
	if c.group {
		var further int
		group, further = l.run(end, info)
		if further <= maxGroup {
			l.add(group, c)
		}
	}
	for range c.length {
		if end == group {
			break // The whole run is there already.
		}
		l.add(end, c)
		if end == len(l.text) {
			break
		}
		next, size := l.g.char(l.text[end:])
		if !info.kindOf(next) {
			break
		}
		end += size
	}
	if len(l.candidates) == 0 {
		l.add(end, c)
	}
}

// run follows a run of one kind from byte pos, where info describes the character before, to its end, and counts the
// characters. Kinds may change on the way: only neighbours need to share one. It stops counting beyond maxGroup.
func (l *lattice) run(pos int, info charInfo) (end, count int) {
	for pos < len(l.text) && count <= maxGroup {
		next, size := l.g.char(l.text[pos:])
		if !info.kindOf(next) {
			break
		}
		info = next
		pos += size
		count++
	}
	return pos, count
}

// add adds the unknown words of one category that end at byte end.
func (l *lattice) add(end int, c *category) {
	for _, m := range c.unknown {
		l.candidates = append(l.candidates, candidate{end, m})
	}
}

// best returns the node ending at byte pos from which a word with the given left context is reached at the least cost,
// and that cost without the word's own. Some node must end there.
func (l *lattice) best(pos int, left int16) (prev int32, cost int64) {
	row := l.g.matrix[int(left)*l.g.stride:][:l.g.stride]
	prev, cost = none, math.MaxInt64
	for i := l.ending[pos]; i != none; i = l.nodes[i].sibling {
		n := &l.nodes[i]
		if c := n.cost + int64(row[n.right]); c < cost {
			prev, cost = i, c
		}
	}
	return prev, cost
}

// endContext is the context of the two ends of a text.
const endContext = 0

// words reads the best path off the finished lattice. Where white space ends the text the path ends before it.
func (l *lattice) words() []string {
	end := len(l.text)
	for l.ending[end] == none {
		end--
	}
	last, _ := l.best(end, endContext)
	n := 0
	for i := last; i != 0; i = l.nodes[i].prev {
		n++
	}
	words := make([]string, n)
	for i := last; i != 0; i = l.nodes[i].prev {
		n--
		words[n] = l.text[l.nodes[i].begin:l.nodes[i].end]
	}
	return words
}
