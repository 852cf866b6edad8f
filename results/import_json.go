package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// walker reads one JSON document as Python writes it, piece by piece: what it does not look at is never held. Python
// writes NaN and Infinity as bare words; they are read as strings.
type walker struct {
	name string
	dec  *json.Decoder
}

func newWalker(name string, r io.Reader) *walker {
	return &walker{name, json.NewDecoder(newPythonReader(r))}
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

// pythonReader puts bare words that begin with a capital, which JSON does not know, between quotes: NaN, Infinity,
// -Infinity. It drops a byte order mark.
type pythonReader struct {
	in      *bufio.Reader
	started bool
	// string is set within a string, escaped after a backslash there, word within a bare word.
	string, escaped, word bool
	held                  []byte // bytes due before the next of in
}

func newPythonReader(r io.Reader) *pythonReader {
	return &pythonReader{in: bufio.NewReaderSize(r, 1<<16)}
}

func (p *pythonReader) Read(b []byte) (int, error) {
	if !p.started {
		p.started = true
		if mark, err := p.in.Peek(3); err == nil && string(mark) == "\ufeff" {
			if _, err := p.in.Discard(3); err != nil {
				return 0, err
			}
		}
	}
	n := copy(b, p.held)
	p.held = p.held[n:]
	for n < len(b) && len(p.held) == 0 {
		c, err := p.in.ReadByte()
		if err != nil {
			if p.word {
				p.word, p.held = false, append(p.held, '"')
				break
			}
			return n, err
		}
		p.take(c)
		m := copy(b[n:], p.held)
		n, p.held = n+m, p.held[m:]
	}
	if n == 0 && len(b) > 0 && len(p.held) > 0 { // the quote that ends the input's last word
		n = copy(b, p.held)
		p.held = p.held[n:]
	}
	return n, nil
}

// take appends to held what stands for the next byte.
func (p *pythonReader) take(c byte) {
	p.held = p.held[:0]
	capital := 'A' <= c && c <= 'Z'
	switch {
	case p.string:
		p.string = p.escaped || c != '"'
		p.escaped = !p.escaped && c == '\\'
	case p.word:
		if !capital && (c < 'a' || c > 'z') {
			p.word, p.held = false, append(p.held, '"')
			p.string = c == '"'
		}
	case c == '"':
		p.string = true
	case capital:
		p.word, p.held = true, append(p.held, '"')
	case c == '-':
		if next, err := p.in.Peek(1); err == nil && 'A' <= next[0] && next[0] <= 'Z' {
			p.word, p.held = true, append(p.held, '"')
		}
	}
	p.held = append(p.held, c)
}
