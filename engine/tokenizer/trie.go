package tokenizer

import "math/bits"

// trie finds the pieces that a text begins with, byte by byte. Its edges are a hash table of (node, byte) with open
// addressing.
type trie struct {
	slots []edge
	used  int
	shift uint
	ids   []int32 // by node: the piece that ends there, or none
}

// edge leads from a node along a byte to another.
type edge struct {
	key  uint32 // node<<8 | byte, plus 1; 0 is free
	node int32
}

// newTrie makes a trie with room for that many bytes of pieces.
func newTrie(size int) *trie {
	t := &trie{ids: []int32{none}}
	t.resize(size)
	return t
}

func (t *trie) resize(edges int) {
	size := 1 << bits.Len(uint(max(edges, 8)*2-1))
	old := t.slots
	t.slots, t.shift = make([]edge, size), uint(64-bits.TrailingZeros(uint(size)))
	for _, e := range old {
		if e.key != 0 {
			t.slots[t.slot(e.key)] = e
		}
	}
}

// slot returns the index of a key's slot, or of the free one where it would go.
func (t *trie) slot(key uint32) int {
	const golden = 0x9E3779B97F4A7C15
	i := int(uint64(key) * golden >> t.shift)
	for t.slots[i].key != 0 && t.slots[i].key != key {
		i = (i + 1) & (len(t.slots) - 1)
	}
	return i
}

// step returns the node behind a byte, or -1.
func (t *trie) step(node int32, b byte) int32 {
	e := t.slots[t.slot(uint32(node)<<8|uint32(b)+1)]
	if e.key == 0 {
		return -1
	}
	return e.node
}

// add enters a piece. Nodes are numbered in 24 bits: that is more than any vocabulary has bytes, and add reports false
// beyond.
func (t *trie) add(piece string, id int32) bool {
	node := int32(0)
	for i := range len(piece) {
		next := t.step(node, piece[i])
		if next < 0 {
			next = int32(len(t.ids))
			if next >= 1<<24-1 {
				return false
			}
			t.ids = append(t.ids, none)
			if t.used++; 2*t.used > len(t.slots) {
				t.resize(2 * t.used)
			}
			key := uint32(node)<<8 | uint32(piece[i]) + 1
			t.slots[t.slot(key)] = edge{key, next}
		}
		node = next
	}
	t.ids[node] = id
	return true
}
