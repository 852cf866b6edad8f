package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Walker reads one JSON document as Python writes it, piece by piece: what it does not look at is never held.
type Walker struct {
	name string
	dec  *json.Decoder
}

// NewWalker returns a walker over r; name is for its errors.
func NewWalker(name string, r io.Reader) *Walker {
	dec := json.NewDecoder(NewReader(r))
	dec.UseNumber()
	return &Walker{name, dec}
}

// Visitor says what to do with a value. Each function must consume what stands at its place; where one is nil, values
// of its kind are skipped.
type Visitor struct {
	Member  func(key string) error
	Element func(i int) error
	Scalar  func(token json.Token) error
}

// Document reads the whole document: one value and nothing after it.
func (w *Walker) Document(v Visitor) error {
	if err := w.Value(v); err != nil {
		return w.Named(err)
	}
	if _, err := w.dec.Token(); err != io.EOF {
		return fmt.Errorf("%s: more than one JSON value", w.name)
	}
	return nil
}

// Named wraps an error with the file's name.
func (w *Walker) Named(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the JSON ends too early")
	}
	return fmt.Errorf("%s: %w", w.name, err)
}

// Value reads the next value.
func (w *Walker) Value(v Visitor) error {
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
			if v.Member == nil {
				err = w.Skip()
			} else {
				err = v.Member(name)
			}
			if err != nil {
				return err
			}
		}
	case json.Delim('['):
		for i := 0; w.dec.More(); i++ {
			if v.Element == nil {
				err = w.Skip()
			} else {
				err = v.Element(i)
			}
			if err != nil {
				return err
			}
		}
	default:
		if v.Scalar != nil {
			return v.Scalar(token)
		}
		return nil
	}
	_, err = w.dec.Token() // the closing bracket, or what is wrong in its place
	return err
}

// Skip passes over one value.
func (w *Walker) Skip() error {
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

// Raw returns the next value as it stands.
func (w *Walker) Raw() (json.RawMessage, error) {
	var raw json.RawMessage
	err := w.dec.Decode(&raw)
	return raw, err
}

// Members returns what an object holds. What is null is as good as absent.
func Members(raw []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, FieldError(err)
	}
	for name, v := range fields {
		if string(v) == "null" {
			delete(fields, name)
		}
	}
	return fields, nil
}

// FieldError says in our words which field has a wrong type.
func FieldError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return fmt.Errorf("not an object but a JSON %s", wrong.Value)
		}
		return fmt.Errorf("%s is a JSON %s, want a %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return err
}

// Scalar is the text of a JSON string or number, nil where there is none.
func Scalar(raw json.RawMessage) (*string, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	text := string(raw)
	switch {
	case raw[0] == '"':
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
	case strings.IndexByte("-0123456789", raw[0]) < 0:
		return nil, errors.New("is neither a string nor a number")
	}
	return &text, nil
}
