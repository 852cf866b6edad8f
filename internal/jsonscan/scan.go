// Package jsonscan finds and checks JSON values without building them, at several times the speed of package
// encoding/json: TriviaQA's records are mostly search results that nobody reads, and every row of a data set is taken
// apart once. It accepts what encoding/json does, neither more nor less, and writes strings as that does.
package jsonscan

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxDepth is the deepest nesting that is accepted, as in package encoding/json.
const maxDepth = 10000

// ErrCut says that the bytes end within a value: a stream reads more and scans again.
var ErrCut = errors.New("the JSON ends in the middle of a value")

// Unexpected is the error for a byte that JSON does not allow where it stands.
func Unexpected(c byte) error { return fmt.Errorf("invalid character %q", c) }

// SkipSpace returns the index of the first byte from b[i] on that is not white space, or len(b).
func SkipSpace(b []byte, i int) int {
	if i < len(b) && b[i] > ' ' {
		return i
	}
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// Value returns the index after the value that begins at b[i]. A number is complete when something follows it.
func Value(b []byte, i int) (int, error) { return value(b, i, 0) }

// Object passes every member of the object at b[i] to each: the name as it stands between its quotes, escapes and all,
// and the value. It returns the index after the object; an error of each ends it.
func Object(b []byte, i int, each func(name, value []byte) error) (int, error) {
	if err := begins(b, i, '{'); err != nil {
		return i, err
	}
	return object(b, i, 0, each)
}

// Array passes every element of the array at b[i] to each and returns the index after it; an error of each ends it.
func Array(b []byte, i int, each func(value []byte) error) (int, error) {
	if err := begins(b, i, '['); err != nil {
		return i, err
	}
	return array(b, i, 0, each)
}

// begins returns an error unless b[i] is c.
func begins(b []byte, i int, c byte) error {
	if i >= len(b) {
		return ErrCut
	}
	if b[i] != c {
		return Unexpected(b[i])
	}
	return nil
}

// value is Value, within depth others.
func value(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, ErrCut
	}
	switch c := b[i]; c {
	case '"':
		return scanString(b, i)
	case '{':
		return object(b, i, depth, nil)
	case '[':
		return array(b, i, depth, nil)
	case 't':
		return word(b, i, "true")
	case 'f':
		return word(b, i, "false")
	case 'n':
		return word(b, i, "null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return number(b, i)
		}
		return i, Unexpected(c)
	}
}

func word(b []byte, i int, word string) (int, error) {
	for j := range len(word) {
		if i+j >= len(b) {
			return i, ErrCut
		}
		if b[i+j] != word[j] {
			return i, Unexpected(b[i+j])
		}
	}
	return i + len(word), nil
}

func number(b []byte, i int) (int, error) {
	digits := func() bool {
		from := i
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		return i > from
	}
	fail := func() (int, error) {
		if i >= len(b) {
			return i, ErrCut
		}
		return i, Unexpected(b[i])
	}
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return fail()
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return fail()
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return fail()
		}
	}
	if i >= len(b) {
		return i, ErrCut
	}
	return i, nil
}

// plainText reports whether none of eight bytes of a string is a quote, a backslash or a control character.
func plainText(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, backslash := w^('"'*ones), w^('\\'*ones)
	// x-ones has the top bit of a byte that was zero, &^x drops those that had it before; a borrow can only report a
	// byte too many, which the caller then looks at.
	return ((quote-ones)&^quote|(backslash-ones)&^backslash|(w-0x20*ones)&^w)&tops == 0
}

func scanString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		for i+8 <= len(b) && plainText(binary.LittleEndian.Uint64(b[i:])) {
			i += 8
		}
		if i >= len(b) {
			break
		}
		switch c := b[i]; {
		case c >= 0x20 && c != '"' && c != '\\':
		case c == '"':
			return i + 1, nil
		case c == '\\':
			if i++; i >= len(b) {
				return i, ErrCut
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; i >= len(b) {
						return i, ErrCut
					}
					if h := b[i] | 0x20; (h < 'a' || 'f' < h) && (b[i] < '0' || '9' < b[i]) {
						return i, Unexpected(b[i])
					}
				}
			default:
				return i, Unexpected(b[i])
			}
		default:
			return i, Unexpected(c)
		}
	}
	return i, ErrCut
}

// object passes every member of the object at b[i] to each, which may be nil: the name as it stands between its
// quotes, and the value.
func object(b []byte, i, depth int, each func(name, value []byte) error) (int, error) {
	return list(b, i, depth, '}', func(i int) (int, error) {
		if i >= len(b) {
			return i, ErrCut
		}
		if b[i] != '"' {
			return i, Unexpected(b[i])
		}
		end, err := scanString(b, i)
		if err != nil {
			return end, err
		}
		name := b[i+1 : end-1]
		if i = SkipSpace(b, end); i >= len(b) {
			return i, ErrCut
		}
		if b[i] != ':' {
			return i, Unexpected(b[i])
		}
		i = SkipSpace(b, i+1)
		end, err = value(b, i, depth+1)
		if err == nil && each != nil {
			err = each(name, b[i:end])
		}
		return end, err
	})
}

// array passes every element of the array at b[i] to each, which may be nil.
func array(b []byte, i, depth int, each func(value []byte) error) (int, error) {
	return list(b, i, depth, ']', func(i int) (int, error) {
		end, err := value(b, i, depth+1)
		if err == nil && each != nil {
			err = each(b[i:end])
		}
		return end, err
	})
}

// list scans items between commas from the bracket at b[i] to the closing one.
func list(b []byte, i, depth int, closing byte, item func(i int) (int, error)) (int, error) {
	if depth >= maxDepth {
		return i, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = item(i); err != nil {
			return i, err
		}
		if i = SkipSpace(b, i); i >= len(b) {
			return i, ErrCut
		}
		switch b[i] {
		case closing:
			return i + 1, nil
		case ',':
			i = SkipSpace(b, i+1)
		default:
			return i, Unexpected(b[i])
		}
	}
}
