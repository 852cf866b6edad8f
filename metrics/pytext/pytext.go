// Package pytext holds the text primitives of Python 3 that the reference harnesses lean on, where Go's own differ.
//
// It promises the result of str.lower, str.strip, str.split, str.isspace, \w and unicodedata.normalize on every valid
// UTF-8 string, whatever its length; lengths are code points. Only code points assigned after the reference's
// Unicode (13 or 14) may be classed differently, since the tables are those of the Go tool chain.
package pytext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ASCIIPunctuation is string.punctuation: the 32 ASCII characters that are neither letters, digits, space nor controls.
const ASCIIPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// IsSpace reports whether str.isspace holds for r, which is also what \s matches and what split and strip cut at.
// Unlike unicode.IsSpace it includes the separators U+001C to U+001F.
func IsSpace(r rune) bool {
	return 0x1c <= r && r <= 0x1f || unicode.IsSpace(r)
}

// IsWord reports whether \w matches r: str.isalnum or the underscore. Over all code points that is exactly the
// categories L and N; combining marks are not word characters.
func IsWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
}

// IsASCIIPunctuation reports whether r is one of ASCIIPunctuation.
func IsASCIIPunctuation(r rune) bool {
	return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// DeleteASCIIPunctuation returns s without the characters of ASCIIPunctuation; nothing takes their place.
func DeleteASCIIPunctuation(s string) string {
	return strings.Map(func(r rune) rune {
		if IsASCIIPunctuation(r) {
			return -1
		}
		return r
	}, s)
}

// Strip is s.strip().
func Strip(s string) string { return strings.TrimFunc(s, IsSpace) }

// StripLeft is s.lstrip().
func StripLeft(s string) string { return strings.TrimLeftFunc(s, IsSpace) }

// StripRight is s.rstrip().
func StripRight(s string) string { return strings.TrimRightFunc(s, IsSpace) }

// Fields is s.split(): the pieces between runs of white space, none of them empty.
func Fields(s string) []string { return strings.FieldsFunc(s, IsSpace) }

// CollapseSpace is " ".join(s.split()): every run of white space becomes one ASCII space, and the ends are stripped.
func CollapseSpace(s string) string { return strings.Join(Fields(s), " ") }

// FirstLine is s.split("\n")[0]: what precedes the first U+000A. No other character ends a line.
func FirstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Len is len(s): the number of code points.
func Len(s string) int { return utf8.RuneCountInString(s) }
