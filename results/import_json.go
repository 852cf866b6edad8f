package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// walker reads one JSON document as Python writes it, piece by piece: what it does not look at is never held.
type walker struct {
	name string
	dec  *json.Decoder
}

func newWalker(name string, r io.Reader) *walker {
	dec := json.NewDecoder(newPythonReader(r))
	dec.UseNumber()
	return &walker{name, dec}
}

// visitor says what to do with a value. Each function must consume what stands at its place; where one is nil, values
// of its kind are skipped.
type visitor struct {
	member  func(key string) error
	element func(i int) error
	scalar  func(token json.Token) error
}

// document reads the whole document: one value and nothing after it.
func (w *walker) document(v visitor) error {
	if err := w.value(v); err != nil {
		return w.named(err)
	}
	if _, err := w.dec.Token(); err != io.EOF {
		return fmt.Errorf("%s: more than one JSON value", w.name)
	}
	return nil
}

// named wraps an error with the file's name.
func (w *walker) named(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the JSON ends too early")
	}
	return fmt.Errorf("%s: %w", w.name, err)
}

// value reads the next value.
func (w *walker) value(v visitor) error {
	token, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		for w.dec.More() {
			key, err := w.dec.Token()
			if err != nil {
				return err
			}
			name, ok := key.(string)
			if !ok {
				return errors.New("a member's name is not a string")
			}
			if v.member == nil {
				err = w.skip()
			} else {
				err = v.member(name)
			}
			if err != nil {
				return err
			}
		}
	case json.Delim('['):
		for i := 0; w.dec.More(); i++ {
			if v.element == nil {
				err = w.skip()
			} else {
				err = v.element(i)
			}
			if err != nil {
				return err
			}
		}
	default:
		if v.scalar != nil {
			return v.scalar(token)
		}
		return nil
	}
	_, err = w.dec.Token() // the closing bracket, or what is wrong in its place
	return err
}

// skip passes over one value.
func (w *walker) skip() error {
	for depth := 0; ; {
		token, err := w.dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// raw returns the next value as it stands.
func (w *walker) raw() (json.RawMessage, error) {
	var raw json.RawMessage
	err := w.dec.Decode(&raw)
	return raw, err
}

// members returns what an object holds. What is null is as good as absent.
func members(raw []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fieldError(err)
	}
	for name, v := range fields {
		if string(v) == "null" {
			delete(fields, name)
		}
	}
	return fields, nil
}

// fieldError says in our words which field has a wrong type.
func fieldError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return fmt.Errorf("not an object but a JSON %s", wrong.Value)
		}
		return fmt.Errorf("%s is a JSON %s, want a %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return err
}

// The numbers that stand for what Python writes and JSON has no number for. Nothing else writes them so: the infinities
// are out of range, and a negative zero has no use for an exponent.
const (
	jsonNaN      = "-0e99999"
	jsonInfinity = "1e99999"
)

// parseNumber reads a JSON number, one that stands for NaN or an infinity included, or Python's name of a number.
func parseNumber(text string) (float64, error) {
	if text == jsonNaN {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		err = nil // the nearest double, an infinity
	}
	return v, err
}

// pythonReader replaces the bare words NaN and Infinity by numbers. It drops a byte order mark.
type pythonReader struct {
	in  *bufio.Reader
	buf []byte // the last chunk read
	out []byte // what is left of it to hand out
	err error  // what ended the input
	// word is the bare word being read, which begins with a capital.
	word []byte
	// started is set after the first chunk, text within a string, escaped after a backslash there.
	started, text, escaped bool
}

func newPythonReader(r io.Reader) *pythonReader {
	return &pythonReader{in: bufio.NewReader(r), buf: make([]byte, 1<<16)}
}

func (p *pythonReader) Read(b []byte) (int, error) {
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
func (p *pythonReader) replace(out, chunk []byte) []byte {
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
func (p *pythonReader) endWord(out []byte) []byte {
	switch string(p.word) {
	case "NaN":
		out = append(out, jsonNaN...)
	case "Infinity":
		out = append(out, jsonInfinity...)
	default:
		out = append(out, p.word...)
	}
	p.word = p.word[:0]
	return out
}
