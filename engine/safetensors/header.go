package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

const (
	lengthBytes = 8           // the little-endian header length before the header
	maxHeader   = 100_000_000 // the limit of the reference implementation
	maxRank     = 64          // numpy's limit on dimensions; no checkpoint comes near it
)

// entry is what the header says about one tensor; begin and end count from the first byte after the header.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end uint64
}

// parseFile checks the whole structure of a file's content and returns its tensors in the order of their data, and
// where the data begin.
func parseFile(content []byte) (entries []entry, data int, err error) {
	size := uint64(len(content))
	if size < lengthBytes {
		return nil, 0, fmt.Errorf("%d bytes, too short for a header length", size)
	}
	n := binary.LittleEndian.Uint64(content)
	// Compared before it is added to anything: 8+n wraps around for the largest lengths.
	if n > maxHeader {
		return nil, 0, fmt.Errorf("header of %d bytes, at most %d are allowed", n, maxHeader)
	}
	if n > size-lengthBytes {
		return nil, 0, fmt.Errorf("header of %d bytes in a file of %d", n, size)
	}
	header := content[lengthBytes : lengthBytes+n]
	if len(header) == 0 || header[0] != '{' {
		return nil, 0, errors.New("header does not begin with {")
	}
	if entries, err = parseHeader(header); err != nil {
		return nil, 0, err
	}
	if err := checkLayout(entries, size-lengthBytes-n); err != nil {
		return nil, 0, err
	}
	return entries, int(lengthBytes + n), nil
}

// parseHeader returns the tensors that a header lists, each consistent in itself, in the header's order.
func parseHeader(header []byte) ([]entry, error) {
	members, err := strictjson.Object(header)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	entries := make([]entry, 0, len(members))
	for _, m := range members {
		if m.Key == "__metadata__" {
			if err := checkMetadata(m.Value); err != nil {
				return nil, fmt.Errorf("header: __metadata__: %w", err)
			}
			continue
		}
		e, err := parseEntry(m.Value)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", strictjson.Quote(m.Key), err)
		}
		e.name = m.Key
		entries = append(entries, e)
	}
	return entries, nil
}

// checkMetadata accepts what the format allows there: an object of strings.
func checkMetadata(value json.RawMessage) error {
	members, err := strictjson.Object(value)
	if err != nil {
		return err
	}
	for _, m := range members {
		if _, err := strictjson.String(m.Value); err != nil {
			return fmt.Errorf("%s: %w", strictjson.Quote(m.Key), err)
		}
	}
	return nil
}

func parseEntry(value json.RawMessage) (e entry, err error) {
	members, err := strictjson.Object(value)
	if err != nil {
		return e, err
	}
	var have int
	for _, m := range members {
		switch m.Key {
		case "dtype":
			var s string
			if s, err = strictjson.String(m.Value); err == nil && DType(s).bits() == 0 {
				err = fmt.Errorf("unknown type %s", strictjson.Quote(s))
			}
			e.dtype = DType(s)
		case "shape":
			e.shape, err = parseShape(m.Value)
		case "data_offsets":
			e.begin, e.end, err = parseOffsets(m.Value)
		default:
			err = errors.New("unknown key")
		}
		if err != nil {
			return e, fmt.Errorf("%s: %w", strictjson.Quote(m.Key), err)
		}
		have++
	}
	if have != 3 { // keys are distinct and known, so three of them are all of them
		return e, errors.New("want dtype, shape and data_offsets")
	}
	length, err := byteLength(e.shape, e.dtype)
	if err != nil {
		return e, err
	}
	if e.begin > e.end {
		return e, fmt.Errorf("data offsets [%d,%d] run backwards", e.begin, e.end)
	}
	if e.end-e.begin != length {
		return e, fmt.Errorf("shape %v of %s needs %d bytes, data offsets [%d,%d] hold %d",
			e.shape, e.dtype, length, e.begin, e.end, e.end-e.begin)
	}
	return e, nil
}

func parseShape(value json.RawMessage) ([]int, error) {
	list, err := strictjson.Array(value)
	if err != nil {
		return nil, err
	}
	if len(list) > maxRank {
		return nil, fmt.Errorf("%d dimensions, at most %d are allowed", len(list), maxRank)
	}
	shape := make([]int, len(list))
	for i, v := range list {
		n, err := strictjson.Uint(v)
		if err != nil {
			return nil, err
		}
		if shape[i] = int(n); shape[i] < 0 || uint64(shape[i]) != n {
			return nil, fmt.Errorf("dimension %d is too large", n)
		}
	}
	return shape, nil
}

func parseOffsets(value json.RawMessage) (begin, end uint64, err error) {
	list, err := strictjson.Array(value)
	if err != nil {
		return 0, 0, err
	}
	if len(list) != 2 {
		return 0, 0, fmt.Errorf("want [begin,end], found %d numbers", len(list))
	}
	if begin, err = strictjson.Uint(list[0]); err != nil {
		return 0, 0, err
	}
	end, err = strictjson.Uint(list[1])
	return begin, end, err
}

// byteLength returns the bytes that a tensor of this shape and type takes, with every product checked.
func byteLength(shape []int, dtype DType) (uint64, error) {
	total := dtype.bits()
	for _, d := range shape {
		hi, lo := bits.Mul64(total, uint64(d))
		if hi != 0 {
			return 0, fmt.Errorf("shape %v overflows", shape)
		}
		total = lo
	}
	if total%8 != 0 {
		return 0, fmt.Errorf("shape %v of %s does not fill whole bytes", shape, dtype)
	}
	return total / 8, nil
}

// checkLayout sorts the entries by their data and requires that they cover 0 to size without hole or overlap.
func checkLayout(entries []entry, size uint64) error {
	slices.SortFunc(entries, func(a, b entry) int {
		if a.begin != b.begin {
			return cmp.Compare(a.begin, b.begin)
		}
		return cmp.Compare(a.end, b.end) // an empty tensor comes before the one that begins at its place
	})
	var at uint64
	for _, e := range entries {
		switch {
		case e.begin > at:
			return fmt.Errorf("tensor %s: data begin at %d, %d bytes after the previous end", strictjson.Quote(e.name), e.begin, e.begin-at)
		case e.begin < at:
			return fmt.Errorf("tensor %s: data begin at %d, inside the previous tensor, which ends at %d", strictjson.Quote(e.name), e.begin, at)
		case e.end > size:
			return fmt.Errorf("tensor %s: data end at %d of %d: the file is cut or the header lies", strictjson.Quote(e.name), e.end, size)
		}
		at = e.end
	}
	if at != size {
		return fmt.Errorf("%d bytes after the last tensor", size-at)
	}
	return nil
}
