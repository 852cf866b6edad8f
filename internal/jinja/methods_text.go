package jinja

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// split is str.split or str.rsplit.
func (s *state) split(text string, c call, fromRight bool, line int) []any {
	most := s.count(c.get(1, "maxsplit", int64(-1)), line)
	s.made(line, 16*utf8.RuneCountInString(text))
	var parts []string
	if sep := c.get(0, "sep", nil); sep == nil {
		parts = splitSpace(text, most, fromRight)
	} else {
		by := s.wantText(sep, line)
		switch {
		case by == "":
			fail(line, "empty separator")
		case fromRight && most >= 0:
			for ; most > 0; most-- {
				at := strings.LastIndex(text, by)
				if at < 0 {
					break
				}
				parts = append(parts, text[at+len(by):])
				text = text[:at]
			}
			parts = append(parts, text)
			slices.Reverse(parts)
		case most >= 0:
			parts = strings.SplitN(text, by, most+1)
		default:
			parts = strings.Split(text, by)
		}
	}
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

func splitSpace(text string, most int, fromRight bool) (parts []string) {
	if most < 0 {
		return pytext.Fields(text)
	}
	if fromRight {
		for text = pytext.StripRight(text); text != ""; text = pytext.StripRight(text) {
			at := strings.LastIndexFunc(text, pytext.IsSpace)
			if most == 0 || at < 0 {
				parts = append(parts, text)
				break
			}
			_, n := utf8.DecodeRuneInString(text[at:])
			parts = append(parts, text[at+n:])
			text = text[:at]
			most--
		}
		slices.Reverse(parts)
		return parts
	}
	for text = pytext.StripLeft(text); text != ""; text = pytext.StripLeft(text) {
		at := strings.IndexFunc(text, pytext.IsSpace)
		if most == 0 || at < 0 {
			return append(parts, text)
		}
		parts = append(parts, text[:at])
		text = text[at:]
		most--
	}
	return parts
}

func partition(s *state, text string, c call, fromRight bool, line int) any {
	sep := s.wantText(argument(c, "partition", line), line)
	if sep == "" {
		fail(line, "empty separator")
	}
	at := strings.Index(text, sep)
	if fromRight {
		at = strings.LastIndex(text, sep)
	}
	switch {
	case at >= 0:
		return tuple{text[:at], sep, text[at+len(sep):]}
	case fromRight:
		return tuple{"", "", text}
	}
	return tuple{text, "", ""}
}

func affix(s *state, text string, c call, prefix bool, line int) bool {
	if len(c.args) > 1 {
		fail(line, "startswith and endswith take one argument here")
	}
	parts, ok := argument(c, "startswith", line).(tuple)
	if !ok {
		parts = tuple{c.args[0]}
	}
	for _, p := range parts {
		part := s.wantText(p, line)
		if prefix && strings.HasPrefix(text, part) || !prefix && strings.HasSuffix(text, part) {
			return true
		}
	}
	return false
}

func find(s *state, text string, c call, name string, line int) any {
	if len(c.args) > 1 {
		fail(line, "%s takes one argument here", name)
	}
	part := s.wantText(argument(c, name, line), line)
	s.step(line, len(text)/64)
	at := strings.Index(text, part)
	if name[0] == 'r' {
		at = strings.LastIndex(text, part)
	}
	if at < 0 {
		if strings.HasSuffix(name, "index") {
			fail(line, "substring not found")
		}
		return int64(-1)
	}
	return int64(utf8.RuneCountInString(text[:at]))
}

// replaced is str.replace; n below 0 is all.
func (s *state) replaced(text, from, to string, n, line int) string {
	found := strings.Count(text, from)
	if n >= 0 {
		found = min(found, n)
	}
	if grow := len(to) - len(from); grow > 0 && found > s.limits.Bytes/grow {
		exceeded(line, "bytes", s.limits.Bytes)
	}
	s.made(line, len(text)+found*max(0, len(to)-len(from)))
	return strings.Replace(text, from, to, n)
}

// padded is text in the middle (0), on the right (-1) or on the left (1) of width characters.
func (s *state) padded(text string, width int, fill string, side, line int) string {
	pad := width - utf8.RuneCountInString(text)
	if pad <= 0 {
		return text
	}
	s.made(line, len(text)+pad*len(fill))
	left := 0
	switch side {
	case 0:
		left = pad/2 + pad&width&1
	case -1:
		left = pad
	}
	return strings.Repeat(fill, left) + text + strings.Repeat(fill, pad-left)
}

func justify(s *state, text string, c call, name string, line int) any {
	width := s.integer(argument(c, name, line), line)
	fill := s.wantText(c.get(1, "", " "), line)
	if utf8.RuneCountInString(fill) != 1 {
		fail(line, "the fill character must be exactly one character long")
	}
	switch name {
	case "zfill":
		sign := ""
		if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
			sign, text = text[:1], text[1:]
		}
		return sign + s.padded(text, width-len(sign), "0", -1, line)
	case "ljust":
		return s.padded(text, width, fill, 1, line)
	case "rjust":
		return s.padded(text, width, fill, -1, line)
	}
	return s.padded(text, width, fill, 0, line)
}
