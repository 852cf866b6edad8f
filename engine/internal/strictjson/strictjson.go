// Package strictjson reads JSON objects that come from strangers: checkpoint headers, shard indexes, configurations.
//
// encoding/json is lenient where leniency hides an attack or a mistake: the last of two equal keys wins, broken UTF-8
// is replaced, a float is accepted as an integer when it happens to be whole. Here each of these is an error. Nesting
// is bounded by encoding/json itself (10,000 levels), so no input can exhaust the stack.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Member is one key of an object with its value's text, in the order of the input.
type Member struct {
	Key   string
	Value json.RawMessage
}

// Null tells whether the value is the literal null.
func (m Member) Null() bool { return IsNull(m.Value) }

// IsNull tells whether a value's text is the literal null.
func IsNull(v json.RawMessage) bool { return string(bytes.TrimSpace(v)) == "null" }

// Object returns the members of the single JSON object that data holds. Keys that occur twice, text that is not UTF-8,
// anything that is not an object and anything but white space after it are errors.
func Object(data []byte) ([]Member, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	first, err := dec.Token()
	if err != nil {
		return nil, syntax(err)
	}
	if first != json.Delim('{') {
		return nil, fmt.Errorf("want a JSON object, found %s", kind(first))
	}
	var members []Member
	seen := make(map[string]bool)
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, syntax(err)
		}
		key, ok := tok.(string)
		if !ok {
			return nil, fmt.Errorf("want a key, found %s", kind(tok))
		}
		if seen[key] {
			return nil, fmt.Errorf("key %s occurs twice", Quote(key))
		}
		seen[key] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, syntax(err)
		}
		members = append(members, Member{Key: key, Value: value})
	}
	if _, err := dec.Token(); err != nil {
		return nil, syntax(err)
	}
	if rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes after the JSON object", len(rest))
	}
	return members, nil
}

// Uint returns a non-negative integer written as one: no sign, no fraction, no exponent.
func Uint(v json.RawMessage) (uint64, error) {
	n, err := strconv.ParseUint(string(bytes.TrimSpace(v)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("want a non-negative integer, found %s", Quote(string(v)))
	}
	return n, nil
}

// Int returns an integer written as one: no fraction, no exponent.
func Int(v json.RawMessage) (int64, error) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(v)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("want an integer, found %s", Quote(string(v)))
	}
	return n, nil
}

// Float returns a JSON number as a float64.
func Float(v json.RawMessage) (float64, error) {
	var f *float64
	if err := json.Unmarshal(v, &f); err != nil || f == nil {
		return 0, fmt.Errorf("want a number, found %s", Quote(string(v)))
	}
	return *f, nil
}

// Bool returns true or false.
func Bool(v json.RawMessage) (bool, error) {
	switch string(bytes.TrimSpace(v)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("want true or false, found %s", Quote(string(v)))
}

// String returns a JSON string.
func String(v json.RawMessage) (string, error) {
	var s *string
	if err := json.Unmarshal(v, &s); err != nil || s == nil {
		return "", fmt.Errorf("want a string, found %s", Quote(string(v)))
	}
	return *s, nil
}

// Array returns the texts of a JSON array's elements.
func Array(v json.RawMessage) ([]json.RawMessage, error) {
	var list *[]json.RawMessage
	if err := json.Unmarshal(v, &list); err != nil || list == nil {
		return nil, fmt.Errorf("want an array, found %s", Quote(string(v)))
	}
	return *list, nil
}

// Quote shows untrusted text in an error message: escaped, on one line, at most 60 bytes of it.
func Quote(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "..."
	}
	return strconv.QuoteToASCII(s)
}

// syntax words encoding/json's error: the end of input in the middle of a value is a truncation.
func syntax(err error) error {
	var bad *json.SyntaxError
	if errors.As(err, &bad) {
		return fmt.Errorf("not JSON at byte %d: %s", bad.Offset, bad.Error())
	}
	return fmt.Errorf("not JSON: %w", err)
}

func kind(tok json.Token) string {
	switch t := tok.(type) {
	case json.Delim:
		if t == '[' {
			return "an array"
		}
		return fmt.Sprintf("%q", rune(t))
	case string:
		return "a string"
	case bool:
		return "a truth value"
	case nil:
		return "null"
	default:
		return "a number"
	}
}
