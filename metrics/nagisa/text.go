package nagisa

import (
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// Replacements of preprocess beyond NFKC.
const (
	capitalIWithDot  = "\u0130"
	ideographicSpace = "\u3000"
)

// preprocess is what nagisa does to a text before it looks at it: strip white space on the right, normalise to NFKC,
// replace U+0130, whose lower case would be two characters, by an I, and then spaces by ideographic spaces
// (nagisa/nagisa_utils.pyx, preprocess). Bytes that are not UTF-8 become U+FFFD.
func preprocess(text string) string {
	text = pytext.NFKC(pytext.StripRight(strings.ToValidUTF8(text, "\ufffd")))
	return strings.NewReplacer(capitalIWithDot, "I", " ", ideographicSpace).Replace(text)
}

// Character types, ids of their embeddings.
const (
	typeHiragana = iota
	typeKatakana
	typeKanji
	typeLatin
	typeDigit
	typeOther
	// typePad stands for the places beyond the text's ends.
	typePad
	numTypes
)

// charType classifies a character. The ranges are nagisa's: among others the long vowel mark (U+30FC) is no katakana
// and the ideographs stop at U+9FA5 (nagisa/nagisa_utils.pyx, get_chartype).
func charType(char string) int {
	r, _ := utf8.DecodeRuneInString(char)
	switch {
	case 0x3040 <= r && r <= 0x309f:
		return typeHiragana
	case 0x30a1 <= r && r <= 0x30fa:
		return typeKatakana
	case 0x4e00 <= r && r <= 0x9fa5:
		return typeKanji
	}
	// The text is normal already, but its lower case need not be.
	normal := pytext.NFKC(char)
	switch {
	case strings.ContainsAny(normal, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"):
		return typeLatin
	case strings.ContainsAny(normal, "0123456789"):
		return typeDigit
	}
	return typeOther
}

// Tags of the tagger, ids of its scores.
const (
	tagBegin = iota
	tagMiddle
	tagEnd
	tagSingle
	// tagStart and tagStop stand for the places before and after the text. Nothing forbids them within.
	tagStart
	tagStop
	numTags
)

// join puts characters together to words by their tags. A word ends at tagEnd or is one character of tagSingle; all
// other characters wait for the next tagEnd, even beyond a tagSingle between, and where none follows they are lost
// (nagisa/nagisa_utils.pyx, segmenter_for_bmes).
func join(chars []string, tags []int) []string {
	words := []string{}
	var partial strings.Builder
	for i, c := range chars {
		switch tags[i] {
		case tagSingle:
			words = append(words, c)
		case tagEnd:
			partial.WriteString(c)
			words = append(words, partial.String())
			partial.Reset()
		default:
			partial.WriteString(c)
		}
	}
	return words
}
