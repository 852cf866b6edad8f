package file

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/swallow-eval/swallow-eval/internal/pyregex"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// cleaner removes from texts what is not to count when they are compared.
type cleaner struct {
	ignore                     []*pyregex.Regexp
	noCase, noPunct, noNumbers bool
	// unicode says that punctuation is Unicode's; otherwise it is ASCII's.
	unicode bool
}

func newCleaner(o python.Object, unicodePunctuation bool) (c cleaner, err error) {
	c.unicode = unicodePunctuation
	for _, m := range o {
		ok := true
		switch m.Name {
		case "ignore_case":
			c.noCase, ok = m.Value.(bool)
		case "ignore_punctuation":
			c.noPunct, ok = m.Value.(bool)
		case "ignore_numbers":
			c.noNumbers, ok = m.Value.(bool)
		case "regexes_to_ignore":
			if m.Value == nil {
				continue
			}
			list, isList := m.Value.([]any)
			if ok = isList; !ok {
				break
			}
			for _, e := range list {
				pattern, _ := e.(string)
				re, err := pyregex.Compile(pattern)
				if err != nil {
					return c, fmt.Errorf("regexes_to_ignore: %w", err)
				}
				c.ignore = append(c.ignore, re)
			}
		}
		if !ok {
			return c, fmt.Errorf("%s is not of the right kind", m.Name)
		}
	}
	return c, nil
}

func (c cleaner) text(s string) (string, error) {
	var err error
	for _, re := range c.ignore {
		if s, err = re.Replace(s, "", 0); err != nil {
			return "", err
		}
	}
	if c.noCase {
		s = pytext.Lower(s)
	}
	switch {
	case c.noPunct && c.unicode:
		s = strings.Map(func(r rune) rune {
			if unicode.IsPunct(r) {
				return -1
			}
			return r
		}, s)
	case c.noPunct:
		s = pytext.DeleteASCIIPunctuation(s)
	}
	if c.noNumbers {
		s = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, s)
	}
	return s, nil
}
