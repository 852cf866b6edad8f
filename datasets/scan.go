package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// The scanner finds and checks JSON values without building them, at several times the speed of package encoding/json.
// It exists for TriviaQA, whose records are mostly search results that nobody reads. It accepts what RFC 8259 does, up
// to scanDepth levels.

// scanDepth is the deepest nesting that is accepted.
const scanDepth = 64

// errCut says that the bytes end within a value: a stream reads more and scans again.
var errCut = errors.New("the JSON ends in the middle of a value")

// unexpected is the error for a byte that JSON does not allow where it stands.
func unexpected(c byte) error { return fmt.Errorf("invalid character %q", c) }

func skipSpace(b []byte, i int) int {
	if i < len(b) && b[i] > ' ' {
		return i
	}
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// scanValue returns the index after the value that begins at b[i]. A number is complete when something follows it.
func scanValue(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, errCut
	}
	switch c := b[i]; c {
	case '"':
		return scanString(b, i)
	case '{':
		return scanObject(b, i, depth, nil)
	case '[':
		return scanArray(b, i, depth, nil)
	case 't':
		return scanWord(b, i, "true")
	case 'f':
		return scanWord(b, i, "false")
	case 'n':
		return scanWord(b, i, "null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return scanNumber(b, i)
		}
		return i, unexpected(c)
	}
}

func scanWord(b []byte, i int, word string) (int, error) {
	for j := range len(word) {
		if i+j >= len(b) {
			return i, errCut
		}
		if b[i+j] != word[j] {
			return i, unexpected(b[i+j])
		}
	}
	return i + len(word), nil
}

func scanNumber(b []byte, i int) (int, error) {
	digits := func() bool {
		from := i
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		return i > from
	}
	fail := func() (int, error) {
		if i >= len(b) {
			return i, errCut
		}
		return i, unexpected(b[i])
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
		return i, errCut
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
				return i, errCut
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; i >= len(b) {
						return i, errCut
					}
					if h := b[i] | 0x20; (h < 'a' || 'f' < h) && (b[i] < '0' || '9' < b[i]) {
						return i, unexpected(b[i])
					}
				}
			default:
				return i, unexpected(b[i])
			}
		default:
			return i, unexpected(c)
		}
	}
	return i, errCut
}

// scanObject passes every member of the object at b[i] to each, which may be nil: the name as it stands between its
// quotes, and the value.
func scanObject(b []byte, i, depth int, each func(name, value []byte) error) (int, error) {
	return scanList(b, i, depth, '}', func(i int) (int, error) {
		if i >= len(b) {
			return i, errCut
		}
		if b[i] != '"' {
			return i, unexpected(b[i])
		}
		end, err := scanString(b, i)
		if err != nil {
			return end, err
		}
		name := b[i+1 : end-1]
		if i = skipSpace(b, end); i >= len(b) {
			return i, errCut
		}
		if b[i] != ':' {
			return i, unexpected(b[i])
		}
		i = skipSpace(b, i+1)
		end, err = scanValue(b, i, depth+1)
		if err == nil && each != nil {
			err = each(name, b[i:end])
		}
		return end, err
	})
}

// scanArray passes every element of the array at b[i] to each, which may be nil.
func scanArray(b []byte, i, depth int, each func(value []byte) error) (int, error) {
	return scanList(b, i, depth, ']', func(i int) (int, error) {
		end, err := scanValue(b, i, depth+1)
		if err == nil && each != nil {
			err = each(b[i:end])
		}
		return end, err
	})
}

// scanList scans items between commas from the bracket at b[i] to the closing one.
func scanList(b []byte, i, depth int, closing byte, item func(i int) (int, error)) (int, error) {
	if depth >= scanDepth {
		return i, fmt.Errorf("nested more than %d deep", scanDepth)
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = item(i); err != nil {
			return i, err
		}
		if i = skipSpace(b, i); i >= len(b) {
			return i, errCut
		}
		switch b[i] {
		case closing:
			return i + 1, nil
		case ',':
			i = skipSpace(b, i+1)
		default:
			return i, unexpected(b[i])
		}
	}
}

// jsonStream reads JSON values one after the other from a stream of any length. It holds no more than the longest value.
type jsonStream struct {
	r   io.Reader
	buf []byte
	at  int
	end bool
}

const (
	streamBuffer = 1 << 20
	// streamValue is the longest value that is read: TriviaQA's longest records have some hundred kilobytes.
	streamValue = 64 * mebi
)

// more reads on. It returns io.EOF at the stream's end.
func (s *jsonStream) more() error {
	if s.end {
		return io.EOF
	}
	s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
	s.at = 0
	if len(s.buf) == cap(s.buf) {
		if len(s.buf) >= streamValue {
			return fmt.Errorf("a value of more than %d bytes", streamValue)
		}
		s.buf = append(make([]byte, 0, max(streamBuffer, 2*cap(s.buf))), s.buf...)
	}
	// The buffer is filled, since what was cut is scanned again from its beginning.
	for len(s.buf) < cap(s.buf) {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if s.end = err == io.EOF; s.end {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// peek returns the next byte that is not white space, or io.EOF.
func (s *jsonStream) peek() (byte, error) {
	for {
		if s.at = skipSpace(s.buf, s.at); s.at < len(s.buf) {
			return s.buf[s.at], nil
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// expect takes the byte want.
func (s *jsonStream) expect(want byte) error {
	c, err := s.peek()
	switch {
	case err == io.EOF:
		return errCut
	case err != nil:
		return err
	case c != want:
		return unexpected(c)
	}
	s.at++
	return nil
}

// next takes what stands between commas up to the closing bracket; it returns false at the bracket. first says that
// nothing was taken yet.
func (s *jsonStream) next(closing byte, first bool) (bool, error) {
	c, err := s.peek()
	switch {
	case err == io.EOF:
		return false, errCut
	case err != nil:
		return false, err
	case c == closing:
		s.at++
		return false, nil
	case first:
		return true, nil
	}
	return true, s.expect(',')
}

// value takes one value. It is valid until the next call.
func (s *jsonStream) value() ([]byte, error) {
	return s.take(func(b []byte, i int) (int, error) { return scanValue(b, i, 0) })
}

// take takes what scan finds from b[i] on. Where that is cut, scan is called again with more.
func (s *jsonStream) take(scan func(b []byte, i int) (int, error)) ([]byte, error) {
	if _, err := s.peek(); err != nil && err != io.EOF {
		return nil, err
	}
	for {
		end, err := scan(s.buf, s.at)
		switch {
		case err == nil:
			v := s.buf[s.at:end]
			s.at = end
			if !utf8.Valid(v) {
				return nil, errors.New("not valid UTF-8")
			}
			return v, nil
		case err != errCut:
			return nil, err
		}
		switch err := s.more(); {
		case err == io.EOF:
			return nil, errCut
		case err != nil:
			return nil, err
		}
	}
}
