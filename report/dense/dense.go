// Package dense makes blocks of text as small as a page can still unpack quickly: the Burrows-Wheeler transform, ranks by
// time of last use, and an adaptive binary range coder. report/assets/app/dense.js is the other half. On English prose it
// keeps a quarter, where DEFLATE keeps a third; docs/report.md has what else was measured.
package dense

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"index/suffixarray"
	"slices"
)

// parts is in how many parts a text is put together side by side: each byte waits for memory, and eight can at once.
const parts = 8

// partLength is the length of all parts of n bytes but the last, which may be shorter.
func partLength(n int) int { return (n + parts - 1) / parts }

// Pack is the packed form of b: its length and the rows of the transform at which its parts begin, as uvarints, and the
// coded ranks. The same bytes give the same form. What it returns has been unpacked again and compared: suffixarray happens to
// list occurrences in the order of their suffixes, and does not promise to.
func Pack(b []byte) ([]byte, error) {
	out := binary.AppendUvarint(nil, uint64(len(b)))
	if len(b) == 0 {
		return out, nil
	}
	text, rows := transform(b)
	for _, row := range rows {
		out = binary.AppendUvarint(out, uint64(row))
	}
	c := coder{encoder: &encoder{out: out, span: 1<<32 - 1}}
	m, order := newModel(), newOrder()
	for _, x := range text {
		r := bytes.IndexByte(order[:], x)
		toFront(order, r)
		m.rank(c, r)
	}
	out = c.encoder.end()
	if again, err := Unpack(out); err != nil || !bytes.Equal(again, b) {
		return nil, errors.Join(fmt.Errorf("a block of %d bytes does not unpack to itself", len(b)), err)
	}
	return out, nil
}

// Unpack is what Pack packed.
func Unpack(packed []byte) ([]byte, error) {
	n, at := binary.Uvarint(packed)
	if at <= 0 || n > 1<<30 {
		return nil, errors.New("packed block: bad length")
	}
	if n == 0 {
		return []byte{}, nil
	}
	var rows []int
	for from := 0; from < int(n); from += partLength(int(n)) {
		row, more := binary.Uvarint(packed[at:])
		if more <= 0 || row == 0 || row > n {
			return nil, errors.New("packed block: bad row")
		}
		rows = append(rows, int(row))
		at += more
	}
	c := coder{decoder: newDecoder(packed[at:])}
	m, order := newModel(), newOrder()
	text := make([]byte, n)
	for i := range text {
		r := m.rank(c, 0)
		text[i] = order[r]
		toFront(order, r)
	}
	return untransform(text, rows), nil
}

// transform is the column of bytes that stand before the sorted suffixes of b and the empty one, without the row of b
// itself, and the rows of the suffixes at which the parts begin, of which that is the first.
func transform(b []byte) (column []byte, rows []int) {
	index := suffixarray.New(b)
	part := partLength(len(b))
	rows = make([]int, (len(b)+part-1)/part)
	column = append(make([]byte, 0, len(b)), b[len(b)-1])
	row := 1
	for first := range 256 {
		for _, suffix := range index.Lookup([]byte{byte(first)}, -1) {
			if suffix%part == 0 {
				rows[suffix/part] = row
			}
			if suffix > 0 {
				column = append(column, b[suffix-1])
			}
			row++
		}
	}
	return column, rows
}

// untransform undoes transform.
func untransform(column []byte, rows []int) []byte {
	var starts [256]int
	for _, x := range column {
		starts[x]++
	}
	next := 1 // row 0 is that of the empty suffix
	for x, n := range starts {
		starts[x] = next
		next += n
	}
	before := make([]int32, len(column)+1) // the row of the suffix that is one byte longer
	for i, x := range column {
		before[at(i, rows[0])] = int32(starts[x])
		starts[x]++
	}
	out := make([]byte, len(column))
	part := partLength(len(column))
	ends := append(slices.Clone(rows[1:]), 0) // each part is written from its end, where the next one begins
	for i := part - 1; i >= 0; i-- {
		for k, r := range ends {
			if k*part+i >= len(out) {
				continue
			}
			x := r
			if r > rows[0] {
				x--
			}
			out[k*part+i] = column[x%len(column)] // rows that no transform has lead anywhere
			ends[k] = int(before[r])
		}
	}
	return out
}

// at is the row of the column's byte i.
func at(i, row int) int {
	if i >= row {
		return i + 1
	}
	return i
}

// newOrder lists all bytes; toFront moves the one at r to the front.
func newOrder() *[256]byte {
	var order [256]byte
	for i := range order {
		order[i] = byte(i)
	}
	return &order
}

func toFront(order *[256]byte, r int) {
	x := order[r]
	copy(order[1:r+1], order[:r])
	order[0] = x
}
