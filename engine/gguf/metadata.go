package gguf

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Metadata returns a reader of the file's keys.
func (f *File) Metadata() *Metadata { return &Metadata{parsed: f.parsed} }

// Metadata reads the keys of a file; the first error stays in err, so that a list of readings needs one check.
type Metadata struct {
	parsed *parsed
	err    error
}

// Fail notes what is wrong with a key, unless something was wrong before.
func (m *Metadata) Fail(key string, err error) {
	if m.err == nil && err != nil {
		m.err = fmt.Errorf("%s: %w", key, err)
	}
}

// Size reads a positive integer below 2^31. absent 0 makes it required.
func (m *Metadata) Size(key string, absent int) int {
	v, ok := m.parsed.values[key]
	if !ok {
		if absent == 0 {
			m.Fail(key, errors.New("missing"))
		}
		return max(absent, 1) // never 0: callers divide before they look at err
	}
	if v.kind == arrayValue {
		m.Fail(key, errors.New("a value for each layer is not supported"))
		return 1
	}
	n, err := v.uint()
	if err == nil && (n == 0 || n > math.MaxInt32) {
		err = fmt.Errorf("%d is not between 1 and %d", n, math.MaxInt32)
	}
	if err != nil {
		m.Fail(key, err)
		return 1
	}
	return int(n)
}

// Positive reads a number above 0. absent 0 makes it required.
func (m *Metadata) Positive(key string, absent float64) float64 {
	v, ok := m.parsed.values[key]
	if !ok {
		if absent == 0 {
			m.Fail(key, errors.New("missing"))
		}
		return absent
	}
	x, err := v.float()
	if err == nil && !(x > 0) {
		err = fmt.Errorf("%v is not positive", x)
	}
	m.Fail(key, err)
	return x
}

// Text reads a text, or "" where there is none.
func (m *Metadata) Text(key string) string {
	v, ok := m.parsed.values[key]
	if !ok {
		return ""
	}
	s, err := v.text()
	m.Fail(key, err)
	return s
}

// Tokens reads token ids, without repetition.
func (m *Metadata) Tokens(vocabulary int, keys ...string) []int32 {
	var ids []int32
	for _, key := range keys {
		v, ok := m.parsed.values[key]
		if !ok {
			continue
		}
		n, err := v.int()
		if err == nil && (n < 0 || n >= int64(vocabulary)) {
			err = fmt.Errorf("%d is outside the vocabulary of %d", n, vocabulary)
		}
		m.Fail(key, err)
		if id := int32(n); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Err is the first error of a reading.
func (m *Metadata) Err() error { return m.err }

// Keys lists the keys in the order of the file.
func (m *Metadata) Keys() []string { return m.parsed.keys }

// Has tells whether the file has a key.
func (m *Metadata) Has(key string) bool {
	_, ok := m.parsed.values[key]
	return ok
}

// Count reads an integer that is not negative; an absent one is 0.
func (m *Metadata) Count(key string) uint64 {
	v, ok := m.parsed.values[key]
	if !ok {
		return 0
	}
	n, err := v.uint()
	m.Fail(key, err)
	return n
}

// Truth reads a truth value; an absent one is false.
func (m *Metadata) Truth(key string) bool {
	v, ok := m.parsed.values[key]
	if !ok {
		return false
	}
	b, err := v.bool()
	m.Fail(key, err)
	return b
}

// TextCount is the number of elements of an array of texts.
func (m *Metadata) TextCount(key string) int {
	v := m.parsed.values[key]
	m.Fail(key, v.arrayOf(stringValue))
	return v.count
}
