package graph

import "encoding/binary"

// pairs returns a block of bfloat16 as bytes.
func (s *Segment) pairs(page, layer, head, half int) []byte {
	from, to := s.block(page, layer, head, half)
	return s.pages[page].bytes[2*from : 2*to]
}

// storeAlone puts the key and value (head_dim) of a position into its segment whose partner the caller does not have: the last
// position of a batch's span may be without one.
func (n *Network) storeAlone(w *Worker, s *Segment, layer, head, position int, key, value []float32, last bool) {
	if last && position%2 == 0 {
		none := grown(&w.none, len(value))
		clear(none)
		n.storePair(w, s, layer, head, position, key, value, none)
		return
	}
	n.storeKeyBF16(w, s, layer, head, position, key)
	v := grown(&w.bf16, len(value))
	n.kernel.RoundBF16(v, value)
	if !s.storeValueBF16(layer, head, position, v) {
		s.notFinite.Store(true)
	}
}

// storePair puts the key and value of an even position into its segment, along with the value of the next one.
func (n *Network) storePair(w *Worker, s *Segment, layer, head, position int, key, value, next []float32) {
	n.storeKeyBF16(w, s, layer, head, position, key)
	if !n.kernel.PairBF16(s.valueRow(layer, head, position), value, next) {
		s.notFinite.Store(true)
	}
}

func (n *Network) storeKeyBF16(w *Worker, s *Segment, layer, head, position int, key []float32) {
	k := grown(&w.bf16, len(key))
	n.kernel.RoundBF16(k, key)
	s.storeKeyPairs(layer, head, position, k)
}

// storeKeyPairs scatters the key (head_dim), bfloat16, of a position into its column of a page.
func (s *Segment) storeKeyPairs(layer, head, position int, key []uint16) {
	at := position - s.start
	page, in := at/pageTokens, at%pageTokens
	column, stride := s.pairs(page, layer, head, 0)[4*in:], 4*s.pages[page].tokens
	for i := 0; i+1 < len(key); i += 2 {
		binary.LittleEndian.PutUint32(column[i/2*stride:], uint32(key[i])|uint32(key[i+1])<<16)
	}
}

// valueRow returns the values of a position and its partner as (head_dim, 2).
func (s *Segment) valueRow(layer, head, position int) []byte {
	at := position - s.start
	return s.pairs(at/pageTokens, layer, head, 1)[at%pageTokens/2*4*s.headDim:][:4*s.headDim]
}

// storeValueBF16 stores the value (head_dim), bfloat16, of a position beside that of its partner, which it leaves as it is,
// and tells whether it is finite.
func (s *Segment) storeValueBF16(layer, head, position int, value []uint16) bool {
	const exponent, lowest = 0x7f80, 0x80
	row, infinite := s.valueRow(layer, head, position)[position%2*2:], uint16(0)
	for i, x := range value {
		binary.LittleEndian.PutUint16(row[4*i:], x)
		infinite |= x&exponent + lowest // carries where all bits of the exponent are set
	}
	return infinite>>15 == 0
}

// keyPairs returns a page's keys as (head_dim/2, width, 2).
func (s *Segment) keyPairs(layer, head, page int) (keys []byte, width int) {
	return s.pairs(page, layer, head, 0), s.pages[page].tokens
}

// valuePairs returns a page's values as (tokens/2, head_dim, 2).
func (s *Segment) valuePairs(layer, head, page int) []byte { return s.pairs(page, layer, head, 1) }
