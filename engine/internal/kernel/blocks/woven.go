package blocks

import (
	"encoding/binary"
	"fmt"
)

// Strip is how many rows are woven together: four vectors of sixteen lanes.
const Strip = 64

// Woven blocks are blocks of Strip rows, word by word: where the blocks of a strip lie one after the other in a file, here the
// first four bytes of all of them do, then the next four. So sixteen rows' words are a vector's lanes without being moved, and
// a strip is read from its first byte to its last. Not a bit is added or lost. What blocks have of two bytes comes at the end
// of a group of blocks, and before it, in the order of the table, words of numbers and words of scales.

// span is a run of bytes in a block.
type span struct{ from, to int }

// woven returns the words of a block in the order in which they are woven, and whether its last two bytes to be woven are half
// a word. None are those of a format that is not woven.
func (f Format) woven() (words []span, half int) {
	switch f {
	case Q8_0:
		return []span{{2, 34}}, 0
	case Q4_0, IQ4_NL:
		return []span{{2, 18}}, 0
	case Q4_1:
		return []span{{4, 20}, {0, 4}}, -1
	case Q5_0:
		return []span{{6, 22}, {2, 6}}, 0
	case Q5_1:
		return []span{{8, 24}, {4, 8}, {0, 4}}, -1
	case Q2_K:
		return []span{{16, 80}, {0, 16}, {80, 84}}, -1
	case Q3_K:
		return []span{{32, 96}, {0, 32}, {96, 108}}, 108
	case Q4_K:
		return []span{{16, 144}, {0, 16}}, -1
	case Q5_K:
		return []span{{48, 176}, {16, 48}, {0, 16}}, -1
	case Q6_K:
		return []span{{0, 208}}, 208
	case IQ4_XS:
		return []span{{8, 136}, {0, 8}}, -1
	}
	return nil, -1
}

// Weave writes rows of whole blocks, all of the same length and at most Strip, to dst, woven. Rows that there are not are of
// zero bytes. dst has Strip times as many bytes as a row.
func Weave(dst []byte, f Format, rows [][]byte) {
	words, half := f.woven()
	size := f.Bytes()
	if words == nil || len(rows) == 0 || len(rows) > Strip || len(rows[0])%size != 0 {
		panic(fmt.Sprintf("blocks: Weave of %d rows", len(rows)))
	}
	dst = dst[:Strip*len(rows[0])]
	if len(rows) < Strip {
		clear(dst)
	}
	for at := 0; at < len(rows[0]); at += size {
		block := dst[at*Strip:][:size*Strip]
		for i, row := range rows {
			weave(block[4*i:], row[at:][:size], words)
		}
		if half >= 0 {
			halves := block[Strip*(size-2):]
			for i, row := range rows {
				copy(halves[2*i:][:2], row[at+half:])
			}
		}
	}
}

// weave writes the words of one block to their places.
func weave(dst, block []byte, words []span) {
	for _, part := range words {
		for src := block[part.from:part.to]; len(src) >= 4; src = src[4:] {
			binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(src))
			if len(dst) < 4*Strip {
				return
			}
			dst = dst[4*Strip:]
		}
	}
}

// unweave writes block number at of row i of a strip to dst.
func unweave(dst []byte, f Format, strip []byte, at, i int) {
	words, half := f.woven()
	size := f.Bytes()
	block := strip[at*size*Strip:][:size*Strip]
	src := block[4*i:]
	for _, part := range words {
		for to := part.from; to < part.to; to += 4 {
			copy(dst[to:to+4], src)
			src = src[min(4*Strip, len(src)):]
		}
	}
	if half >= 0 {
		copy(dst[half:half+2], block[Strip*(size-2)+2*i:])
	}
}

// Weaves reports whether v has assembly for woven blocks of f.
func (v Vector) Weaves(f Format) bool { return v.weaves(f) }

// Dot writes to dst the products of x with the first len(dst) rows of a strip of woven blocks of f, as many numbers each as x
// has: the sum in the order of the inputs, by fused multiply-adds from +0 on, each output for itself. What lies behind the strip,
// about 16 KiB from what is read, is fetched meanwhile: reading takes longest where every number is used once. It needs v.Weaves(f).
func (v Vector) Dot(dst []float32, f Format, strip []byte, x []float32) {
	n := v.wovenBlocks(f, strip, len(x))
	if n == 0 {
		clear(dst)
		return
	}
	if len(dst) >= Strip {
		v.dotWoven(f, n, &strip[0], &x[0], &dst[:Strip][0])
		return
	}
	var out [Strip]float32
	v.dotWoven(f, n, &strip[0], &x[0], &out[0])
	copy(dst, out[:])
}

// Unweave decodes a strip of woven blocks of f, or some blocks of it, into two panels: those of the first and of the second
// half of its rows. It needs v.Weaves(f).
func (v Vector) Unweave(left, right []float32, f Format, strip []byte, ahead int) {
	kk := len(strip) / Strip / f.Bytes() * f.Elements()
	if n := v.wovenBlocks(f, strip, kk); n > 0 {
		v.unweave(f, n, &strip[0], &left[:kk*Columns][0], &right[:kk*Columns][0], ahead)
	}
}

// wovenBlocks is the number of blocks in a strip whose rows have kk numbers each.
func (v Vector) wovenBlocks(f Format, strip []byte, kk int) int {
	x := f.format()
	n := kk / x.elements
	if !v.Weaves(f) || kk%x.elements != 0 || len(strip) < n*x.bytes*Strip {
		panic(fmt.Sprintf("blocks: %d numbers to a row in a strip of %d bytes", kk, len(strip)))
	}
	return n
}
