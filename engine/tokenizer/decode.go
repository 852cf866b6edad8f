package tokenizer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Decode returns the text of ids as Hugging Face's fast Llama tokenizer decodes them with skip_special_tokens and without
// clean-up: special tokens (also <unk>) and ids outside the vocabulary vanish; "▁" becomes a space; one space at the very
// start is removed, the one that encoding puts there; a maximal run of byte tokens, with vanished tokens not
// interrupting it, is decoded as a whole, and if it is not valid UTF-8 each of its bytes becomes a U+FFFD. The decoder
// of a byte-level vocabulary removes no space and replaces each longest beginning of a character that stays incomplete,
// and every other invalid byte, by one U+FFFD.
func (t *Tokenizer) Decode(ids []int32) string {
	text := t.coder.decode(&t.vocabulary, ids)
	if t.coder.leading() {
		text = strings.TrimPrefix(text, " ")
	}
	return text
}

// DecodeRaw is Decode without the removal of a leading space: what the ids add after other text. Only a run of byte
// tokens that began before the first id reads differently there; see DecodeAfter.
func (t *Tokenizer) DecodeRaw(ids []int32) string { return t.coder.decode(&t.vocabulary, ids) }

// DecodeAfter returns the text that ids add to a prompt: the decoded prompt and ids together, without as many
// characters (code points) at the front as the decoded prompt alone has. This is how the Hugging Face pipeline cuts a
// completion out of what the model returns, so a byte run that begins in the prompt and is broken in the completion
// costs what it costs there.
func (t *Tokenizer) DecodeAfter(prompt, ids []int32) string {
	whole := make([]int32, 0, len(prompt)+len(ids))
	whole = append(append(whole, prompt...), ids...)
	text := t.Decode(whole)
	for range utf8.RuneCountInString(t.Decode(prompt)) {
		_, n := utf8.DecodeRuneInString(text)
		text = text[n:]
	}
	return text
}

// DecodeSpelled is DecodeAfter with the special tokens of ids spelled out in place, as decoding without
// skip_special_tokens has them. Those of the prompt are not counted: what encoding put in front of it is taken off before.
func (t *Tokenizer) DecodeSpelled(prompt, ids []int32) string {
	special := func(id int32) bool { return t.kind(id) == control || t.kind(id) == unknown }
	var b strings.Builder
	for first := true; first || len(ids) > 0; first = false {
		n := slices.IndexFunc(ids, special)
		if n < 0 {
			n = len(ids)
		}
		if first {
			b.WriteString(t.DecodeAfter(prompt, ids[:n]))
		} else {
			b.WriteString(t.DecodeRaw(ids[:n]))
		}
		if n < len(ids) {
			b.WriteString(t.Piece(ids[n]))
			n++
		}
		ids = ids[n:]
	}
	return b.String()
}
