// Package python reads and writes what CPython reads and writes of plain values: json.dumps and json.loads with their
// order of members and their NaN, repr and the literals that it prints. Hashes that other tools take of such texts can
// then be taken here, byte for byte, and files of any size are read piece by piece. Sources: Lib/json/encoder.py,
// Objects/unicodeobject.c (unicode_repr) and Python/pystrtod.c (format_float_short) of CPython 3.11.
package python

import (
	"fmt"
	"math"
	"strconv"
	"strings"
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

// Pick returns the named members in that order. whole is false where one is absent or null; it is then null.
func (o Object) Pick(names ...string) (picked Object, whole bool) {
	whole = true
	for _, name := range names {
		v, _ := o.Get(name)
		whole = whole && v != nil
		picked = append(picked, Member{name, v})
	}
	return picked, whole
}

// Text is a member that is a string, or "".
func (o Object) Text(name string) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return s
}

// Object is a member that is an object, or an empty one.
func (o Object) Object(name string) Object {
	v, _ := o.Get(name)
	member, _ := v.(Object)
	return member
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
	panic(fmt.Sprintf("python: no JSON for a %T", v))
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

// AppendASCII appends json.dumps(s): ASCII only, surrogate pairs in lower-case hex, and short escapes for five control
// characters. DEL is ASCII but is escaped.
func AppendASCII(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	escape := func(v rune) {
		b = append(b, '\\', 'u', hexDigits[v>>12&15], hexDigits[v>>8&15], hexDigits[v>>4&15], hexDigits[v&15])
	}
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case ' ' <= r && r < 0x7f:
			b = append(b, byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r > 0xffff:
			r -= 0x10000
			escape(0xd800 + r>>10)
			escape(0xdc00 + r&0x3ff)
		default:
			escape(r)
		}
	}
	return append(b, '"')
}
