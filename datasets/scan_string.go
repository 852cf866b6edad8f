package datasets

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// appendStripped adds a JSON string that was scanned before, without the white space that Python's str.strip removes
// from its value if strip says so.
func appendStripped(b, raw []byte, strip bool) ([]byte, error) {
	in := raw[1 : len(raw)-1]
	if bytes.IndexByte(in, '\\') >= 0 {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return b, err
		}
		if strip {
			s = strings.TrimFunc(s, pythonSpace)
		}
		return appendString(b, s), nil
	}
	if strip {
		in = bytes.TrimFunc(in, pythonSpace)
	}
	if bytes.Contains(in, []byte("\u2028")) || bytes.Contains(in, []byte("\u2029")) {
		return appendString(b, string(in)), nil
	}
	b = append(append(b, '"'), in...) // it stands there as it would be written
	return append(b, '"'), nil
}

// appendString adds a JSON string as package encoding/json writes it without escaping for HTML.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size, escape := 1, ""
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				escape = `\ufffd`
			case r == '\u2028':
				escape = `\u2028`
			case r == '\u2029':
				escape = `\u2029`
			default:
				i += size
				continue
			}
		case c == '"':
			escape = `\"`
		case c == '\\':
			escape = `\\`
		case c == '\b':
			escape = `\b`
		case c == '\f':
			escape = `\f`
		case c == '\n':
			escape = `\n`
		case c == '\r':
			escape = `\r`
		case c == '\t':
			escape = `\t`
		default:
			escape = `\u00` + hex[c>>4:c>>4+1] + hex[c&15:c&15+1]
		}
		b = append(b, s[start:i]...)
		b = append(b, escape...)
		i += size
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
