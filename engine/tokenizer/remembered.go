package tokenizer

import (
	"sort"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/commonprefix"
)

// remembered is the text that was encoded last, with its ids. Prompts begin alike: what the next text has in common with it, up to a
// place where nothing merges across, needs no second encoding.
type remembered struct {
	text   string
	prefix bool // a space was put in front
	ids    []int32
	parts  []start
}

// start is where a part of a text begins, and how many ids precede it.
type start struct{ at, ids int32 }

// worthKeeping is the length from which on a text is remembered: continuations and other short ones would displace prompts.
const worthKeeping = 256

// recall begins w.out with the ids of what a text has in common with the last one, and returns where the rest begins. The starts of
// parts before it stay. That a part begins where it does depends on its first character and on so many parts ahead.
func (w *workspace) recall(text string, prefix bool, ahead int) (at int) {
	m := &w.last
	if m.prefix != prefix {
		m.parts = m.parts[:0]
		return 0
	}
	same := commonprefix.Len(m.text, text)
	known := sort.Search(len(m.parts), func(i int) bool {
		from := int(m.parts[i].at)
		_, size := utf8.DecodeRuneInString(m.text[from:])
		return from+size > same
	})
	known = max(0, known-ahead)
	m.parts = m.parts[:known]
	if known == 0 {
		return 0
	}
	from := m.parts[known-1]
	w.out = append(w.out, m.ids[:from.ids]...)
	m.parts = m.parts[:known-1] // it will be noted again
	return int(from.at)
}

// note notes that a part begins at a byte of the text.
func (w *workspace) note(at int) {
	w.last.parts = append(w.last.parts, start{int32(at), int32(len(w.out))})
}

// remember keeps the text whose ids are w.out and whose parts were noted.
func (w *workspace) remember(text string, prefix bool) {
	w.last.text, w.last.prefix, w.last.ids = text, prefix, append(w.last.ids[:0], w.out...)
}
