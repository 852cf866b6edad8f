package jinja

import (
	"html"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

type filterFunc func(s *state, line int, v any, c call) any

// builtinFilter is Jinja2's filter of that name, nil where there is none here.
func builtinFilter(name string) filterFunc {
	switch name {
	case "abs":
		return absolute
	case "batch":
		return batch
	case "capitalize":
		return onText(func(t string) string { return capitalize(t) })
	case "center":
		return func(s *state, line int, v any, c call) any {
			return s.padded(s.text(v, line), s.integer(c.get(0, "width", int64(80)), line), " ", 0, line)
		}
	case "count", "length":
		return func(s *state, line int, v any, _ call) any { return int64(s.length(v, line)) }
	case "d", "default":
		return orDefault
	case "dictsort":
		return dictsort
	case "e", "escape":
		return onText(func(t string) string { return html.EscapeString(t) })
	case "first", "last":
		return end(name == "last")
	case "float":
		return toFloatFilter
	case "format":
		return func(s *state, line int, v any, c call) any {
			if len(c.names) > 0 {
				fail(line, "format: arguments with names are not supported")
			}
			return s.format(s.text(v, line), tuple(c.args), line)
		}
	case "groupby":
		return groupby
	case "indent":
		return indent
	case "int":
		return toInt
	case "items":
		return items
	case "join":
		return join
	}
	return moreFilters(name)
}

func moreFilters(name string) filterFunc {
	switch name {
	case "list":
		return func(s *state, line int, v any, _ call) any {
			list := s.items(v, line)
			s.made(line, 16*len(list))
			return append([]any{}, list...)
		}
	case "lower":
		return onText(pytext.Lower)
	case "map":
		return mapped
	case "max", "min":
		return extreme(name == "max")
	case "reject", "select", "rejectattr", "selectattr":
		return selected(strings.HasPrefix(name, "select"), strings.HasSuffix(name, "attr"))
	case "replace":
		return func(s *state, line int, v any, c call) any {
			from, to := s.text(c.get(0, "old", undefined{what: "replace needs old"}), line), s.text(c.get(1, "new", undefined{what: "replace needs new"}), line)
			return s.replaced(s.text(v, line), from, to, s.count(c.get(2, "count", nil), line), line)
		}
	case "reverse":
		return reversed
	case "round":
		return round
	case "safe", "string":
		return onText(func(t string) string { return t })
	case "slice":
		return sliced
	case "sort":
		return sorted
	case "sum":
		return sum
	case "title":
		return onText(title)
	case "tojson":
		return toJSON
	case "trim":
		return func(s *state, line int, v any, c call) any {
			return strip(s.text(v, line), c.get(0, "chars", nil), 3, line)
		}
	case "truncate":
		return truncate
	case "unique":
		return unique
	case "upper":
		return onText(upper)
	case "wordcount":
		return func(s *state, line int, v any, _ call) any {
			return int64(len(strings.FieldsFunc(s.text(v, line), func(r rune) bool { return !pytext.IsWord(r) })))
		}
	}
	return nil
}

// onText is a filter of a text alone.
func onText(f func(string) string) filterFunc {
	return func(s *state, line int, v any, _ call) any {
		text := s.text(v, line)
		s.made(line, len(text))
		return f(text)
	}
}

func absolute(s *state, line int, v any, _ call) any {
	s.present(v, line)
	switch n := whole(v).(type) {
	case int64:
		if n < 0 {
			return s.subtract(0, n, line)
		}
		return n
	case float64:
		return math.Abs(n)
	}
	fail(line, "bad operand type for abs(): '%s'", typeName(v))
	return nil
}

func orDefault(s *state, line int, v any, c call) any {
	def := c.get(0, "default_value", "")
	if _, ok := v.(undefined); ok || s.truth(c.get(1, "boolean", false), line) && !s.truth(v, line) {
		return def
	}
	return v
}

func end(last bool) filterFunc {
	return func(s *state, line int, v any, _ call) any {
		items := s.items(v, line)
		if len(items) == 0 {
			return undefined{what: "no item, sequence was empty"}
		}
		if last {
			return items[len(items)-1]
		}
		return items[0]
	}
}

// pythonFloat is float(text).
func pythonFloat(text string) (float64, bool) {
	text = strings.ToLower(strings.ReplaceAll(pytext.Strip(text), "_", ""))
	if strings.ContainsAny(text, "xp") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil || math.IsInf(f, 0)
}

func toFloatFilter(s *state, line int, v any, c call) any {
	s.strict(v, line)
	if f, ok := toFloat(whole(v)); ok {
		return f
	}
	if text, ok := v.(string); ok {
		if f, ok := pythonFloat(text); ok {
			return f
		}
	}
	return c.get(0, "default", 0.0)
}

func toInt(s *state, line int, v any, c call) any {
	s.strict(v, line)
	def := c.get(0, "default", int64(0))
	base := s.integer(c.get(1, "base", int64(10)), line)
	var f float64
	switch n := whole(v).(type) {
	case int64, python.Number:
		return n
	case float64:
		f = n
	case string:
		digits := strings.ReplaceAll(pytext.Strip(n), "_", "")
		if base < 0 || base == 1 || base > 36 {
			fail(line, "int() base must be >= 2 and <= 36, or 0")
		}
		for prefix, b := range map[string]int{"0x": 16, "0o": 8, "0b": 2} {
			if rest, ok := strings.CutPrefix(strings.ToLower(digits), prefix); ok && base == b {
				digits = rest
			}
		}
		if i, err := strconv.ParseInt(digits, base, 64); err == nil {
			return i
		}
		var ok bool
		if f, ok = pythonFloat(n); !ok {
			return def
		}
	default:
		return def
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return def
	}
	if math.Abs(f) >= 1<<63 {
		overflow(line)
	}
	return int64(f)
}

func (s *state) integer(v any, line int) int {
	n, ok := whole(v).(int64)
	if !ok {
		fail(line, "a whole number is needed, not '%s'", typeName(v))
	}
	if n > math.MaxInt32 || n < math.MinInt32 {
		fail(line, "%d is too large", n)
	}
	return int(n)
}

// count is a number of replacements or splits, -1 for all.
func (s *state) count(v any, line int) int {
	if v == nil {
		return -1
	}
	return s.integer(v, line)
}

func round(s *state, line int, v any, c call) any {
	s.present(v, line)
	precision := s.integer(c.get(0, "precision", int64(0)), line)
	method := c.get(1, "method", "common")
	x, ok := toFloat(whole(v))
	if !ok {
		fail(line, "type %s doesn't define __round__ method", typeName(v))
	}
	if precision > 300 || precision < -300 {
		fail(line, "round: a precision of %d is not supported", precision)
	}
	scale := math.Pow(10, float64(precision))
	switch method {
	case "ceil":
		return math.Ceil(x*scale) / scale
	case "floor":
		return math.Floor(x*scale) / scale
	case "common":
	default:
		fail(line, "method must be common, ceil or floor")
	}
	if n, ok := whole(v).(int64); ok && precision >= 0 {
		return n
	}
	if precision < 0 {
		r := math.RoundToEven(x*scale) / scale
		if _, ok := whole(v).(int64); ok {
			return int64(r)
		}
		return r
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', precision, 64), 64) // correctly rounded, ties to even
	if err != nil {
		fail(line, "round: %v", err)
	}
	return r
}

func join(s *state, line int, v any, c call) any {
	sep := s.text(c.get(0, "d", ""), line)
	attribute := c.get(1, "attribute", nil)
	var b strings.Builder
	for i, e := range s.items(v, line) {
		if attribute != nil {
			e = s.path(e, attribute, line)
		}
		if i > 0 {
			b.WriteString(sep)
		}
		text := s.text(e, line)
		s.made(line, len(text)+len(sep))
		b.WriteString(text)
	}
	return b.String()
}

// path is an attribute by its dotted name, or an index.
func (s *state) path(v, name any, line int) any {
	text, ok := name.(string)
	if !ok {
		return s.item(v, name, line)
	}
	for part := range strings.SplitSeq(text, ".") {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil {
			v = s.item(v, n, line)
		} else {
			v = s.item(v, part, line)
		}
	}
	return v
}

func indent(s *state, line int, v any, c call) any {
	by := ""
	switch w := c.get(0, "width", int64(4)).(type) {
	case string:
		by = w
	default:
		by = s.padded("", s.integer(w, line), " ", -1, line)
	}
	first, blank := s.truth(c.get(1, "first", false), line), s.truth(c.get(2, "blank", false), line)
	lines := strings.Split(s.text(v, line), "\n")
	s.made(line, len(lines)*(len(by)+16))
	for i, l := range lines {
		if i == 0 && !first || i > 0 && !blank && l == "" {
			continue
		}
		lines[i] = by + l
	}
	return strings.Join(lines, "\n")
}

func truncate(s *state, line int, v any, c call) any {
	text := []rune(s.text(v, line))
	length := s.integer(c.get(0, "length", int64(255)), line)
	killWords := s.truth(c.get(1, "killwords", false), line)
	end := s.text(c.get(2, "end", "..."), line)
	leeway := s.integer(c.get(3, "leeway", int64(5)), line)
	keep := length - len([]rune(end))
	if keep < 0 || leeway < 0 {
		fail(line, "truncate: a length of %d is less than its end, or the leeway is negative", length)
	}
	s.made(line, 4*len(text))
	if len(text) <= length+leeway {
		return string(text)
	}
	cut := string(text[:keep])
	if !killWords {
		if at := strings.LastIndexByte(cut, ' '); at >= 0 {
			cut = cut[:at]
		}
	}
	return cut + end
}
