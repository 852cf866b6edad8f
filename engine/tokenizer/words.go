package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// The splitting expressions that are matched by hand. Each matches at every position of every text, so that a text is the
// sequence of its matches.
const (
	// GPT-2's, which ByteLevel has built in (tokenizers, pre_tokenizers/byte_level.rs).
	gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	// Llama 3's (meta-llama/llama3, tokenizer.py).
	llama3Pattern = foldedContractions + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` + modernTail
	// That of Qwen 2, 2.5 and 3: a token for each digit.
	qwen2Pattern = foldedContractions + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}` + modernTail
	// Mistral's since Nemo (tekken): words end before an upper-case letter.
	tekkenPattern = casedWord1 + `|` + casedWord2 + `|\p{N}` + slashTail
	// GPT-4o's, which gpt-oss has: the same with contractions behind words.
	o200kPattern = casedWord1 + foldedContractions + `?|` + casedWord2 + foldedContractions + `?|\p{N}{1,3}` + slashTail

	foldedContractions = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	modernTail         = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	slashTail          = `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	casedWord1         = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
	casedWord2         = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
)

// words matches one of the expressions above. All but GPT-2's differ in a few places only.
type words struct {
	*classTable
	gpt2      bool
	cased     bool   // an upper-case letter begins a word
	behind    bool   // contractions end a word; else they stand for themselves
	never     bool   // there are no contractions
	digits    int    // the most of one part
	trailing  string // what may follow punctuation
	contracts contractions
}

// newWords returns the matcher of an expression, or nil for one that is not known.
func newWords(pattern string, t *classTable) *words {
	switch pattern {
	case gpt2Pattern:
		return &words{classTable: t, gpt2: true}
	case llama3Pattern:
		return &words{classTable: t, digits: 3, trailing: "\r\n", contracts: folded}
	case qwen2Pattern:
		return &words{classTable: t, digits: 1, trailing: "\r\n", contracts: folded}
	case tekkenPattern:
		return &words{classTable: t, cased: true, never: true, digits: 1, trailing: "\r\n/"}
	case o200kPattern:
		return &words{classTable: t, cased: true, behind: true, digits: 3, trailing: "\r\n/", contracts: folded}
	}
	return nil
}

// next returns the length of the match at the beginning of a text, which is not empty: the first alternative that
// matches, as long as its repetitions allow.
func (s *words) next(text string) int {
	if text[0] == '\'' && !s.behind && !s.never {
		if n := s.contracts.match(text); n > 0 {
			return n
		}
	}
	if s.gpt2 {
		if n := s.spaced(text, letter); n > 0 {
			return n
		}
		if n := s.spaced(text, number); n > 0 {
			return n
		}
		return s.rest(text)
	}
	if n := s.word(text); n > 0 {
		if s.behind {
			n += s.contracts.match(text[n:])
		}
		return n
	}
	if n := s.run(text, number, s.digits); n > 0 {
		return n
	}
	return s.rest(text)
}

// rest matches punctuation and blanks.
func (s *words) rest(text string) int {
	if n := s.punctuation(text); n > 0 {
		return n
	}
	return s.blanks(text)
}

// run returns the length of the characters of a class that a text begins with, at most that many; limit 0 is none.
func (s *words) run(text string, c class, limit int) int {
	at := 0
	for n := 0; at < len(text) && (limit == 0 || n < limit); n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		if s.of(r)&c == 0 {
			break
		}
		at += size
	}
	return at
}

// spaced matches " ?" and characters of a class.
func (s *words) spaced(text string, c class) int {
	space := 0
	if text[0] == ' ' {
		space = 1
	}
	if n := s.run(text[space:], c, 0); n > 0 {
		return space + n
	}
	return 0
}

// word matches letters behind one character that is no letter, number or end of line, or behind none.
func (s *words) word(text string) int {
	if !s.cased {
		return s.behindAny(text, s.plain)
	}
	if n := s.behindAny(text, s.capitalized); n > 0 {
		return n
	}
	return s.behindAny(text, s.capitals)
}

// behindAny matches some letters, first behind another character where one may be there.
func (s *words) behindAny(text string, letters func(string) int) int {
	r, size := utf8.DecodeRuneInString(text)
	if s.of(r)&(letter|number|newline) == 0 {
		if n := letters(text[size:]); n > 0 {
			return size + n
		}
	}
	return letters(text)
}

// plain matches \p{L}+.
func (s *words) plain(text string) int { return s.run(text, letter, 0) }

// The halves of a word that a change of case ends. What has no case is of both.
const (
	firstHalf  = upper | caseless | accent
	secondHalf = lower | caseless | accent
)

// capitalized matches characters of the first half and then at least one of the second.
func (s *words) capitalized(text string) int {
	head, ends := 0, 0 // ends is behind the last character of the head that may be of the second half
	for head < len(text) {
		r, size := utf8.DecodeRuneInString(text[head:])
		c := s.of(r)
		if c&firstHalf == 0 {
			break
		}
		if head += size; c&secondHalf != 0 {
			ends = head
		}
	}
	if tail := s.run(text[head:], secondHalf, 0); tail > 0 {
		return head + tail
	}
	return ends // the head gives characters back until one may begin the tail
}

// capitals matches at least one character of the first half and then those of the second.
func (s *words) capitals(text string) int {
	head := s.run(text, firstHalf, 0)
	if head == 0 {
		return 0
	}
	return head + s.run(text[head:], secondHalf, 0)
}

// punctuation matches " ?[^\s\p{L}\p{N}]+" and what may follow it.
func (s *words) punctuation(text string) int {
	at := 0
	if text[0] == ' ' {
		at = 1
	}
	start := at
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if s.of(r)&(letter|number|blank) != 0 {
			break
		}
		at += size
	}
	if at == start {
		return 0
	}
	for at < len(text) && strings.IndexByte(s.trailing, text[at]) >= 0 {
		at++
	}
	return at
}

// blanks matches white space: up to its last end of line, except with GPT-2; else all of it but the last character where
// something follows, so that a space stays with its word.
func (s *words) blanks(text string) int {
	at, last, line := 0, 0, 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		c := s.of(r)
		if c&blank == 0 {
			break
		}
		last = at
		at += size
		if c&newline != 0 {
			line = at
		}
	}
	switch {
	case line > 0 && !s.gpt2:
		return line
	case at < len(text) && last > 0:
		return last
	}
	return at
}

// contractions are the English endings behind an apostrophe.
type contractions bool

// folded is the (?i:...) of newer expressions.
const folded contractions = true

// match returns the length of 's, 't, 'm, 'd, 're, 've or 'll at the beginning of a text. Ignoring case covers "ſ", the
// long s, which Unicode folds to s.
func (c contractions) match(text string) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	if c == folded && strings.HasPrefix(text[1:], "ſ") {
		return 1 + len("ſ")
	}
	at := func(i int) byte {
		if i >= len(text) {
			return 0
		}
		b := text[i]
		if c == folded && 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		return b
	}
	switch at(1) {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v':
		if at(2) == 'e' {
			return 3
		}
	case 'l':
		if at(2) == 'l' {
			return 3
		}
	}
	return 0
}
