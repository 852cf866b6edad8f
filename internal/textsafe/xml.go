package textsafe

import "strings"

// XML returns s with every character that XML 1.0 has no place for (its production Char) replaced by U+FFFD, and with
// the other control, format and private-use characters written as visible escapes. Line feeds stay. The result still
// needs the escaping of markup that encoding/xml does: a single forbidden byte makes a whole report unreadable, and some
// servers show an unreadable report as a green one.
func XML(s string) string {
	return TerminalLines(strings.Map(func(r rune) rune {
		if xmlChar(r) {
			return r
		}
		return '\ufffd'
	}, s)) // Map gives U+FFFD for invalid UTF-8
}

// xmlChar is the production Char of XML 1.0, fifth edition, section 2.2.
func xmlChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
