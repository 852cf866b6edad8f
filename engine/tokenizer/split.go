package tokenizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dlclark/regexp2/v2"
)

// split is one step that cuts a text into parts that do not merge with each other (tokenizers, pre_tokenizers/split.rs).
type split struct {
	words    *words          // an expression that is matched by hand, cut into its matches
	regex    *regexp2.Regexp // any other one
	behavior behavior
	invert   bool // what lies between the matches counts as match
}

// behavior says what becomes of matches and of what lies between them (tokenizer/normalizer.rs, split).
type behavior int

const (
	isolated           behavior = iota // each match and each text between two is a part
	removed                            // matches vanish
	mergedWithPrevious                 // a match ends the part before it
	mergedWithNext                     // a match begins the part behind it
	contiguous                         // matches without text between them are one part
)

func behaviorOf(name string) (behavior, bool) {
	i := slices.Index([]string{`"Isolated"`, `"Removed"`, `"MergedWithPrevious"`, `"MergedWithNext"`, `"Contiguous"`}, name)
	return behavior(i), i >= 0
}

// newSplit prepares a regular expression. Those that match everywhere and are known are matched by hand where each match
// is a part.
func newSplit(pattern string, b behavior, invert bool, t *classTable) (split, error) {
	s := split{behavior: b, invert: invert}
	if b == isolated || b == removed && invert {
		if s.words = newWords(pattern, t); s.words != nil {
			return s, nil
		}
	}
	plain := strings.ReplaceAll(pattern, foldedContractions, plainContractions)
	if err := portable(plain); err != nil {
		return s, fmt.Errorf("splitting expression %s: %w", quote(pattern), err)
	}
	var err error
	if s.regex, err = regexp2.Compile(plain); err != nil {
		return s, fmt.Errorf("splitting expression %s: %s", quote(pattern), strings.Join(strings.Fields(err.Error()), " "))
	}
	return s, nil
}

// plainContractions is foldedContractions without the option that engines read differently.
const plainContractions = `(?:'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])`

// span is a part of a text, in bytes, and whether it is a match.
type span struct {
	from, to int
	match    bool
}

// parts cuts a text, which is not empty.
func (s *split) parts(text string) []string {
	spans := s.spans(text)
	for i := range spans {
		spans[i].match = spans[i].match != s.invert
	}
	var merged []span
	if s.behavior == mergedWithNext {
		slices.Reverse(spans)
	}
	before := false // was the span before a match?
	for _, x := range spans {
		join := false
		switch s.behavior {
		case contiguous:
			join = x.match == before
		case mergedWithPrevious, mergedWithNext:
			join = x.match && !before
		}
		if last := len(merged) - 1; join && last >= 0 {
			merged[last].from, merged[last].to = min(merged[last].from, x.from), max(merged[last].to, x.to)
		} else if s.behavior != removed || !x.match {
			merged = append(merged, x)
		}
		before = x.match
	}
	if s.behavior == mergedWithNext {
		slices.Reverse(merged)
	}
	list := make([]string, 0, len(merged))
	for _, x := range merged {
		if x.from < x.to {
			list = append(list, text[x.from:x.to])
		}
	}
	return list
}

// spans returns the matches and what lies between them, in order.
func (s *split) spans(text string) []span {
	runes := []rune(text)
	at := make([]int, 1, len(runes)+1) // by rune: where it begins
	for _, r := range runes {
		at = append(at, at[len(at)-1]+len(string(r)))
	}
	var list []span
	end := 0
	err := s.regex.FindRunesMatches(runes, 0, func(m regexp2.MatchView) bool {
		index, length, _ := m.GroupRange(0)
		if end < index {
			list = append(list, span{at[end], at[index], false})
		}
		end = index + length
		list = append(list, span{at[index], at[end], true})
		return true
	})
	if err != nil {
		// Only a time limit or a limit on backtracking ends a match, and neither is set.
		panic(fmt.Sprintf("tokenizer: splitting expression: %v", err))
	}
	if end < len(runes) {
		list = append(list, span{at[end], len(text), false})
	}
	return list
}

// portable refuses what Oniguruma, the engine of tokenizers, and regexp2 may read differently. What remains are literals,
// classes of literals, general categories and \s, groups, looking around, alternatives and repetitions.
func portable(pattern string) error {
	inClass := false
	for rest := pattern; rest != ""; {
		c := rest[0]
		size := 1
		switch {
		case c == '\\':
			n, err := escape(rest)
			if err != nil {
				return err
			}
			size = n
		case c >= 0x80, c == ' ', c == '\'', '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '/':
		case inClass:
			switch {
			case c == ']':
				inClass = false
			case strings.HasPrefix(rest, "&&"), c == '[':
				return errors.New("sets of classes are not supported")
			}
		case c == '[':
			inClass = true
			if strings.HasPrefix(rest, "[^") {
				size = 2
			}
			if strings.HasPrefix(rest[size:], "]") {
				return errors.New("a class that begins with ] is not supported")
			}
		case c == '(':
			group := []string{"(?:", "(?=", "(?!", "(?<!", "(?<="}
			i := slices.IndexFunc(group, func(g string) bool { return strings.HasPrefix(rest, g) })
			if i < 0 && strings.HasPrefix(rest, "(?") {
				return fmt.Errorf("the group %s is not supported", quote(rest[:min(len(rest), 4)]))
			}
			if i >= 0 {
				size = len(group[i])
			}
		case strings.IndexByte("*+?}", c) >= 0 && strings.HasPrefix(rest[1:], "+"):
			return errors.New("possessive repetition is not supported")
		case c == '^', c == '$', c == '.':
			return fmt.Errorf("%q is not supported", c)
		}
		rest = rest[size:]
	}
	return nil
}

// escape returns the length of an escape that all engines read alike.
func escape(text string) (int, error) {
	if len(text) < 2 {
		return 0, errors.New("it ends in a backslash")
	}
	switch c := text[1]; {
	case strings.IndexByte("sSrnt", c) >= 0, c < 0x80 && !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'):
		return 2, nil
	case c == 'p' || c == 'P':
		end := strings.IndexByte(text, '}')
		if !strings.HasPrefix(text[2:], "{") || end < 0 {
			break
		}
		categories := []string{"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
			"Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "Han", "Hiragana", "Katakana", "Hangul"}
		if name := text[3:end]; !slices.Contains(categories, name) {
			return 0, fmt.Errorf("the class %s is not supported", quote(text[:end+1]))
		}
		return end + 1, nil
	}
	return 0, fmt.Errorf("the escape %s is not supported", quote(text[:2]))
}
