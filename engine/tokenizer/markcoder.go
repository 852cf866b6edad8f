package tokenizer

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// markCoder encodes with a vocabulary that writes spaces as "▁": SentencePiece's, and the tokenizer.json made from it.
type markCoder struct {
	unigram    *unigram // cuts the normal form; nil where symbols merge
	normalizer normalizer
	alphabet   alphabet
	merges     mergeTable
	symbols    *matcher    // strings that are always one token, looked for in the normal form (user-defined symbols)
	bare       bool        // a text that begins with a space gets no other in front
	prefixEach bool        // the text after an added token gets a leading space of its own
	splitMarks bool        // nothing merges across the start of a "▁"
	bytes      *[256]int32 // ids of the byte tokens; nil without byte fallback
	unknown    int32       // stands for characters outside the vocabulary where bytes is nil
	fuse       bool        // several unknown characters in a row are one token
	strip      bool        // decoding removes one leading space
	lateMarks  bool        // decoding takes a "▁" that bytes spell for a space, too
}

func (c *markCoder) leading() bool { return c.strip }

func (c *markCoder) encode(w *workspace, text string, tokens *matcher) {
	rules := c.normalizer
	for at := 0; at < len(text); {
		start, stop, id := tokens.find(text, at)
		c.encodePlain(w, text[at:start], rules)
		if id != none {
			w.out = append(w.out, id)
			rules.dummyPrefix = c.normalizer.dummyPrefix && c.prefixEach
		}
		at = stop
	}
}

// encodePlain encodes a text without added tokens.
func (c *markCoder) encodePlain(w *workspace, text string, rules normalizer) {
	if text == "" {
		return
	}
	if c.bare && (text[0] == ' ' || strings.HasPrefix(text, markText)) {
		rules.dummyPrefix = false
	}
	w.clear()
	if rules.collapse || c.symbols != nil || c.unigram != nil {
		w.normal = rules.append(w.normal[:0], text, c.symbols)
		c.encodeNormal(w, string(w.normal))
		return
	}
	keep := len(w.out) == 0 && len(text) >= worthKeeping
	at := 0
	if keep {
		at = w.recall(text, rules.dummyPrefix, 0)
	}
	space := rules.space()
	if rules.dummyPrefix && at == 0 {
		c.push(w, space)
	}
	for i, r := range text[at:] {
		if r == ' ' {
			r = space
		}
		c.push(w, r)
		if keep && len(w.symbols) == 1 && at+i > 0 {
			w.note(at + i)
		}
	}
	c.flush(w)
	if keep {
		w.remember(text, rules.dummyPrefix)
	}
}

// encodeNormal encodes a normal form that may hold user-defined symbols. Nothing merges with those.
func (c *markCoder) encodeNormal(w *workspace, text string) {
	if c.unigram != nil {
		c.encodeUnigram(w, text)
		return
	}
	for len(text) > 0 {
		if n := c.symbols.longest(text); n > 0 {
			c.flush(w)
			w.out = append(w.out, c.symbols.ids[text[:n]])
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		c.push(w, r)
		text = text[n:]
	}
	c.flush(w)
}

// encodeUnigram encodes a normal form, before each "▁" anew where nothing reaches across.
func (c *markCoder) encodeUnigram(w *workspace, text string) {
	for text != "" {
		end := len(text)
		if c.splitMarks {
			if i := strings.Index(text[1:], markText); i >= 0 {
				end = 1 + i
			}
		}
		c.unigram.encode(w, text[:end], c)
		text = text[end:]
	}
}

// push takes the next character of the normal form.
func (c *markCoder) push(w *workspace, r rune) {
	if c.splitMarks && r == mark {
		c.flush(w)
	}
	s := c.alphabet.symbol(r)
	if s == none {
		c.flush(w)
		c.spell(w, r)
		return
	}
	if !w.push(&c.merges, s) {
		c.flush(w)
		w.push(&c.merges, s)
	}
}

// flush merges the part in work and appends its tokens.
func (c *markCoder) flush(w *workspace) {
	if len(w.symbols) > 1 {
		w.reduce(&c.merges)
	}
	for _, s := range w.symbols {
		if s < c.alphabet.size {
			w.out = append(w.out, s)
		} else {
			c.spell(w, c.alphabet.extra[s-c.alphabet.size])
		}
	}
	w.clear()
}

// spell appends the tokens of a character outside the vocabulary.
func (c *markCoder) spell(w *workspace, r rune) {
	if c.bytes == nil {
		if n := len(w.out); !c.fuse || n == 0 || w.out[n-1] != c.unknown {
			w.out = append(w.out, c.unknown)
		}
		return
	}
	var b [utf8.UTFMax]byte
	for _, x := range b[:utf8.EncodeRune(b[:], r)] {
		w.out = append(w.out, c.bytes[x])
	}
}

// decode joins pieces with "▁" as a space. A maximal run of byte tokens is one piece of UTF-8 or, if it is not valid as
// a whole, one U+FFFD per byte (tokenizers, decoders/byte_fallback.rs).
func (c *markCoder) decode(v *vocabulary, ids []int32) string {
	var text strings.Builder
	text.Grow(4 * len(ids))
	var run []byte
	end := func() {
		if utf8.Valid(run) {
			if c.lateMarks {
				run = bytes.ReplaceAll(run, []byte(markText), []byte(" "))
			}
			text.Write(run)
		} else {
			for range run {
				text.WriteRune(utf8.RuneError)
			}
		}
		run = run[:0]
	}
	for _, id := range ids {
		switch v.kind(id) {
		case hole, control, unknown:
		case byteValue:
			run = append(run, v.values[id])
		default:
			end()
			for rest := v.pieces[id]; rest != ""; {
				before, after, found := strings.Cut(rest, markText)
				text.WriteString(before)
				if found {
					text.WriteByte(' ')
				}
				rest = after
			}
		}
	}
	end()
	return text.String()
}
