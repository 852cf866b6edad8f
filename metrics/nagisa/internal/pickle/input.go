package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// byte reads one byte.
func (m *machine) byte() (byte, error) {
	if m.read >= m.limits.Bytes {
		return 0, m.errTooLong()
	}
	b, err := m.r.ReadByte()
	if err == nil {
		m.read++
	}
	return b, err
}

func (m *machine) errTooLong() error { return fmt.Errorf("longer than %d bytes", m.limits.Bytes) }

// bytes reads n bytes. Room grows as they arrive, so that a wrong length costs nothing.
func (m *machine) bytes(n int64) ([]byte, error) {
	if n > m.limits.Bytes-m.read {
		return nil, m.errTooLong()
	}
	var b bytes.Buffer
	got, err := io.CopyN(&b, m.r, n)
	m.read += got
	return b.Bytes(), err
}

// uint reads an unsigned little-endian number of the given number of bytes.
func (m *machine) uint(size int) (uint64, error) {
	var b [8]byte
	for i := range size {
		c, err := m.byte()
		if err != nil {
			return 0, err
		}
		b[i] = c
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// length reads the length of what follows. BINSTRING's and LONG4's lengths are signed: there too the top bit is too long.
func (m *machine) length(size int) (int64, error) {
	n, err := m.uint(size)
	if err == nil && n > uint64(m.limits.Bytes) {
		err = m.errTooLong()
	}
	return int64(n), err
}

// sized reads a length and then as many bytes, and makes a value of them.
func (m *machine) sized(size int, value func([]byte) (any, error)) (any, error) {
	n, err := m.length(size)
	if err != nil {
		return nil, err
	}
	b, err := m.bytes(n)
	if err != nil {
		return nil, err
	}
	return value(b)
}

// long reads a length and then a little-endian number in two's complement.
func (m *machine) long(size int) (any, error) {
	return m.sized(size, func(b []byte) (any, error) {
		var extension byte
		if len(b) > 0 && b[len(b)-1] >= 0x80 {
			extension = 0xff
		}
		var v uint64
		for i := range max(8, len(b)) {
			c := extension
			if i < len(b) {
				c = b[i]
			}
			if i < 8 {
				v |= uint64(c) << (8 * i)
			} else if c != extension {
				return nil, errWideInt
			}
		}
		if len(b) > 8 && (int64(v) < 0) != (extension == 0xff) {
			return nil, errWideInt
		}
		return int64(v), nil
	})
}

var errWideInt = errors.New("an int has more than 64 bits")

// line reads up to the next line feed and drops it.
func (m *machine) line() ([]byte, error) {
	var line []byte
	for {
		b, err := m.byte()
		if err != nil {
			return nil, err
		}
		if b == '\n' {
			return line, nil
		}
		line = append(line, b)
	}
}

// parseLine makes the value of an instruction of protocol 0 whose argument is the rest of the line.
func parseLine(op byte, line []byte) (any, error) {
	s := string(line)
	switch op {
	case opInt:
		switch s {
		case "00":
			return false, nil
		case "01":
			return true, nil
		}
		return parseInt(s)
	case opLong:
		return parseInt(strings.TrimSuffix(s, "L"))
	case opFloat:
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no float", s)
		}
		return v, nil
	case opString:
		return unquote(s)
	default: // opUnicode
		return unescapeUnicode(s)
	}
}

func parseInt(s string) (any, error) {
	v, err := strconv.ParseInt(s, 10, 64)
	if err == nil {
		return v, nil
	}
	if errors.Is(err, strconv.ErrRange) {
		return nil, errWideInt
	}
	return nil, fmt.Errorf("%q is no int", s)
}

func bytesValue(b []byte) (any, error) { return Bytes(b), nil }

// asciiString makes a str of Python 2's str, as Python 3 does by default.
func asciiString(b []byte) (any, error) {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return nil, fmt.Errorf("a str of Python 2 holds the byte 0x%02x, which is not ASCII", c)
		}
	}
	return string(b), nil
}

// unicodeString makes a str of UTF-8 in which lone surrogates are allowed.
func unicodeString(b []byte) (any, error) {
	for rest := b; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			if size = surrogate(rest); size == 0 {
				return nil, errors.New("a str is not UTF-8")
			}
		}
		rest = rest[size:]
	}
	return string(b), nil
}

// surrogate returns the length of the encoded surrogate b begins with, 0 where there is none.
func surrogate(b []byte) int {
	if len(b) >= 3 && b[0] == 0xed && b[1]&0xe0 == 0xa0 && b[2]&0xc0 == 0x80 {
		return 3
	}
	return 0
}

// unquote reads a string literal of Python 2 in ASCII.
func unquote(s string) (any, error) {
	if len(s) < 2 || s[0] != s[len(s)-1] || s[0] != '\'' && s[0] != '"' {
		return nil, errors.New("a STRING is not in quotes")
	}
	s = s[1 : len(s)-1]
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		if i++; i == len(s) {
			return nil, errors.New("a STRING ends in a backslash")
		}
		digits, base := 0, 8
		switch c := s[i]; {
		case strings.IndexByte(`\'"`, c) >= 0:
			b = append(b, c)
			continue
		case strings.IndexByte("abfnrtv", c) >= 0:
			b = append(b, "\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
			continue
		case c == 'x':
			i++
			digits, base = 2, 16
			if len(s)-i < digits {
				return nil, errors.New("a STRING has an incomplete escape")
			}
		case '0' <= c && c <= '7':
			for digits < 3 && i+digits < len(s) && '0' <= s[i+digits] && s[i+digits] <= '7' {
				digits++
			}
		default: // Python keeps an escape it does not know.
			b = append(b, '\\', c)
			continue
		}
		v, err := strconv.ParseUint(s[i:i+digits], base, 16)
		if err != nil {
			return nil, fmt.Errorf("a STRING has the escape %q", s[i:i+digits])
		}
		b = append(b, byte(v))
		i += digits - 1
	}
	return asciiString(b)
}

// unescapeUnicode reads Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX, where a backslash before
// anything else, another backslash included, stands for itself and leaves that alone.
func unescapeUnicode(s string) (any, error) {
	var b strings.Builder
	for len(s) > 0 {
		digits := 0
		if len(s) > 1 && s[0] == '\\' {
			switch s[1] {
			case 'u':
				digits = 4
			case 'U':
				digits = 8
			default:
				b.WriteByte('\\')
				b.WriteRune(rune(s[1]))
				s = s[2:]
				continue
			}
		}
		if digits == 0 {
			b.WriteRune(rune(s[0]))
			s = s[1:]
			continue
		}
		if s = s[2:]; len(s) < digits {
			return nil, errors.New("a UNICODE has an incomplete escape")
		}
		v, err := strconv.ParseUint(s[:digits], 16, 32)
		if err != nil || v > utf8.MaxRune {
			return nil, fmt.Errorf("a UNICODE has the escape %q", s[:digits])
		}
		writeRune(&b, rune(v))
		s = s[digits:]
	}
	return b.String(), nil
}

// writeRune writes r in UTF-8, a surrogate like any other.
func writeRune(b *strings.Builder, r rune) {
	if 0xd800 <= r && r <= 0xdfff {
		b.Write([]byte{0xed, 0x80 | byte(r>>6&0x3f), 0x80 | byte(r&0x3f)})
		return
	}
	b.WriteRune(r)
}
