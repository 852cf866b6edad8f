package datasets

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

// bounded checks that nothing in an uncompressed page makes the library allocate beyond what the page's header, which
// was checked, says: run lengths, the counts of delta encodings, and strings that share their beginnings. What the
// values are does not matter here.
func bounded(header format.PageHeader, page []byte, leaf *element, limit int64) error {
	switch header.Type {
	case format.DictionaryPage:
		h := header.DictionaryPageHeader.V
		if h.Encoding != format.Plain && h.Encoding != plainDictionary {
			return fmt.Errorf("a dictionary with the encoding %s, which is not read", h.Encoding)
		}
		if int64(h.NumValues) > 8*int64(len(page))+8 {
			return errRuns
		}
		return nil
	case format.DataPageV2:
		h := header.DataPageHeaderV2.V
		values := int(h.NumValues)
		repetition, rest := page[:h.RepetitionLevelsByteLength], page[h.RepetitionLevelsByteLength:]
		definition, data := rest[:h.DefinitionLevelsByteLength], rest[h.DefinitionLevelsByteLength:]
		if err := runs(repetition, bits.Len(uint(leaf.rep)), values); err != nil {
			return err
		}
		if err := runs(definition, bits.Len(uint(leaf.def)), values); err != nil {
			return err
		}
		return boundedValues(data, h.Encoding, values, limit)
	default:
		h := header.DataPageHeader.V
		values := int(h.NumValues)
		for _, level := range []struct {
			greatest int
			encoding format.Encoding
		}{{leaf.rep, h.RepetitionLevelEncoding}, {leaf.def, h.DefinitionLevelEncoding}} {
			if level.greatest == 0 {
				continue
			}
			if level.encoding != format.RLE {
				return fmt.Errorf("levels with the encoding %s, which is not read", level.encoding)
			}
			var levels []byte
			var err error
			if levels, page, err = prefixed(page); err != nil {
				return err
			}
			if err := runs(levels, bits.Len(uint(level.greatest)), values); err != nil {
				return err
			}
		}
		return boundedValues(page, h.Encoding, values, limit)
	}
}

// prefixed splits data whose length precedes it in four bytes.
func prefixed(b []byte) (data, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errors.New("a page that is cut short")
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b)-4) {
		return nil, nil, errors.New("a page that is cut short")
	}
	return b[4 : 4+n], b[4+n:], nil
}

func boundedValues(data []byte, encoding format.Encoding, values int, limit int64) error {
	switch encoding {
	case format.Plain, format.ByteStreamSplit:
		return nil
	case plainDictionary, format.RLEDictionary:
		if len(data) == 0 {
			return nil
		}
		return runs(data[1:], int(data[0]), values)
	case format.RLE:
		levels, _, err := prefixed(data)
		if err != nil {
			return err
		}
		return runs(levels, 1, values)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		_, _, err := deltas(data, values, limit)
		return err
	case format.DeltaByteArray:
		prefixes, rest, err := deltas(data, values, limit)
		if err != nil {
			return err
		}
		if prefixes > limit {
			return errors.New("strings that share more than this file can have")
		}
		_, _, err = deltas(rest, values, limit)
		return err
	default:
		return fmt.Errorf("a page with the encoding %s, which is not read", encoding)
	}
}

// runs adds up the lengths in Parquet's hybrid of run lengths and bit packing. Bit-packed groups are filled up to eight
// values and some writers fill up further, so twice the values are let pass.
func runs(b []byte, width, values int) error {
	left := 2*int64(values) + 1024
	for len(b) > 0 {
		u, n := binary.Uvarint(b)
		if n <= 0 {
			return errors.New("a page whose run lengths are broken")
		}
		b = b[n:]
		count, size := u>>1, uint64(width+7)/8
		if u&1 != 0 {
			size = count * uint64(width)
			count *= 8
		}
		if u>>1 > uint64(left) || count > uint64(left) {
			return errRuns
		}
		left -= int64(count)
		b = b[min(size, uint64(len(b))):]
	}
	return nil
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
