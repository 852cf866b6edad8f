package tokenizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// matcher finds fixed strings at a position of a text, the longest first. The nil matcher finds nothing.
type matcher struct {
	ids     map[string]int32
	lengths [256][]int        // by first byte: the lengths of the strings, longest first
	limits  map[string]limits // of the strings that have any
}

// limits are the options of an added token that look at its neighbours.
type limits struct {
	left, right bool // white space there belongs to the token (lstrip, rstrip)
	word        bool // no letter, digit or mark may stand beside it (single_word)
}

// newMatcher returns nil for no strings.
func newMatcher(ids map[string]int32) *matcher {
	if len(ids) == 0 {
		return nil
	}
	m := &matcher{ids: ids}
	for s := range ids {
		if list := &m.lengths[s[0]]; !slices.Contains(*list, len(s)) {
			*list = append(*list, len(s))
		}
	}
	for _, list := range m.lengths {
		slices.SortFunc(list, func(a, b int) int { return b - a })
	}
	return m
}

// longest returns the length of the longest string that text begins with, 0 for none.
func (m *matcher) longest(text string) int {
	if m == nil {
		return 0
	}
	for _, n := range m.lengths[text[0]] {
		if n <= len(text) {
			if _, ok := m.ids[text[:n]]; ok {
				return n
			}
		}
	}
	return 0
}

// find returns the place and the id of the first, longest string in text[from:]. Without any, both places are the end of
// the text and the id is none (tokenizers, added_vocabulary.rs, find_matches).
func (m *matcher) find(text string, from int) (start, stop int, id int32) {
	if m == nil {
		return len(text), len(text), none
	}
	for i := from; i < len(text); {
		if n := m.longest(text[i:]); n > 0 {
			s := text[i : i+n]
			if start, stop, ok := m.limits[s].apply(text, from, i, i+n); ok {
				return start, stop, m.ids[s]
			}
			i += n
			continue
		}
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
	return len(text), len(text), none
}

// apply widens a match at text[start:stop] by the white space that belongs to it, and tells whether it counts.
func (l limits) apply(text string, from, start, stop int) (int, int, bool) {
	if l.word {
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[stop:])
		if start > 0 && inWord(before) || stop < len(text) && inWord(after) {
			return 0, 0, false
		}
	}
	if l.left {
		start = from + len(strings.TrimRightFunc(text[from:start], unicode.IsSpace))
	}
	if l.right {
		stop = len(text) - len(strings.TrimLeftFunc(text[stop:], unicode.IsSpace))
	}
	return start, stop, true
}

// inWord is \w.
func inWord(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}
