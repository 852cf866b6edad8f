package results

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parsePython reads what Python's repr prints of plain values: dicts (map[string]any, string keys only), lists and
// tuples ([]any), strings, numbers (float64), True, False and None (nil). Anything else, such as an array of numpy's,
// is an error. The whole text must be one value.
func parsePython(text string) (any, error) {
	p := pythonLiteral{text, 0}
	v, err := p.value(0)
	if err != nil {
		return nil, fmt.Errorf("at byte %d of a Python value: %w", p.at, err)
	}
	if p.space(); p.at < len(p.text) {
		return nil, fmt.Errorf("at byte %d of a Python value: unexpected %.20q", p.at, p.text[p.at:])
	}
	return v, nil
}

// pythonDepth is how deep values may nest: far more than any metric's.
const pythonDepth = 100

type pythonLiteral struct {
	text string
	at   int
}

func (p *pythonLiteral) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// accept passes over c where it comes next.
func (p *pythonLiteral) accept(c byte) bool {
	if p.space(); p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *pythonLiteral) value(depth int) (any, error) {
	if depth > pythonDepth {
		return nil, errors.New("nested too deep")
	}
	p.space()
	if p.at == len(p.text) {
		return nil, errors.New("the value ends too early")
	}
	switch c := p.text[p.at]; c {
	case '\'', '"':
		p.at++
		return p.str(c)
	case '[':
		p.at++
		return p.list(']', depth)
	case '(':
		p.at++
		return p.list(')', depth)
	case '{':
		p.at++
		return p.dict(depth)
	}
	return p.word()
}

func (p *pythonLiteral) list(end byte, depth int) (any, error) {
	list := []any{}
	for !p.accept(end) {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !p.accept(',') {
			if p.accept(end) {
				break
			}
			return nil, fmt.Errorf("no , or %c after an element", end)
		}
	}
	return list, nil
}

func (p *pythonLiteral) dict(depth int) (any, error) {
	dict := map[string]any{}
	for !p.accept('}') {
		key, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok || !p.accept(':') {
			return nil, errors.New("a dict's key is not a string followed by a colon")
		}
		if dict[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		if !p.accept(',') {
			if p.accept('}') {
				break
			}
			return nil, errors.New("no , or } after a dict's value")
		}
	}
	return dict, nil
}

// word reads a number or a name.
func (p *pythonLiteral) word() (any, error) {
	end := p.at
	for end < len(p.text) && strings.IndexByte(" \t\r\n,:()[]{}'\"", p.text[end]) < 0 {
		end++
	}
	word := p.text[p.at:end]
	switch word {
	case "True", "False":
		p.at = end
		return word == "True", nil
	case "None":
		p.at = end
		return nil, nil
	case "nan":
		p.at = end
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(word, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, fmt.Errorf("unexpected %.20q", p.text[p.at:])
	}
	p.at = end
	return v, nil
}

// str reads a string up to its closing quote.
func (p *pythonLiteral) str(quote byte) (any, error) {
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch c {
		case quote:
			return b.String(), nil
		case '\\':
			if err := p.escape(&b); err != nil {
				return nil, err
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil, errors.New("a string does not end")
}

// escape reads what follows a backslash.
func (p *pythonLiteral) escape(b *strings.Builder) error {
	if p.at == len(p.text) {
		return errors.New("a string does not end")
	}
	c := p.text[p.at]
	p.at++
	digits := 0
	switch c {
	case '\\', '\'', '"':
		b.WriteByte(c)
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return fmt.Errorf("unknown escape %q", `\`+string(rune(c)))
	}
	if digits == 0 {
		return nil
	}
	if p.at+digits > len(p.text) {
		return errors.New("an escape does not end")
	}
	v, err := strconv.ParseUint(p.text[p.at:p.at+digits], 16, 32)
	if err != nil || v > utf8.MaxRune {
		return fmt.Errorf("%q is not a code point", p.text[p.at:p.at+digits])
	}
	p.at += digits
	b.WriteRune(rune(v))
	return nil
}
