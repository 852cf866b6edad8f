package jinja

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// mostWidth bounds the width and the precision of a format.
const mostWidth = 10_000

// format is text % values: %s, %r, %d, %i, %x, %o, %f, %e, %g and %%, with flags, width and precision.
func (s *state) format(text string, values any, line int) string {
	args, isTuple := values.(tuple)
	if !isTuple {
		args = tuple{values}
	}
	var b strings.Builder
	used := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		spec, n := parseSpec(text[i+1:], line)
		i += n
		if spec.verb == '%' {
			b.WriteByte('%')
			continue
		}
		var v any
		if spec.name != "" {
			d, ok := values.(*Dict)
			if !ok {
				fail(line, "format requires a mapping")
			}
			if v, ok = d.get(spec.name); !ok {
				fail(line, "the mapping has no %q", spec.name)
			}
		} else {
			if used >= len(args) {
				fail(line, "not enough arguments for format string")
			}
			v = args[used]
			used++
		}
		piece := s.formatted(spec, v, line)
		s.made(line, len(piece))
		b.WriteString(piece)
	}
	if _, isDict := values.(*Dict); used < len(args) && !isDict {
		fail(line, "not all arguments converted during string formatting")
	}
	s.made(line, len(text))
	return b.String()
}

// spec is one conversion.
type spec struct {
	name             string
	flags            string
	width, precision int
	verb             byte
	hasPrecision     bool
}

func parseSpec(s string, line int) (spec, int) {
	p := spec{}
	i := 0
	if strings.HasPrefix(s, "(") {
		end := strings.IndexByte(s, ')')
		if end < 0 {
			fail(line, "incomplete format key")
		}
		p.name, i = s[1:end], end+1
	}
	from := i
	for i < len(s) && strings.IndexByte("-+ 0#", s[i]) >= 0 {
		i++
	}
	p.flags = s[from:i]
	p.width, i = digits(s, i, line)
	if i < len(s) && s[i] == '.' {
		p.hasPrecision = true
		p.precision, i = digits(s, i+1, line)
	}
	if i == len(s) {
		fail(line, "incomplete format")
	}
	p.verb = s[i]
	return p, i + 1
}

func digits(s string, i int, line int) (n, end int) {
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		if n = n*10 + int(s[i]-'0'); n > mostWidth {
			fail(line, "a format is wider than %d", mostWidth)
		}
	}
	return n, i
}

func (s *state) formatted(p spec, v any, line int) string {
	s.present(v, line)
	text := ""
	switch p.verb {
	case 's', 'r':
		if text = s.text(v, line); p.verb == 'r' {
			s.made(line, len(text))
			text = reprOf(v)
		}
		if r := []rune(text); p.hasPrecision && p.precision < len(r) {
			text = string(r[:p.precision])
		}
	case 'd', 'i', 'u', 'x', 'X', 'o':
		text = integerText(p, v, line)
	case 'f', 'F', 'e', 'E', 'g', 'G':
		text = floatText(p, v, line)
	default:
		fail(line, "unsupported format character %q", p.verb)
	}
	if strings.IndexByte("sr", p.verb) < 0 && !strings.HasPrefix(text, "-") {
		switch {
		case strings.Contains(p.flags, "+"):
			text = "+" + text
		case strings.Contains(p.flags, " "):
			text = " " + text
		}
	}
	pad := p.width - utf8.RuneCountInString(text)
	switch {
	case pad <= 0:
	case strings.Contains(p.flags, "-"):
		text += strings.Repeat(" ", pad)
	case strings.Contains(p.flags, "0") && strings.IndexByte("sr", p.verb) < 0:
		sign := 0
		if text[0] == '-' || text[0] == '+' || text[0] == ' ' {
			sign = 1
		}
		text = text[:sign] + strings.Repeat("0", pad) + text[sign:]
	default:
		text = strings.Repeat(" ", pad) + text
	}
	return text
}

func integerText(p spec, v any, line int) string {
	n := whole(v)
	if f, ok := n.(float64); ok && strings.IndexByte("diu", p.verb) >= 0 {
		if !(f > -1<<62 && f < 1<<62) {
			fail(line, "%s is beyond 64 bits", python.Float(f))
		}
		n = int64(f)
	}
	if big, ok := n.(python.Number); ok && strings.IndexByte("diu", p.verb) >= 0 {
		return string(big)
	}
	i, ok := n.(int64)
	if !ok {
		fail(line, "%%%c format: a number is required, not %s", p.verb, typeName(v))
	}
	text := strconv.FormatInt(i, map[byte]int{'x': 16, 'X': 16, 'o': 8}[p.verb]+10*btoi(strings.IndexByte("diu", p.verb) >= 0))
	if p.verb == 'X' {
		text = strings.ToUpper(text)
	}
	if p.hasPrecision && p.precision > len(strings.TrimPrefix(text, "-")) {
		body, neg := strings.CutPrefix(text, "-")
		text = strings.Repeat("-", btoi(neg)) + strings.Repeat("0", p.precision-len(body)) + body
	}
	return text
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func floatText(p spec, v any, line int) string {
	f, ok := toFloat(whole(v))
	if !ok {
		fail(line, "must be real number, not %s", typeName(v))
	}
	precision := 6
	if p.hasPrecision {
		precision = p.precision
	}
	verb := p.verb | 0x20
	if verb == 'g' && precision == 0 {
		precision = 1
	}
	text := strconv.FormatFloat(f, verb, precision, 64)
	switch text {
	case "+Inf", "-Inf", "NaN":
		return strings.ToLower(strings.TrimPrefix(text, "+"))
	}
	if verb == 'g' { // Go's %g has no least exponent and keeps no zeros, as Python's
		text = pythonG(f, precision)
	}
	if p.verb != verb {
		text = strings.ToUpper(text)
	}
	return text
}

// pythonG is %g: an exponent below 1e-4 and from 10**precision, zeros at the end dropped.
func pythonG(f float64, precision int) string {
	e := strconv.FormatFloat(f, 'e', precision-1, 64)
	at := strings.IndexByte(e, 'e')
	exp, _ := strconv.Atoi(e[at+1:])
	trim := func(s string) string {
		if strings.Contains(s, ".") {
			return strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	if exp < -4 || exp >= precision {
		return trim(e[:at]) + e[at:]
	}
	return trim(strconv.FormatFloat(f, 'f', precision-1-exp, 64))
}

// formatBraces is text.format(...): {}, {0}, {name}, with :s, :d, and :.Nf after them. What reaches into a value is refused.
func (s *state) formatBraces(text string, c call, line int) string {
	var b strings.Builder
	auto := 0
	for i := 0; i < len(text); i++ {
		ch := text[i]
		if (ch == '{' || ch == '}') && i+1 < len(text) && text[i+1] == ch {
			b.WriteByte(ch)
			i++
			continue
		}
		if ch != '{' {
			if ch == '}' {
				fail(line, "single '}' encountered in format string")
			}
			b.WriteByte(ch)
			continue
		}
		end := strings.IndexByte(text[i:], '}')
		if end < 0 {
			fail(line, "single '{' encountered in format string")
		}
		name, form, _ := strings.Cut(text[i+1:i+end], ":")
		i += end
		var v any = undefined{what: "format has no argument " + quote(name)}
		if name == "" {
			v = c.get(auto, "", v)
			auto++
		} else if n, err := strconv.Atoi(name); err == nil && n >= 0 {
			v = c.get(n, "", v)
		} else if strings.ContainsAny(name, ".[!{") {
			fail(line, "format field %q is not supported", name)
		} else {
			v = c.get(len(c.args), name, v)
		}
		s.present(v, line)
		piece := s.text(v, line)
		if form != "" {
			p, n := parseSpec(form, line)
			if n != len(form) || strings.IndexByte("sdfeg", p.verb) < 0 || p.flags != "" && p.flags != "0" {
				fail(line, "format %q is not supported", form)
			}
			piece = s.formatted(p, v, line)
		}
		s.made(line, len(piece))
		b.WriteString(piece)
	}
	return b.String()
}
