package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// plainDictionary is the old name of a dictionary's encoding, which pyarrow still writes on dictionary pages.
const plainDictionary format.Encoding = 2

var errRuns = errors.New("a page whose data say that there are more values than its header does")

// pageCounts is what a data page holds: its values, nulls included, the rows that begin among them, and whether the first does.
type pageCounts struct {
	values, rows int
	starts       bool
}

// consistent compares an uncompressed page with its header, which was checked. The library believes what the data say:
// it allocates run lengths and counts of deltas as they stand, and where levels and values disagree it hands out memory
// that nobody wrote. What the values are does not matter here.
func consistent(header format.PageHeader, page []byte, leaf *element, limit int64) (pageCounts, error) {
	if header.Type == format.DictionaryPage {
		h := header.DictionaryPageHeader.V
		if h.Encoding != format.Plain && h.Encoding != plainDictionary {
			return pageCounts{}, fmt.Errorf("a dictionary with the encoding %s, which is not read", h.Encoding)
		}
		return pageCounts{}, leaf.plain(page, int(h.NumValues))
	}
	var values int
	var encoding format.Encoding
	var repetition, definition []byte
	var err error
	if header.Type == format.DataPageV2 {
		h := header.DataPageHeaderV2.V
		values, encoding = int(h.NumValues), h.Encoding
		repetition, page = page[:h.RepetitionLevelsByteLength], page[h.RepetitionLevelsByteLength:]
		definition, page = page[:h.DefinitionLevelsByteLength], page[h.DefinitionLevelsByteLength:]
	} else {
		h := header.DataPageHeader.V
		values, encoding = int(h.NumValues), h.Encoding
		if leaf.rep > 0 {
			if repetition, page, err = prefixed(page, h.RepetitionLevelEncoding); err != nil {
				return pageCounts{}, err
			}
		}
		if leaf.def > 0 {
			if definition, page, err = prefixed(page, h.DefinitionLevelEncoding); err != nil {
				return pageCounts{}, err
			}
		}
	}
	counts, first, err := levels(repetition, leaf.rep, values)
	if err != nil {
		return pageCounts{}, err
	}
	t := pageCounts{values: values, rows: counts[0], starts: first == 0}
	if counts, _, err = levels(definition, leaf.def, values); err != nil {
		return pageCounts{}, err
	}
	there := counts[leaf.def]
	if header.Type == format.DataPageV2 && int(header.DataPageHeaderV2.V.NumNulls) != values-there {
		return pageCounts{}, fmt.Errorf("a page that says %d of %d values are null, where %d are", header.DataPageHeaderV2.V.NumNulls, values, values-there)
	}
	return t, leaf.encoded(page, encoding, there, limit)
}

var errCutPage = errors.New("a page that is cut short")

// prefixed splits off levels whose length precedes them in four bytes.
func prefixed(b []byte, encoding format.Encoding) (data, rest []byte, err error) {
	if encoding != format.RLE {
		return nil, nil, fmt.Errorf("levels with the encoding %s, which is not read", encoding)
	}
	if len(b) < 4 {
		return nil, nil, errCutPage
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b)-4) {
		return nil, nil, errCutPage
	}
	return b[4 : 4+n], b[4+n:], nil
}

// encoded checks that data are count values.
func (e *element) encoded(data []byte, encoding format.Encoding, count int, limit int64) error {
	switch encoding {
	case format.Plain:
		return e.plain(data, count)
	case format.ByteStreamSplit:
		if e.Type.V == format.ByteArray || e.Type.V == format.Boolean {
			return fmt.Errorf("a page of %s with the encoding %s", e.Type.V, encoding)
		}
		return e.plain(data, count)
	case plainDictionary, format.RLEDictionary:
		if len(data) == 0 {
			return enough(0, count)
		}
		found, err := runs(data[1:], int(data[0]), count, nil)
		if err != nil {
			return err
		}
		return enough(found, count)
	case format.RLE:
		bits, _, err := prefixed(data, encoding)
		if err != nil {
			return err
		}
		found, err := runs(bits, 1, count, nil)
		if err != nil {
			return err
		}
		return enough(found, count)
	case format.DeltaBinaryPacked:
		_, _, err := deltas(data, count, limit)
		return err
	case format.DeltaLengthByteArray:
		lengths, rest, err := deltas(data, count, limit)
		if err == nil && lengths > int64(len(rest)) {
			err = errCutPage
		}
		return err
	case format.DeltaByteArray:
		shared, rest, err := deltas(data, count, limit)
		if err != nil {
			return err
		}
		if shared > limit {
			return errors.New("strings that share more than this file can have")
		}
		lengths, rest, err := deltas(rest, count, limit)
		if err == nil && lengths > int64(len(rest)) {
			err = errCutPage
		}
		return err
	default:
		return fmt.Errorf("a page with the encoding %s, which is not read", encoding)
	}
}

func enough(found, count int) error {
	if found < count {
		return fmt.Errorf("a page of %d values that says it has %d", found, count)
	}
	return nil
}

// plain checks that data are count values as they stand.
func (e *element) plain(data []byte, count int) error {
	size := map[format.Type]int{
		format.Int32: 4, format.Float: 4, format.Int64: 8, format.Double: 8, format.Int96: 12, format.FixedLenByteArray: int(e.TypeLength.V),
	}[e.Type.V]
	switch {
	case e.Type.V == format.Boolean:
		return enough(8*len(data), count)
	case e.Type.V != format.ByteArray:
		if size <= 0 {
			return fmt.Errorf("values of %d bytes", size)
		}
		return enough(len(data)/size, count)
	}
	found := 0
	for ; len(data) > 0; found++ {
		if len(data) < 4 {
			return errCutPage
		}
		n := int64(binary.LittleEndian.Uint32(data))
		if n > int64(len(data)-4) {
			return errCutPage
		}
		data = data[4+n:]
	}
	if found != count {
		return fmt.Errorf("a page of %d values that says it has %d", found, count)
	}
	return nil
}

// levels counts the levels of a page: counts[l] is how often l is among them, first is the first. Without a greatest
// level there are none in the page and all are 0.
func levels(b []byte, greatest, values int) (counts []int, first int, err error) {
	counts = make([]int, greatest+1)
	if greatest == 0 {
		counts[0] = values
		return counts, 0, nil
	}
	first, left := -1, values
	_, err = runs(b, bits.Len(uint(greatest)), values, func(level uint64, count int) error {
		if count = min(count, left); count == 0 {
			return nil
		}
		if level > uint64(greatest) {
			return fmt.Errorf("a level %d, where %d is the greatest", level, greatest)
		}
		if first < 0 {
			first = int(level)
		}
		counts[level] += count
		left -= count
		return nil
	})
	if err == nil && left > 0 {
		err = fmt.Errorf("a page with %d levels that says it has %d values", values-left, values)
	}
	return counts, first, err
}

// runs adds up the lengths in Parquet's hybrid of run lengths and bit packing. Bit-packed groups are filled up to eight
// values and some writers fill up further, so twice the values are let pass. each, which may be nil, gets the values.
func runs(b []byte, width, values int, each func(value uint64, count int) error) (found int, err error) {
	if width > 32 {
		return 0, fmt.Errorf("values of %d bits", width)
	}
	most := 2*uint64(values) + 1024
	for len(b) > 0 {
		u, n := binary.Uvarint(b)
		if n <= 0 {
			return found, errors.New("a page whose run lengths are broken")
		}
		b = b[n:]
		if u>>1 > most {
			return found, errRuns
		}
		count, size, packed := int(u>>1), (width+7)/8, u&1 != 0
		if packed {
			count, size = 8*count, count*width
		}
		if found += count; found > int(most) {
			return found, errRuns
		}
		if size > len(b) {
			return found, errCutPage
		}
		data := b[:size]
		b = b[size:]
		switch {
		case each == nil:
		case packed:
			for i := range count {
				if err := each(unpackBits(data, i*width, width), 1); err != nil {
					return found, err
				}
			}
		default:
			if err := each(unpackBits(data, 0, 8*size), count); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// deltas reads Parquet's delta encoding of integers far enough to add them up, which matters where they are lengths. It
// returns the sum, or more than limit where it is beyond that, and what follows the integers.
func deltas(b []byte, values int, limit int64) (sum int64, rest []byte, err error) {
	var head [4]uint64
	for i := range head {
		var n int
		if head[i], n = binary.Uvarint(b); n <= 0 {
			return 0, nil, errors.New("a page whose delta header is cut short")
		}
		b = b[n:]
	}
	block, minis, count := head[0], head[1], head[2]
	if block == 0 || block%128 != 0 || block > 1<<20 || minis == 0 || block%minis != 0 || block/minis%32 != 0 {
		return 0, nil, fmt.Errorf("a page with delta blocks of %d values in %d parts", block, minis)
	}
	if count > uint64(values) {
		return 0, nil, errRuns
	}
	if err := enough(int(count), values); err != nil {
		return 0, nil, err
	}
	if count == 0 {
		return 0, b, nil
	}
	value := unzigzag(head[3])
	sum = value
	beyond := false
	per := int(block / minis)
	for left := int(count) - 1; left > 0; {
		least, n := binary.Uvarint(b)
		if n <= 0 || len(b)-n < int(minis) {
			return 0, nil, errors.New("a page whose delta blocks are cut short")
		}
		widths := b[n : n+int(minis)]
		b = b[n+int(minis):]
		for _, width := range widths {
			if left == 0 {
				break
			}
			size := per * int(width) / 8
			if width > 64 {
				return 0, nil, fmt.Errorf("a page with deltas of %d bits", width)
			}
			mini := b[:min(size, len(b))]
			b = b[len(mini):]
			for i := range min(per, left) {
				value += unzigzag(least) + int64(unpackBits(mini, i*int(width), int(width)))
				sum += value
				beyond = beyond || sum > limit || sum < 0
			}
			left -= min(per, left)
		}
	}
	if beyond {
		sum = limit + 1
	}
	return sum, b, nil
}

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// unpackBits returns width bits of b from bit at on, least significant first.
func unpackBits(b []byte, at, width int) uint64 {
	v := uint64(0)
	for got := 0; got < width; {
		i, shift := (at+got)/8, (at+got)%8
		if i >= len(b) {
			break
		}
		n := min(8-shift, width-got)
		v |= uint64(b[i]>>shift) & (1<<n - 1) << got
		got += n
	}
	return v
}
