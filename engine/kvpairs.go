package engine

import "encoding/binary"

// pairs returns a block of bfloat16 as bytes.
func (s *segment) pairs(page, layer, head, half int) []byte {
	from, to := s.block(page, layer, head, half)
	return s.pages[page].bytes[2*from : 2*to]
}

// store puts the key and value (head_dim) of a position into its segment. In bfloat16, the last position of a batch's span
// may be without a partner.
func (m *Model) store(w *worker, s *segment, layer, head, position int, key, value []float32, last bool) {
	switch {
	case !m.halves():
		s.storeKey(layer, head, position, key)
		s.storeValue(layer, head, position, value)
		if !m.kernel.AllFinite(value) {
			s.broken.Store(true)
		}
	case last && position%2 == 0:
		none := grown(&w.none, len(value))
		clear(none)
		m.storePair(w, s, layer, head, position, key, value, none)
	default:
		m.storeHalfKey(w, s, layer, head, position, key)
		v := grown(&w.half, len(value))
		m.kernel.RoundBF16(v, value)
		if !s.storeHalfValue(layer, head, position, v) {
			s.broken.Store(true)
		}
	}
}

// storePair is store in bfloat16 for an even position, along with the value of the next one.
func (m *Model) storePair(w *worker, s *segment, layer, head, position int, key, value, next []float32) {
	m.storeHalfKey(w, s, layer, head, position, key)
	if !m.kernel.PairBF16(s.valueRow(layer, head, position), value, next) {
		s.broken.Store(true)
	}
}

func (m *Model) storeHalfKey(w *worker, s *segment, layer, head, position int, key []float32) {
	k := grown(&w.half, len(key))
	m.kernel.RoundBF16(k, key)
	s.storeKeyPairs(layer, head, position, k)
}

// storeKeyPairs scatters the key (head_dim), bfloat16, of a position into its column of a page.
func (s *segment) storeKeyPairs(layer, head, position int, key []uint16) {
	at := position - s.start
	page, in := at/pageTokens, at%pageTokens
	column, stride := s.pairs(page, layer, head, 0)[4*in:], 4*s.pages[page].tokens
	for i := 0; i+1 < len(key); i += 2 {
		binary.LittleEndian.PutUint32(column[i/2*stride:], uint32(key[i])|uint32(key[i+1])<<16)
	}
}

// valueRow returns the values of a position and its partner as (head_dim, 2).
func (s *segment) valueRow(layer, head, position int) []byte {
	at := position - s.start
	return s.pairs(at/pageTokens, layer, head, 1)[at%pageTokens/2*4*s.headDim:][:4*s.headDim]
}

// storeHalfValue stores the value (head_dim), bfloat16, of a position beside that of its partner, which it leaves as it is,
// and tells whether it is finite.
func (s *segment) storeHalfValue(layer, head, position int, value []uint16) bool {
	const exponent, lowest = 0x7f80, 0x80
	row, infinite := s.valueRow(layer, head, position)[position%2*2:], uint16(0)
	for i, x := range value {
		binary.LittleEndian.PutUint16(row[4*i:], x)
		infinite |= x&exponent + lowest // carries where all bits of the exponent are set
	}
	return infinite>>15 == 0
}

// keyPairs returns a page's keys as (head_dim/2, width, 2).
func (s *segment) keyPairs(layer, head, page int) (keys []byte, width int) {
	return s.pairs(page, layer, head, 0), s.pages[page].tokens
}

// valuePairs returns a page's values as (tokens/2, head_dim, 2).
func (s *segment) valuePairs(layer, head, page int) []byte { return s.pairs(page, layer, head, 1) }
