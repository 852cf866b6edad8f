package textsafe

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON appends a JSON document to dst with every control, format and private-use character of its strings as a \u
// escape. encoding/json escapes those below U+0020 alone; DEL, the C1 controls and bidirectional overrides would reach a
// terminal as they are, and so would ##[ to the log of GitHub Actions. The document's meaning does not change. What separates its tokens (line feeds, spaces) stays.
func JSON(dst, document []byte) []byte {
	for len(document) > 0 {
		r, n := utf8.DecodeRune(document)
		switch {
		case r == '#' && bytes.HasPrefix(document, []byte(actionCommand)):
			dst = append(dst, `##\u005b`...)
			n = len(actionCommand)
		case r < 0x7f || !hidden(r):
			dst = append(dst, document[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		document = document[n:]
	}
	return dst
}
