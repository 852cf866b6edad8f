package gguf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// What no honest file exceeds. The limits on what follows from the bytes of the file itself come on top.
const (
	maxKeys      = 1 << 14
	maxTensors   = 1 << 16
	maxKey       = 256     // bytes of a key
	maxName      = 64      // bytes of a tensor's name, ggml's own limit
	maxString    = 1 << 24 // bytes of a text: chat templates are the longest
	maxElements  = 1 << 22 // of an array: vocabularies and their merges
	maxDims      = 4
	maxAlignment = 1 << 20

	defaultAlignment = 32
	leastPair        = 8 + 4 + 1      // bytes of a key-value pair
	leastTensor      = 8 + 4 + 8 + 12 // bytes of a tensor's description
)

// times is a product that fits.
func times(a, b uint64) (uint64, error) {
	if hi, lo := bits.Mul64(a, b); hi == 0 {
		return lo, nil
	}
	return 0, fmt.Errorf("%d times %d overflows", a, b)
}

// cursor reads a file from its beginning.
type cursor struct {
	content []byte
	at      int
}

func (c *cursor) left() uint64 { return uint64(len(c.content) - c.at) }

// take returns the next n bytes.
func (c *cursor) take(n uint64) ([]byte, error) {
	if n > c.left() {
		return nil, fmt.Errorf("cut short: %d bytes at byte %d reach past the file's end at %d", n, c.at, len(c.content))
	}
	b := c.content[c.at:][:n:n]
	c.at += int(n)
	return b, nil
}

func (c *cursor) uint32() (uint32, error) {
	b, err := c.take(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

func (c *cursor) uint64() (uint64, error) {
	b, err := c.take(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b), nil
}

// text returns a length and as many bytes.
func (c *cursor) text(limit uint64) ([]byte, error) {
	at := c.at
	n, err := c.uint64()
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("a text of %d bytes at byte %d, at most %d are allowed", n, at, limit)
	}
	return c.take(n)
}

// value is one metadata value: raw holds the number, the text without its length, or an array's elements.
type value struct {
	kind, element valueType // element is that of an array
	count         int       // of an array
	raw           []byte
}

// parsed is what a file says before its data begin.
type parsed struct {
	version   uint32
	keys      []string // in the order of the file
	values    map[string]value
	tensors   map[string]Tensor
	alignment uint64
}

// parse checks a whole file's structure.
func parse(content []byte) (*parsed, error) {
	c := &cursor{content: content}
	p := &parsed{alignment: defaultAlignment}
	pairs, tensors, err := p.header(c)
	if err != nil {
		return nil, err
	}
	p.values = make(map[string]value, pairs)
	for i := range pairs {
		if err := p.pair(c); err != nil {
			return nil, fmt.Errorf("key-value pair %d: %w", i, err)
		}
	}
	if err := p.align(); err != nil {
		return nil, err
	}
	infos := make([]tensorInfo, tensors)
	p.tensors = make(map[string]Tensor, tensors)
	for i := range infos {
		if infos[i], err = p.tensor(c); err != nil {
			return nil, fmt.Errorf("tensor %d: %w", i, err)
		}
	}
	return p, p.place(c, infos)
}

// header returns the numbers of pairs and tensors, which fit into the file.
func (p *parsed) header(c *cursor) (pairs, tensors int, err error) {
	magic, err := c.take(4)
	if err != nil || !bytes.Equal(magic, []byte("GGUF")) {
		return 0, 0, errors.New("not a GGUF file: it does not begin with GGUF")
	}
	if p.version, err = c.uint32(); err != nil {
		return 0, 0, err
	}
	switch {
	case p.version != 0 && p.version&0xffff == 0:
		return 0, 0, errors.New("big-endian GGUF is not supported")
	case p.version != 2 && p.version != 3:
		return 0, 0, fmt.Errorf("GGUF version %d is not supported, only 2 and 3", p.version)
	}
	t, err := c.uint64()
	if err != nil {
		return 0, 0, err
	}
	n, err := c.uint64()
	if err != nil {
		return 0, 0, err
	}
	if n > maxKeys || n*leastPair > c.left() {
		return 0, 0, fmt.Errorf("%d key-value pairs are more than the file of %d bytes holds (limit %d)", n, len(c.content), maxKeys)
	}
	if t > maxTensors || t*leastTensor > c.left() {
		return 0, 0, fmt.Errorf("%d tensors are more than the file of %d bytes describes (limit %d)", t, len(c.content), maxTensors)
	}
	return int(n), int(t), nil
}

func (p *parsed) pair(c *cursor) error {
	raw, err := c.text(maxKey)
	if err != nil {
		return err
	}
	for _, b := range raw {
		if b <= ' ' || b > '~' {
			return fmt.Errorf("key %q is not printable ASCII", raw)
		}
	}
	key := string(raw)
	if key == "" {
		return errors.New("empty key")
	}
	if _, ok := p.values[key]; ok {
		return fmt.Errorf("key %s occurs twice", key)
	}
	v, err := readValue(c)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	p.keys = append(p.keys, key)
	p.values[key] = v
	return nil
}

func readValue(c *cursor) (value, error) {
	kind, err := c.uint32()
	if err != nil {
		return value{}, err
	}
	v := value{kind: valueType(kind)}
	switch {
	case v.kind == arrayValue:
		return v, v.array(c)
	case v.kind == stringValue:
		if v.raw, err = c.text(maxString); err == nil && !utf8.Valid(v.raw) {
			err = errors.New("a text is not UTF-8")
		}
		return v, err
	case v.kind.size() == 0:
		return v, fmt.Errorf("value of unknown %v", v.kind)
	}
	v.raw, err = c.take(v.kind.size())
	return v, v.truth(err)
}

// truth refuses truth values that are neither 0 nor 1.
func (v *value) truth(err error) error {
	if err == nil && (v.kind == boolValue || v.element == boolValue && v.kind == arrayValue) {
		for _, b := range v.raw {
			if b > 1 {
				return fmt.Errorf("a truth value is %d", b)
			}
		}
	}
	return err
}

// array walks over an array; its texts are checked here, so that later readers need not.
func (v *value) array(c *cursor) error {
	element, err := c.uint32()
	if err != nil {
		return err
	}
	v.element = valueType(element)
	if v.element.size() == 0 {
		return fmt.Errorf("an array of %v is not supported", v.element)
	}
	n, err := c.uint64()
	if err != nil {
		return err
	}
	if n > maxElements || n*v.element.size() > c.left() {
		return fmt.Errorf("an array of %d elements of type %v, %d bytes are left (limit %d elements)", n, v.element, c.left(), maxElements)
	}
	v.count = int(n)
	if v.element != stringValue {
		v.raw, err = c.take(n * v.element.size())
		return v.truth(err)
	}
	begin := c.at
	for i := range v.count {
		s, err := c.text(maxString)
		if err == nil && !utf8.Valid(s) {
			err = errors.New("not UTF-8")
		}
		if err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	v.raw = c.content[begin:c.at:c.at]
	return nil
}

// align reads general.alignment.
func (p *parsed) align() error {
	const key = "general.alignment"
	v, ok := p.values[key]
	if !ok {
		return nil
	}
	n, err := v.uint()
	if err == nil && (n < 8 || n > maxAlignment || n&(n-1) != 0) {
		err = fmt.Errorf("%d is not a power of two from 8 to %d", n, maxAlignment)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	p.alignment = n
	return nil
}

// tensorInfo is the description of a tensor before its data are found.
type tensorInfo struct {
	Tensor
	offset, size uint64
}

func (p *parsed) tensor(c *cursor) (tensorInfo, error) {
	raw, err := c.text(maxName)
	if err != nil {
		return tensorInfo{}, err
	}
	if len(raw) == 0 || !utf8.Valid(raw) {
		return tensorInfo{}, fmt.Errorf("the name %q is empty or not UTF-8", raw)
	}
	t := tensorInfo{Tensor: Tensor{Name: string(raw)}}
	if err := t.read(c); err != nil {
		return t, fmt.Errorf("%q: %w", t.Name, err)
	}
	if t.offset%p.alignment != 0 {
		return t, fmt.Errorf("%q: the offset %d is no multiple of the alignment %d", t.Name, t.offset, p.alignment)
	}
	return t, nil
}

func (t *tensorInfo) read(c *cursor) error {
	dims, err := c.uint32()
	if err != nil {
		return err
	}
	if dims < 1 || dims > maxDims {
		return fmt.Errorf("%d dimensions, from 1 to %d are allowed", dims, maxDims)
	}
	rows := uint64(1)
	for i := range dims {
		n, err := c.uint64()
		if err != nil {
			return err
		}
		if n < 1 || n > 1<<31-1 {
			return fmt.Errorf("dimension %d is %d", i, n)
		}
		if t.Shape = append(t.Shape, int(n)); i > 0 {
			if rows, err = times(rows, n); err != nil {
				return err
			}
		}
	}
	kind, err := c.uint32()
	if err != nil {
		return err
	}
	t.Type = Type(kind)
	if t.offset, err = c.uint64(); err != nil {
		return err
	}
	t.rowSize, err = t.Type.rowSize(uint64(t.Shape[0]))
	if err == nil {
		t.size, err = times(rows, t.rowSize)
	}
	slices.Reverse(t.Shape) // the fastest dimension comes first in the file, last everywhere else
	return err
}

// place finds the data of every tensor: without holes but paddings, without overlap, and up to the end of the file.
func (p *parsed) place(c *cursor, infos []tensorInfo) error {
	if len(infos) == 0 {
		return nil // a vocabulary alone
	}
	pad := func(n uint64) uint64 { return (n + p.alignment - 1) / p.alignment * p.alignment }
	begin := pad(uint64(c.at))
	if begin > uint64(len(c.content)) {
		return fmt.Errorf("cut short: the data would begin at byte %d, the file has %d", begin, len(c.content))
	}
	data := c.content[begin:]
	slices.SortStableFunc(infos, func(a, b tensorInfo) int {
		if a.offset < b.offset {
			return -1
		}
		return min(1, int(min(a.offset-b.offset, 1)))
	})
	end := uint64(0) // of the tensor before
	for _, t := range infos {
		if _, ok := p.tensors[t.Name]; ok {
			return fmt.Errorf("tensor %q occurs twice", t.Name)
		}
		if t.offset != pad(end) {
			what := "leaves a hole behind"
			if t.offset < end {
				what = "overlaps"
			}
			return fmt.Errorf("tensor %q at offset %d %s the tensor before it, which ends at %d", t.Name, t.offset, what, end)
		}
		if size := uint64(len(data)); t.offset > size || t.size > size-t.offset {
			return fmt.Errorf("cut short: tensor %q has %d bytes at offset %d, the file has %d bytes of data", t.Name, t.size, t.offset, size)
		}
		end = t.offset + t.size
		t.data, t.at = data[t.offset:end:end], int64(begin+t.offset)
		p.tensors[t.Name] = t.Tensor
	}
	if uint64(len(data)) > pad(end) {
		return fmt.Errorf("%d bytes follow the last tensor", uint64(len(data))-end)
	}
	return nil
}
