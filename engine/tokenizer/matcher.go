package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// matcher finds fixed strings at a position of a text, the longest first. The nil matcher finds nothing.
type matcher struct {
	ids     map[string]int32
	lengths [256][]int // by first byte: the lengths of the strings, longest first
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

// cut splits a text at the first, longest string: what is before it, its id and what is behind it. Without any the
// whole text is before it and the id is none.
func (m *matcher) cut(text string) (before string, id int32, after string) {
	if m == nil {
		return text, none, ""
	}
	for i := 0; i < len(text); {
		if n := m.longest(text[i:]); n > 0 {
			return text[:i], m.ids[text[i:i+n]], text[i+n:]
		}
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
	return text, none, ""
}
