package tokenizer

import (
	"bytes"
	"unicode/utf8"
)

// mark stands for a space in "▁" vocabularies.
const mark = '▁'

const markText = string(mark)

// normalizer is what SentencePiece's NormalizerSpec asks for, without a character table (normalizer.cc, v0.1.97).
type normalizer struct {
	dummyPrefix bool // add_dummy_prefix: one space in front of a text
	collapse    bool // remove_extra_whitespaces: no leading, trailing or doubled spaces
	escape      bool // escape_whitespaces: spaces become "▁"
}

// space returns what a space becomes.
func (n normalizer) space() rune {
	if n.escape {
		return mark
	}
	return ' '
}

// append adds the normal form of a text to dst. Symbols that are always one token are taken as they are.
func (n normalizer) append(dst []byte, text string, symbols *matcher) []byte {
	space := utf8.AppendRune(nil, n.space())
	start := len(dst)
	first, after := true, n.collapse
	for len(text) > 0 {
		size := symbols.longest(text)
		var unit []byte
		if size > 0 {
			unit = []byte(text[:size])
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(text)
			unit = utf8.AppendRune(nil, r)
		}
		text = text[size:]
		if first && n.collapse && string(unit) == " " {
			continue
		}
		if first && n.dummyPrefix {
			dst = append(dst, space...)
		}
		first = false
		if after {
			unit = bytes.TrimLeft(unit, " ")
		}
		if len(unit) > 0 {
			after = n.collapse && unit[len(unit)-1] == ' '
			dst = append(dst, bytes.ReplaceAll(unit, []byte(" "), space)...)
		}
	}
	if n.collapse {
		for len(dst) > start && bytes.HasSuffix(dst[start:], space) {
			dst = dst[:len(dst)-len(space)]
		}
	}
	return dst
}
