package engine

import "encoding/binary"

// pairs returns a block of bfloat16 as bytes.
func (s *segment) pairs(page, layer, head, half int) []byte {
	from, to := s.block(page, layer, head, half)
	return s.pages[page].bytes[2*from : 2*to]
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

// storeValuePairs stores the value (head_dim), bfloat16, of a position beside that of its partner. The last position that
// is stored for now, if it has no partner, gets zeros for one.
func (s *segment) storeValuePairs(layer, head, position int, value []uint16, last bool) {
	at := position - s.start
	row := s.pairs(at/pageTokens, layer, head, 1)[at%pageTokens/2*4*s.headDim:][:4*s.headDim]
	if last && at%2 == 0 {
		for i, x := range value {
			binary.LittleEndian.PutUint32(row[4*i:], uint32(x))
		}
		return
	}
	row = row[at%2*2:]
	for i, x := range value {
		binary.LittleEndian.PutUint16(row[4*i:], x)
	}
}

// keyPairs returns a page's keys as (head_dim/2, width, 2).
func (s *segment) keyPairs(layer, head, page int) (keys []byte, width int) {
	return s.pairs(page, layer, head, 0), s.pages[page].tokens
}

// valuePairs returns a page's values as (tokens/2, head_dim, 2).
func (s *segment) valuePairs(layer, head, page int) []byte { return s.pairs(page, layer, head, 1) }

// finiteHalves tells whether bfloat16 numbers are all finite.
func finiteHalves(x []uint16) bool {
	const exponent = 0x7f80
	for _, h := range x {
		if h&exponent == exponent {
			return false
		}
	}
	return true
}
