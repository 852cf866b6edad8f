package metrics

import (
	"strings"
	"unicode"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// Tokenizer rewrites a line so that its tokens stand between white space. BLEU splits the result.
type Tokenizer struct {
	// Name is the tokenizer's name in a signature.
	Name string
	// Tokenize rewrites one line.
	Tokenize func(line string) string
}

// Tokenizers returns sacreBLEU 1.5.0's tokenizers that need no data of their own, the default first. Source:
// sacrebleu/tokenizers of mjpost/sacrebleu at v1.5.0.
func Tokenizers() []Tokenizer {
	return []Tokenizer{
		{"13a", tokenize13a},
		{"intl", tokenizeIntl},
		{"zh", tokenizeZh},
		{"char", tokenizeChar},
		{"none", func(line string) string { return line }},
	}
}

// TokenizerByName returns one of Tokenizers.
func TokenizerByName(name string) (Tokenizer, bool) {
	for _, t := range Tokenizers() {
		if t.Name == name {
			return t, true
		}
	}
	return Tokenizer{}, false
}

// Segmented returns m with segment applied to outputs and targets before everything else, and name put before the
// tokenizer's in its signature ("tok:nagisa+13a"). The text between the words that segment finds must be white space.
func Segmented(m Metric, name string, segment func(text string) string) Metric {
	each := m.Each
	m.Each = func(output string, targets []string) Stat {
		segmented := make([]string, len(targets))
		for i, t := range targets {
			segmented[i] = segment(t)
		}
		return each(segment(output), segmented)
	}
	fields := strings.Split(m.Signature, "|")
	placed := false
	for i, f := range fields {
		if tok, ok := strings.CutPrefix(f, "tok:"); ok {
			fields[i], placed = "tok:"+name+"+"+tok, true
		}
	}
	if !placed {
		fields = append(fields[:len(fields)-1], "tok:"+name, fields[len(fields)-1])
	}
	m.Signature = strings.Join(fields, "|")
	return m
}

// InJapaneseWords returns m over texts that a segmenter rewrites, to which it is bound late. As in the JP harness, white
// space is stripped from a text's ends before it is segmented (lm_eval/tasks/translation.py of Stability AI's fork at
// 9b42d41).
func InJapaneseWords(m Metric) Metric {
	plain := m
	m.Signature = Segmented(plain, "segmenter", nil).Signature
	m.Each, m.Needs = nil, JapaneseWords
	m.Late = func(e Env) (func(string, []string) Stat, string) {
		if e.Segment == nil {
			return nil, ""
		}
		bound := Segmented(plain, e.Segmenter, func(text string) string { return e.Segment(pytext.Strip(text)) })
		return bound.Each, bound.Signature
	}
	return m
}

// tokenize13a is NIST's mteval-v13a tokenization: it splits ASCII punctuation only, and points, commas and hyphens
// depending on the ASCII digits around them.
func tokenize13a(line string) string {
	line = strings.ReplaceAll(line, "<skipped>", "")
	line = strings.ReplaceAll(line, "-\n", "")
	line = strings.ReplaceAll(line, "\n", " ")
	line = decodeEntities(line)
	return pytext.CollapseSpace(string(splitWestern([]rune(" " + line + " "))))
}

// decodeEntities decodes four entities one after another, so that "&amp;lt;" becomes "<".
func decodeEntities(line string) string {
	for _, e := range [][2]string{{"&quot;", `"`}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}} {
		line = strings.ReplaceAll(line, e[0], e[1])
	}
	return line
}

// splitWestern puts spaces around punctuation that is not part of a number.
func splitWestern(s []rune) []rune {
	s = surround(s, isMtevalPunctuation)
	s = splitPairs(s, isNotDigit, isPointOrComma, after)
	s = splitPairs(s, isPointOrComma, isNotDigit, before)
	return splitPairs(s, isDigit, func(r rune) bool { return r == '-' }, after)
}

func isDigit(r rune) bool        { return '0' <= r && r <= '9' }
func isNotDigit(r rune) bool     { return !isDigit(r) }
func isPointOrComma(r rune) bool { return r == '.' || r == ',' }

// isMtevalPunctuation covers ASCII space to ampersand, parentheses, asterisk and plus, the slash, and what lies between
// the digits and the letters; apostrophe, comma, hyphen and point are left out.
func isMtevalPunctuation(r rune) bool {
	return ' ' <= r && r <= '&' || '(' <= r && r <= '+' || r == '/' ||
		':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// tokenizeIntl is mteval-v14's international tokenization: Unicode punctuation is split off where it does not touch a
// digit, symbols always.
func tokenizeIntl(line string) string {
	// The reference writes all punctuation into one character class, where the backslash escapes its neighbour.
	punctuation := func(r rune) bool { return unicode.IsPunct(r) && r != '\\' }
	notDigit := func(r rune) bool { return !unicode.Is(unicode.Nd, r) }
	s := []rune(line)
	s = splitPairs(s, notDigit, punctuation, after)
	s = splitPairs(s, punctuation, notDigit, before)
	s = surround(s, unicode.IsSymbol)
	return pytext.Strip(string(s)) // runs of spaces stay: they make no difference to BLEU
}

// tokenizeZh sets Chinese characters apart and treats the rest as 13a does, entities left alone.
func tokenizeZh(line string) string {
	s := surround([]rune(pytext.Strip(line)), isChinese)
	return pytext.CollapseSpace(string(splitWestern(s)))
}

// isChinese follows the reference's list of ranges. It wrote two supplementary blocks as \u20000 and \u2f800, which
// Python reads as two characters each: the first makes everything from U+2001 to U+2A6D Chinese (general punctuation,
// arrows, box drawing), and the blocks themselves are not.
func isChinese(r rune) bool {
	switch {
	case 0x2001 <= r && r <= 0x2a6d, 0x2e80 <= r && r <= 0x2fdf, 0x2ff0 <= r && r <= 0x303f,
		0x3100 <= r && r <= 0x312f, 0x31a0 <= r && r <= 0x31bf, 0x31c0 <= r && r <= 0x31ef,
		0x3200 <= r && r <= 0x4db5, 0x4e00 <= r && r <= 0x9fbb,
		0xf900 <= r && r <= 0xfa2d, 0xfa30 <= r && r <= 0xfa6a, 0xfa70 <= r && r <= 0xfad9,
		0xfe10 <= r && r <= 0xfe1f, 0xfe30 <= r && r <= 0xfe4f, 0xff00 <= r && r <= 0xffef:
		return true
	}
	return false
}

// tokenizeChar puts a space between all code points.
func tokenizeChar(line string) string {
	var b strings.Builder
	b.Grow(2 * len(line))
	for i, r := range line {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// surround puts a space on both sides of every code point that is holds for.
func surround(s []rune, is func(rune) bool) []rune {
	out := make([]rune, 0, len(s)+len(s)/4)
	for _, r := range s {
		if is(r) {
			out = append(out, ' ', r, ' ')
		} else {
			out = append(out, r)
		}
	}
	return out
}

// side says where the extra space goes when a pair is split: "x. " or " .x".
type side bool

const (
	before side = false
	after  side = true
)

// splitPairs rewrites every pair of neighbours for which first and second hold with a space between them and another
// one before or after. Pairs are found from left to right and do not overlap, as in a regular expression's
// substitution, which matters in runs such as "...".
func splitPairs(s []rune, first, second func(rune) bool, extra side) []rune {
	out := make([]rune, 0, len(s)+len(s)/4)
	for i := 0; i < len(s); i++ {
		if i+1 == len(s) || !first(s[i]) || !second(s[i+1]) {
			out = append(out, s[i])
			continue
		}
		if extra == before {
			out = append(out, ' ', s[i], ' ', s[i+1])
		} else {
			out = append(out, s[i], ' ', s[i+1], ' ')
		}
		i++
	}
	return out
}
