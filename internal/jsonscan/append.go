package jsonscan

import "unicode/utf8"

// AppendString adds a JSON string as package encoding/json writes it without escaping for HTML.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	// In valid UTF-8 only U+2028 and U+2029, which begin with E2, need a look beyond ASCII.
	valid := utf8.ValidString(s)
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xe2 && (valid || c < utf8.RuneSelf) {
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
