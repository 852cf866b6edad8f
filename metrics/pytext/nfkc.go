package pytext

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NFKC is unicodedata.normalize("NFKC", s).
//
// golang.org/x/text gives the same for ordinary text, but it keeps to the stream-safe format of UAX #15: after 30
// combining marks in a row it inserts U+034F, which Python never does. Such text is rare but models do emit it (a long
// run of half-width voicing marks is enough), so it takes a slower path without a limit. Bytes that are not UTF-8, which
// no Python string holds, become one U+FFFD each.
func NFKC(s string) string {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	if !longMarkRun(s) {
		return norm.NFKC.String(s)
	}
	return compose(order(decompose(s)))
}

// maxMarks is more combining marks than the decomposition of any one code point ends or begins with.
const maxMarks = 4

// longMarkRun reports whether a run of combining marks in the decomposition of s may reach the stream-safe limit of 30.
// It overestimates: every code point of a run counts maxMarks.
func longMarkRun(s string) bool {
	marks := 0
	for i := 0; i < len(s); {
		if s[i] < 0x80 {
			marks = 0
			i++
			continue
		}
		p := norm.NFKC.PropertiesString(s[i:])
		switch {
		case p.LeadCCC() != 0:
			marks += maxMarks
		case p.TrailCCC() != 0:
			marks = maxMarks
		default:
			marks = 0
		}
		if marks > 30-maxMarks {
			return true
		}
		i += max(p.Size(), 1)
	}
	return false
}

// mark is a code point with its canonical combining class.
type mark struct {
	r     rune
	class uint8
}

// decompose maps every code point of s to its full compatibility decomposition.
func decompose(s string) []mark {
	var out []mark
	for _, r := range s {
		// One code point decomposes to at most 18, of which few are marks: no limit is met here.
		for _, d := range norm.NFKD.String(string(r)) {
			out = append(out, mark{d, norm.NFKD.PropertiesString(string(d)).CCC()})
		}
	}
	return out
}

// order puts every run of combining marks in canonical order, in place.
func order(s []mark) []mark {
	for i := 0; i < len(s); {
		if s[i].class == 0 {
			i++
			continue
		}
		end := i
		for end < len(s) && s[end].class != 0 {
			end++
		}
		slices.SortStableFunc(s[i:end], func(a, b mark) int { return int(a.class) - int(b.class) })
		i = end
	}
	return s
}

// compose joins every starter with the following code points it has a primary composite with and that nothing blocks
// (UAX #15, D117).
func compose(s []mark) string {
	out := make([]mark, 0, len(s))
	starter := -1
	for _, m := range s {
		if starter >= 0 {
			last := out[len(out)-1]
			adjacent := len(out)-1 == starter
			if adjacent || last.class != 0 && last.class < m.class {
				if c, ok := composite(out[starter].r, m.r); ok {
					out[starter].r = c
					continue
				}
			}
		}
		out = append(out, m)
		if m.class == 0 {
			starter = len(out) - 1
		}
	}
	var b strings.Builder
	for _, m := range out {
		b.WriteRune(m.r)
	}
	return b.String()
}

// composite returns the primary composite of a starter and a code point. The normal form of the pair is one code point
// exactly where there is one, because the pair comes from text in canonical order.
func composite(a, b rune) (rune, bool) {
	joined := []rune(norm.NFC.String(string([]rune{a, b})))
	if len(joined) != 1 {
		return 0, false
	}
	return joined[0], true
}
