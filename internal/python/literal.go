package python

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError is what is wrong with a text of Python literals, and where.
type SyntaxError struct {
	// Offset is the byte, Line the line, from 1.
	Offset, Line int
	What         string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at byte %d of a Python value: %s", e.Offset, e.What)
}

// Literal reads a Python expression of plain values, as repr prints it or a person writes it: dicts (map[string]any,
// string keys only, each once), lists and tuples ([]any), strings, whole numbers (Number), others (float64), True, False
// and None (nil). Neighbouring strings are one. Anything else, such as an array of numpy's, is an error. The whole text
// must be one value. A lone surrogate becomes U+FFFD.
func Literal(text string) (any, error) {
	p := literal{text, 0}
	v, err := p.value(0)
	if err != nil {
		return nil, p.fail(err)
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.fail(fmt.Errorf("unexpected %.20q", p.text[p.at:]))
	}
	return v, nil
}

// Assignments reads a module of nothing but NAME = literal, with comments and a description in front. Names are upper-case;
// one that is assigned twice is an error. Nothing is executed.
func Assignments(text string) (map[string]any, error) {
	p := literal{text, 0}
	values := map[string]any{}
	for {
		p.space()
		if p.at == len(p.text) {
			return values, nil
		}
		if strings.HasPrefix(p.text[p.at:], `"""`) {
			end := strings.Index(p.text[p.at+3:], `"""`)
			if end < 0 {
				return nil, p.fail(errEndless)
			}
			p.at += 3 + end + 3
			continue
		}
		name := p.name()
		if name == "" || !p.accept('=') {
			return nil, p.fail(errors.New("want an assignment"))
		}
		v, err := p.value(0)
		if err != nil {
			return nil, p.fail(err)
		}
		if _, twice := values[name]; twice {
			return nil, p.fail(fmt.Errorf("%s is assigned twice", name))
		}
		values[name] = v
	}
}

// literalDepth is how deep values may nest: far more than any metric's.
const literalDepth = 100

// errEndless is the error of a string that the text ends in.
var errEndless = errors.New("a string does not end")

type literal struct {
	text string
	at   int
}

func (p *literal) fail(err error) error {
	return &SyntaxError{p.at, 1 + strings.Count(p.text[:min(p.at, len(p.text))], "\n"), err.Error()}
}

// space passes over white space and comments.
func (p *literal) space() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '#':
			if end := strings.IndexByte(p.text[p.at:], '\n'); end >= 0 {
				p.at += end
			} else {
				p.at = len(p.text)
			}
		case strings.IndexByte(" \t\r\n", c) >= 0:
			p.at++
		default:
			return
		}
	}
}

// accept passes over c where it comes next.
func (p *literal) accept(c byte) bool {
	if p.space(); p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *literal) name() string {
	begin := p.at
	for p.at < len(p.text) && (p.text[p.at] == '_' || 'A' <= p.text[p.at] && p.text[p.at] <= 'Z') {
		p.at++
	}
	return p.text[begin:p.at]
}

func (p *literal) value(depth int) (any, error) {
	if depth > literalDepth {
		return nil, errors.New("nested too deep")
	}
	p.space()
	if p.at == len(p.text) {
		return nil, errors.New("the value ends too early")
	}
	switch p.text[p.at] {
	case '\'', '"':
		return p.strings()
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

func (p *literal) list(end byte, depth int) (any, error) {
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

func (p *literal) dict(depth int) (any, error) {
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
		if _, twice := dict[name]; twice {
			return nil, errors.New("want one value for a key")
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
func (p *literal) word() (any, error) {
	end := p.at
	for end < len(p.text) && strings.IndexByte(" \t\r\n,:()[]{}'\"#", p.text[end]) < 0 {
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
	if digits := strings.TrimPrefix(word, "-"); strings.Trim(digits, "0123456789") == "" {
		return Number(word), nil
	}
	return v, nil
}

// strings reads neighbouring strings as one.
func (p *literal) strings() (any, error) {
	var b strings.Builder
	for p.space(); p.at < len(p.text) && strings.IndexByte(`'"`, p.text[p.at]) >= 0; p.space() {
		quote := p.text[p.at]
		p.at++
		if err := p.str(&b, quote); err != nil {
			return nil, err
		}
	}
	return b.String(), nil
}

// str reads a string up to its closing quote.
func (p *literal) str(b *strings.Builder, quote byte) error {
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch c {
		case quote:
			p.at++
			return nil
		case '\n':
			return errEndless
		case '\\':
			p.at++
			if err := p.escape(b); err != nil {
				return err
			}
		default:
			p.at++
			b.WriteByte(c)
		}
	}
	return errEndless
}

// escape reads what follows a backslash.
func (p *literal) escape(b *strings.Builder) error {
	if p.at == len(p.text) {
		return errEndless
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

// Float64 is the value of a number that Literal, Parse or package encoding/json read.
func Float64(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case Number:
		f, err := strconv.ParseFloat(string(v), 64)
		return f, err == nil || errors.Is(err, strconv.ErrRange)
	}
	return 0, false
}
