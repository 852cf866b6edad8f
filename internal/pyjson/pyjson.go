// Package pyjson writes values as CPython writes them: json.dumps with ensure_ascii=False, and repr. Hashes that other
// tools take of such texts can then be taken here, byte for byte. Sources: Lib/json/encoder.py, Objects/unicodeobject.c
// (unicode_repr) and Python/pystrtod.c (format_float_short) of CPython 3.11.
package pyjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Object is a dict: members in the order they are written in.
type Object []Member

// Member is one key with its value: nil, bool, string, int, float64, Number, []any, []string or Object.
type Member struct {
	Name  string
	Value any
}

// Number is a whole number of any size, in digits.
type Number string

// Get returns a member's value; of several with one name the last counts, as in a dict.
func (o Object) Get(name string) (any, bool) {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].Name == name {
			return o[i].Value, true
		}
	}
	return nil, false
}

// Append appends json.dumps(v, ensure_ascii=False), with indent=indent where that is above 0. It panics on a value that
// is of none of Member's types: those are written by the program, not read.
func Append(b []byte, v any, indent int) []byte { return appendValue(b, v, indent, 0) }

func appendValue(b []byte, v any, indent, level int) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case float64:
		return append(b, jsonFloat(v)...)
	case Number:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case []string:
		return appendItems(b, "[]", len(v), indent, level, func(b []byte, i int) []byte { return appendString(b, v[i]) })
	case []any:
		return appendItems(b, "[]", len(v), indent, level, func(b []byte, i int) []byte {
			return appendValue(b, v[i], indent, level+1)
		})
	case Object:
		return appendItems(b, "{}", len(v), indent, level, func(b []byte, i int) []byte {
			b = append(appendString(b, v[i].Name), ": "...)
			return appendValue(b, v[i].Value, indent, level+1)
		})
	}
	panic(fmt.Sprintf("pyjson: no JSON for a %T", v))
}

// appendItems appends n items in brackets. Without indent a comma and a space separate them.
func appendItems(b []byte, brackets string, n, indent, level int, item func(b []byte, i int) []byte) []byte {
	b = append(b, brackets[0])
	line := func(level int) {
		if indent > 0 && n > 0 {
			b = append(b, '\n')
			b = append(b, strings.Repeat(" ", indent*level)...)
		}
	}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
			if indent == 0 {
				b = append(b, ' ')
			}
		}
		line(level + 1)
		b = item(b, i)
	}
	line(level)
	return append(b, brackets[1])
}

// appendString escapes the quote, the backslash and the characters below the space; DEL and all others stay.
func appendString(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		case '\f':
			b = append(b, `\f`...)
		case '\b':
			b = append(b, `\b`...)
		default:
			if c < ' ' {
				b = append(b, `\u00`...)
				b = append(b, hexDigits[c>>4], hexDigits[c&15])
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}

// jsonFloat is a float as json.dumps writes it, with JavaScript's names for what JSON has no number for.
func jsonFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return Float(v)
}

// Float is repr of a float: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16.
func Float(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64) // both write at least two digits of exponent
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// Repr is repr of a string or a list of strings.
func Repr(v any) string {
	switch v := v.(type) {
	case string:
		return reprString(v)
	case []string:
		items := make([]string, len(v))
		for i, s := range v {
			items[i] = reprString(s)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	panic(fmt.Sprintf("pyjson: no repr for a %T", v))
}

// reprString quotes with ' unless only " would need no escape. Characters without a shape of their own, every space but
// the ASCII one included, are escaped.
func reprString(s string) string {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range s {
		switch {
		case r == quote || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// maxDepth bounds the nesting of what Parse reads.
const maxDepth = 1000

// Parse reads one JSON value as json.loads does, keeping the order of members: whole numbers become Number, others
// float64.
func Parse(raw []byte) (any, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	v, err := parse(dec, 0)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func parse(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Number:
		return number(string(t))
	case json.Delim:
		if t == '[' {
			list := []any{}
			for dec.More() {
				v, err := parse(dec, depth+1)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			_, err := dec.Token()
			return list, err
		}
		object := Object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := parse(dec, depth+1)
			if err != nil {
				return nil, err
			}
			object = object.with(key.(string), v)
		}
		_, err := dec.Token()
		return object, err
	}
	return token, nil // nil, bool, string
}

// with sets a member: a name that comes again keeps its place and takes the new value, as in a dict.
func (o Object) with(name string, v any) Object {
	for i := range o {
		if o[i].Name == name {
			o[i].Value = v
			return o
		}
	}
	return append(o, Member{name, v})
}

func number(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		v, err := strconv.ParseFloat(text, 64)
		if errors.Is(err, strconv.ErrRange) {
			err = nil // an infinity, as in Python
		}
		return v, err
	}
	if text == "-0" {
		text = "0"
	}
	return Number(text), nil
}
