package python

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
)

// The numbers that stand for what Python writes and JSON has no number for. Nothing else writes them so: the infinities
// are out of range, and a negative zero has no use for an exponent.
const (
	nan      = "-0e99999"
	infinity = "1e99999"
)

// ParseNumber reads a JSON number, one that stands for NaN or an infinity included, or Python's name of a number.
func ParseNumber(text string) (float64, error) {
	if text == nan {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		err = nil // the nearest double, an infinity
	}
	return v, err
}

// Reader replaces the bare words NaN and Infinity by numbers. It drops a byte order mark.
type Reader struct {
	in  *bufio.Reader
	buf []byte // the last chunk read
	out []byte // what is left of it to hand out
	err error  // what ended the input
	// word is the bare word being read, which begins with a capital.
	word []byte
	// started is set after the first chunk, text within a string, escaped after a backslash there.
	started, text, escaped bool
}

// NewReader returns a reader of the JSON that r writes as Python does.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReader(r), buf: make([]byte, 1<<16)}
}

func (p *Reader) Read(b []byte) (int, error) {
	for len(p.out) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		if !p.started {
			p.started = true
			if mark, err := p.in.Peek(3); err == nil && string(mark) == "\ufeff" {
				if _, err := p.in.Discard(3); err != nil {
					return 0, err
				}
			}
		}
		n, err := p.in.Read(p.buf)
		p.out = p.replace(p.out, p.buf[:n])
		if err != nil {
			p.err = err
			p.out = p.endWord(p.out)
		}
	}
	n := copy(b, p.out)
	p.out = p.out[n:]
	return n, nil
}

// replace appends to out what stands for a chunk of the input.
func (p *Reader) replace(out, chunk []byte) []byte {
	for i := 0; i < len(chunk); i++ {
		if p.text && !p.escaped { // most of a file is text
			n := bytes.IndexAny(chunk[i:], `"\\`)
			if n < 0 {
				return append(out, chunk[i:]...)
			}
			out = append(out, chunk[i:i+n]...)
			i += n
		}
		c := chunk[i]
		switch {
		case p.text:
			p.text = p.escaped || c != '"'
			p.escaped = !p.escaped && c == '\\'
		case 'A' <= c && c <= 'Z' || len(p.word) > 0 && 'a' <= c && c <= 'z':
			p.word = append(p.word, c)
			continue
		default:
			out = p.endWord(out)
			p.text = c == '"'
		}
		out = append(out, c)
	}
	return out
}

// endWord appends what stands for the word. A minus sign before Infinity is already there.
func (p *Reader) endWord(out []byte) []byte {
	switch string(p.word) {
	case "NaN":
		out = append(out, nan...)
	case "Infinity":
		out = append(out, infinity...)
	default:
		out = append(out, p.word...)
	}
	p.word = p.word[:0]
	return out
}
