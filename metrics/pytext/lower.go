package pytext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code points with a lower-case rule of their own.
const (
	capitalIWithDot = '\u0130'
	capitalSigma    = '\u03a3'
	finalSigma      = '\u03c2'
)

// Lower is s.lower(): Unicode's full lower-case mapping without any language's tailoring. It differs from
// strings.ToLower in two places: U+0130 becomes an i and a combining dot (U+0307), and a capital sigma at the end of a
// word becomes the final sigma. CPython: Objects/unicodeobject.c, lower_ucs4 and handle_capital_sigma.
func Lower(s string) string {
	if !strings.ContainsRune(s, capitalIWithDot) && !strings.ContainsRune(s, capitalSigma) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s) + 1)
	for i, r := range s {
		switch {
		case r == capitalIWithDot:
			b.WriteString("i\u0307")
		case r == capitalSigma && endsWord(s, i):
			b.WriteRune(finalSigma)
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// endsWord reports whether the capital sigma at byte i of s is final: a cased letter precedes it and none follows,
// characters that case ignores set aside on both sides.
func endsWord(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s[:i], ignoredByCase))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s[i+utf8.RuneLen(capitalSigma):], ignoredByCase))
	return cased(before) && !cased(after)
}

// cased is Unicode's derived property Cased. It is false for utf8.RuneError, which stands for the end of the string.
func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

// ignoredByCase is Unicode's derived property Case_Ignorable: marks, formats, modifiers, and the characters whose
// word-break class is MidLetter, MidNumLet or Single_Quote (UAX #29 at Unicode 14).
func ignoredByCase(r rune) bool {
	switch r {
	case '\'', '.', ':', '\u00b7', '\u0387', '\u055f', '\u05f4', '\u2018', '\u2019', '\u2024', '\u2027',
		'\ufe13', '\ufe52', '\ufe55', '\uff07', '\uff0e', '\uff1a':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
