package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

type methodFunc func(s *state, line int, v any, c call) any

// method is the value's method of that name, nil where there is none. Those of Python that change a list or a dict are
// there to be refused when they are called: an attribute comes before a key.
func method(v any, name string) methodFunc {
	switch v := v.(type) {
	case string:
		return stringMethod(name)
	case *Dict:
		return dictMethod(name)
	case []any, tuple:
		return listMethod(name, typeName(v) == "list")
	}
	return nil
}

func refused(name string) methodFunc {
	return func(_ *state, line int, v any, _ call) any {
		fail(line, "method %s of %s is not supported", name, typeName(v))
		return nil
	}
}

func dictMethod(name string) methodFunc {
	switch name {
	case "get":
		return func(_ *state, line int, v any, c call) any {
			if len(c.args) == 0 {
				fail(line, "get expected at least 1 argument, got 0")
			}
			if got, ok := v.(*Dict).get(c.args[0]); ok {
				return got
			}
			return c.get(1, "", nil)
		}
	case "items":
		return func(s *state, line int, v any, _ call) any { return s.pairs(v.(*Dict), line) }
	case "keys":
		return func(_ *state, _ int, v any, _ call) any { return v.(*Dict).keys }
	case "values":
		return func(_ *state, _ int, v any, _ call) any { return v.(*Dict).values }
	case "clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update":
		return refused(name)
	}
	return nil
}

func listMethod(name string, isList bool) methodFunc {
	switch name {
	case "index":
		return func(s *state, line int, v any, c call) any {
			for i, e := range s.items(v, line) {
				if s.equal(e, argument(c, name, line), line) {
					return int64(i)
				}
			}
			fail(line, "%s is not in list", reprOf(argument(c, name, line)))
			return nil
		}
	case "count":
		return func(s *state, line int, v any, c call) any {
			n := int64(0)
			for _, e := range s.items(v, line) {
				n += int64(btoi(s.equal(e, argument(c, name, line), line)))
			}
			return n
		}
	case "append", "clear", "copy", "extend", "insert", "pop", "remove", "reverse", "sort":
		if isList {
			return refused(name)
		}
	}
	return nil
}

func stringMethod(name string) methodFunc {
	simple := func(f func(text string) any) methodFunc {
		return func(s *state, line int, v any, c call) any {
			if len(c.args)+len(c.names) > 0 {
				fail(line, "str.%s takes no arguments", name)
			}
			s.made(line, len(v.(string)))
			return f(v.(string))
		}
	}
	switch name {
	case "strip", "lstrip", "rstrip":
		sides := map[string]int{"lstrip": 1, "rstrip": 2, "strip": 3}[name]
		return func(_ *state, line int, v any, c call) any { return strip(v.(string), c.get(0, "", nil), sides, line) }
	case "upper":
		return simple(func(t string) any { return upper(t) })
	case "lower":
		return simple(func(t string) any { return pytext.Lower(t) })
	case "capitalize":
		return simple(func(t string) any { return capitalize(t) })
	case "title":
		return simple(func(t string) any { return pythonTitle(t) })
	case "isdigit":
		return simple(func(t string) any { return every(t, unicode.IsDigit) })
	case "isalpha":
		return simple(func(t string) any { return every(t, unicode.IsLetter) })
	case "isalnum":
		return simple(func(t string) any { return every(t, func(r rune) bool { return r != '_' && pytext.IsWord(r) }) })
	case "isspace":
		return simple(func(t string) any { return every(t, pytext.IsSpace) })
	case "isupper":
		return simple(func(t string) any { return isCase(t, upper) })
	case "islower":
		return simple(func(t string) any { return isCase(t, pytext.Lower) })
	case "splitlines":
		return simple(func(t string) any { return splitLines(t) })
	}
	return stringMethodWithArguments(name)
}

func stringMethodWithArguments(name string) methodFunc {
	switch name {
	case "split", "rsplit":
		return func(s *state, line int, v any, c call) any { return s.split(v.(string), c, name == "rsplit", line) }
	case "partition", "rpartition":
		return func(s *state, line int, v any, c call) any { return partition(s, v.(string), c, name[0] == 'r', line) }
	case "startswith", "endswith":
		return func(s *state, line int, v any, c call) any {
			return affix(s, v.(string), c, name == "startswith", line)
		}
	case "removeprefix", "removesuffix":
		return func(s *state, line int, v any, c call) any {
			part := s.wantText(argument(c, name, line), line)
			if name == "removeprefix" {
				return strings.TrimPrefix(v.(string), part)
			}
			return strings.TrimSuffix(v.(string), part)
		}
	case "replace":
		return func(s *state, line int, v any, c call) any {
			if len(c.args) < 2 {
				fail(line, "replace expected at least 2 arguments, got %d", len(c.args))
			}
			return s.replaced(v.(string), s.wantText(c.args[0], line), s.wantText(c.args[1], line), s.count(c.get(2, "count", int64(-1)), line), line)
		}
	case "find", "rfind", "index", "rindex":
		return func(s *state, line int, v any, c call) any { return find(s, v.(string), c, name, line) }
	case "count":
		return func(s *state, line int, v any, c call) any {
			s.step(line, len(v.(string))/64)
			return int64(strings.Count(v.(string), s.wantText(argument(c, name, line), line)))
		}
	case "join":
		return func(s *state, line int, v any, c call) any {
			list := s.items(argument(c, name, line), line)
			for i, e := range list {
				if _, ok := e.(string); !ok {
					fail(line, "sequence item %d: expected str instance, %s found", i, typeName(e))
				}
			}
			return join(s, line, list, call{args: []any{v}})
		}
	case "format":
		return func(s *state, line int, v any, c call) any { return s.formatBraces(v.(string), c, line) }
	case "zfill", "center", "ljust", "rjust":
		return func(s *state, line int, v any, c call) any { return justify(s, v.(string), c, name, line) }
	case "casefold", "encode", "expandtabs", "format_map", "isascii", "isdecimal", "isidentifier", "isnumeric", "isprintable",
		"istitle", "maketrans", "swapcase", "translate":
		return refused(name)
	}
	return nil
}

func (s *state) wantText(v any, line int) string {
	s.present(v, line)
	text, ok := v.(string)
	if !ok {
		fail(line, "must be str, not %s", typeName(v))
	}
	return text
}

// strip drops white space, or any of chars, from the left (1), the right (2) or both sides (3).
func strip(text string, chars any, sides, line int) string {
	drop := pytext.IsSpace
	if chars != nil {
		set, ok := chars.(string)
		if !ok {
			fail(line, "strip arg must be None or str")
		}
		drop = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	if sides&1 != 0 {
		text = strings.TrimLeftFunc(text, drop)
	}
	if sides&2 != 0 {
		text = strings.TrimRightFunc(text, drop)
	}
	return text
}

func every(text string, is func(rune) bool) bool {
	for _, r := range text {
		if !is(r) {
			return false
		}
	}
	return text != ""
}

// upper is str.upper: Unicode's full mapping, by which one letter may become two.
func upper(text string) string { return cases.Upper(language.Und).String(text) }

func capitalize(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return ""
	}
	return string(unicode.ToTitle(r)) + pytext.Lower(text[n:])
}

// title is Jinja2's filter: a word begins after white space, a hyphen or an opening bracket.
func title(text string) string {
	var b, word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			w := word.String()
			_, n := utf8.DecodeRuneInString(w)
			b.WriteString(upper(w[:n]) + pytext.Lower(w[n:]))
			word.Reset()
		}
	}
	for _, r := range text {
		if pytext.IsSpace(r) || strings.ContainsRune("-({[<", r) {
			flush()
			b.WriteRune(r)
		} else {
			word.WriteRune(r)
		}
	}
	flush()
	return b.String()
}

// pythonTitle is str.title: a word begins after what is no letter.
func pythonTitle(text string) string {
	var b strings.Builder
	within := false
	for _, r := range text {
		cased := unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r)
		if cased && !within {
			b.WriteRune(unicode.ToTitle(r))
		} else {
			b.WriteString(pytext.Lower(string(r)))
		}
		within = cased
	}
	return b.String()
}

func splitLines(text string) []any {
	var out []any
	for len(text) > 0 {
		at := strings.IndexAny(text, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if at < 0 {
			return append(out, text)
		}
		out = append(out, text[:at])
		_, n := utf8.DecodeRuneInString(text[at:])
		if strings.HasPrefix(text[at:], "\r\n") {
			n = 2
		}
		text = text[at+n:]
	}
	return out
}
