package tokenizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// byteCoder encodes with a vocabulary over bytes: the text is split by an expression, and the bytes of each part merge.
type byteCoder struct {
	steps   []split
	nfc     bool             // the text is brought into normalization form C
	prefix  bool             // a text that does not begin with a space gets one
	whole   bool             // ignore_merges: a part that is a token is that token, however it would merge
	symbols [256]int32       // ids of the bytes
	values  map[rune]byte    // GPT-2's alphabet: the byte that a character of a piece stands for
	letters [256][]byte      // the same the other way, in UTF-8
	merges  mergeTable       // of byte strings
	words   map[string]int32 // by piece
	kinds   []kind
}

// byteLevel builds the coder of a byte-level vocabulary.
func (d *document) byteLevel(v *vocabulary) (*byteCoder, error) {
	if d.model.byteFallback {
		return nil, errors.New("byte_fallback is not supported together with ByteLevel")
	}
	c := &byteCoder{
		steps: d.pipeline.bytes.steps, nfc: d.pipeline.nfc, prefix: d.pipeline.bytes.prefix, whole: d.model.ignoreMerges,
		values: make(map[rune]byte), words: v.ids, kinds: v.kinds,
	}
	for b, r := range byteLetters() {
		c.values[r] = byte(b)
		c.letters[b] = utf8.AppendRune(nil, r)
		id, ok := v.ids[string(r)]
		if !ok {
			return nil, fmt.Errorf("byte 0x%02X, %s, is not in the vocabulary", b, quote(string(r)))
		}
		c.symbols[b] = id
	}
	var err error
	c.merges, err = d.model.table(v, func(r rune) int32 {
		if b, ok := c.values[r]; ok {
			return c.symbols[b]
		}
		return none
	})
	return c, err
}

// byteLetters is GPT-2's alphabet (openai/gpt-2, encoder.py, bytes_to_unicode): a visible character for every byte.
func byteLetters() [256]rune {
	var letters [256]rune
	next := rune(256)
	for b := range letters {
		if '!' <= b && b <= '~' || 0xA1 <= b && b <= 0xAC || 0xAE <= b {
			letters[b] = rune(b)
		} else {
			letters[b] = next
			next++
		}
	}
	return letters
}

func (c *byteCoder) leading() bool { return false }

func (c *byteCoder) encode(w *workspace, text string, tokens *matcher) {
	if !utf8.ValidString(text) {
		text = string([]rune(text)) // one U+FFFD for each broken byte
	}
	for at := 0; at < len(text); {
		start, stop, id := tokens.find(text, at)
		c.encodePlain(w, text[at:start])
		if id != none {
			w.out = append(w.out, id)
		}
		at = stop
	}
}

// encodePlain encodes a text without added tokens.
func (c *byteCoder) encodePlain(w *workspace, text string) {
	if text == "" {
		return
	}
	if c.nfc {
		text = nfc(text)
	}
	if c.prefix && text[0] != ' ' {
		text = " " + text
	}
	if len(c.steps) == 1 && c.steps[0].words != nil && len(w.out) == 0 && len(text) >= worthKeeping {
		c.resume(w, text)
		return
	}
	c.split(w, text, c.steps)
}

// readAhead is how many further parts may begin in what the matches before a part looked at: a known expression looks no further than
// through two runs of characters of one kind and at the ending of a word behind them, each of which begins a part at the latest.
const readAhead = 3

// resume encodes a text, whose beginning may be remembered, by a known expression alone.
func (c *byteCoder) resume(w *workspace, text string) {
	for at := w.recall(text, false, readAhead); at < len(text); {
		if at > 0 {
			w.note(at)
		}
		n := c.steps[0].words.next(text[at:])
		c.word(w, text[at:at+n])
		at += n
	}
	w.remember(text, false)
}

// split encodes the parts into which the steps cut a text, one behind the other.
func (c *byteCoder) split(w *workspace, text string, steps []split) {
	if len(steps) == 0 {
		c.word(w, text)
		return
	}
	s := &steps[0]
	if s.words == nil {
		for _, part := range s.parts(text) {
			c.split(w, part, steps[1:])
		}
		return
	}
	for text != "" {
		n := s.words.next(text)
		c.split(w, text[:n], steps[1:])
		text = text[n:]
	}
}

// word encodes one part of the split text.
func (c *byteCoder) word(w *workspace, part string) {
	if c.whole {
		w.spelling = w.spelling[:0]
		for _, b := range []byte(part) {
			w.spelling = append(w.spelling, c.letters[b]...)
		}
		if id, ok := c.words[string(w.spelling)]; ok && c.kinds[id] == normal {
			w.out = append(w.out, id)
			return
		}
	}
	w.clear()
	for _, b := range []byte(part) {
		if s := c.symbols[b]; !w.push(&c.merges, s) {
			c.flush(w)
			w.push(&c.merges, s)
		}
	}
	c.flush(w)
}

// flush merges the symbols in work and appends them.
func (c *byteCoder) flush(w *workspace) {
	if len(w.symbols) > 1 {
		w.reduce(&c.merges)
	}
	w.out = append(w.out, w.symbols...)
	w.clear()
}

// decode joins the bytes of the pieces; a piece with characters outside the alphabet, such as an added token, stands for
// its own text (decoders of pre_tokenizers/byte_level.rs).
func (c *byteCoder) decode(v *vocabulary, ids []int32) string {
	var text []byte
	for _, id := range ids {
		if k := v.kind(id); k == hole || k == control || k == unknown {
			continue
		}
		start := len(text)
		for _, r := range v.pieces[id] {
			b, ok := c.values[r]
			if !ok {
				text = append(text[:start], v.pieces[id]...)
				break
			}
			text = append(text, b)
		}
	}
	return lossy(text)
}

// lossy replaces what is not UTF-8 as Rust's String::from_utf8_lossy does: one U+FFFD for each longest beginning of a
// character, and for each other byte (Unicode, chapter 3.9, "maximal subpart").
func lossy(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var out strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			n = subpart(text)
		}
		out.WriteRune(r)
		text = text[n:]
	}
	return out.String()
}

// subpart returns the length of the longest beginning of a character at the start of text, at least 1. The text does
// not begin with a whole character.
func subpart(text []byte) int {
	for n := min(len(text), utf8.UTFMax-1); n > 1; n-- {
		// What can be completed to a character is a beginning of one: DecodeRune knows which second bytes go with which first.
		if completes(text[:n]) {
			return n
		}
	}
	return 1
}

// completes tells whether continuation bytes make a character of text.
func completes(text []byte) bool {
	long := slices.Clone(text)
	for len(long) < utf8.UTFMax {
		long = append(long, 0x80)
		if r, n := utf8.DecodeRune(long); n == len(long) && r != utf8.RuneError {
			return true
		}
	}
	return false
}
