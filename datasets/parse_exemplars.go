package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseExemplars reads the worked examples of MGSM from the Python file that they are published in (google-research/url-nlp,
// mgsm/exemplars.py). Nothing is executed: the file is comments and assignments of literals, and whatever else it may hold is
// refused. The rows are the language's examples in the order of their numbers, which the lists of answers follow.
func parseExemplars(content []byte, language string) ([]json.RawMessage, error) {
	values, err := readAssignments(content)
	if err != nil {
		return nil, err
	}
	languages, ok := values["MGSM_EXEMPLARS"].(map[string]any)
	if !ok {
		return nil, errors.New("no MGSM_EXEMPLARS")
	}
	examples, ok := languages[language].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no examples for %q", language)
	}
	numbers, _ := values["EXEMPLAR_NUMBER_ANSWERS"].([]any)
	equations, _ := values["EXEMPLAR_EQUATION_SOLUTIONS"].([]any)
	if len(numbers) != len(examples) || len(equations) != len(examples) {
		return nil, fmt.Errorf("%d examples, %d answers and %d equations", len(examples), len(numbers), len(equations))
	}
	var rows []json.RawMessage
	for i := range numbers {
		example, _ := examples[strconv.Itoa(i+1)].(map[string]any)
		q, ok1 := example["q"].(string)
		a, ok2 := example["a"].(string)
		n, ok3 := numbers[i].(int64)
		e, ok4 := equations[i].(string)
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return nil, fmt.Errorf("example %d is not question, answer, number and equation", i+1)
		}
		row, err := json.Marshal(struct {
			Question string `json:"question"`
			Answer   string `json:"answer"`
			Number   int64  `json:"answer_number"`
			Equation string `json:"equation_solution"`
		}{q, a, n, e})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// literals reads Python literals: dictionaries with texts for keys, lists, texts in double quotes (neighbours are one text)
// and integers.
type literals struct {
	text string
	at   int
}

// maxNesting is more than the file needs.
const maxNesting = 8

// readAssignments reads NAME = literal, again and again.
func readAssignments(content []byte) (map[string]any, error) {
	p := &literals{text: string(content)}
	values := map[string]any{}
	for {
		p.space()
		if p.at == len(p.text) {
			return values, nil
		}
		if strings.HasPrefix(p.text[p.at:], `"""`) { // the file's own description
			end := strings.Index(p.text[p.at+3:], `"""`)
			if end < 0 {
				return nil, p.fail("a text without end")
			}
			p.at += 3 + end + 3
			continue
		}
		name := p.name()
		if name == "" || !p.take('=') {
			return nil, p.fail("want an assignment")
		}
		v, err := p.value(0)
		if err != nil {
			return nil, err
		}
		if _, twice := values[name]; twice {
			return nil, p.fail(name + " is assigned twice")
		}
		values[name] = v
	}
}

func (p *literals) fail(what string) error {
	return &lineError{1 + strings.Count(p.text[:min(p.at, len(p.text))], "\n"), what}
}

// space passes over white space and comments.
func (p *literals) space() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			p.at++
		case c == '#':
			if end := strings.IndexByte(p.text[p.at:], '\n'); end >= 0 {
				p.at += end
			} else {
				p.at = len(p.text)
			}
		default:
			return
		}
	}
}

func (p *literals) next() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *literals) take(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

func (p *literals) name() string {
	begin := p.at
	for p.at < len(p.text) && (p.text[p.at] == '_' || 'A' <= p.text[p.at] && p.text[p.at] <= 'Z') {
		p.at++
	}
	return p.text[begin:p.at]
}

func (p *literals) value(depth int) (any, error) {
	if depth > maxNesting {
		return nil, p.fail("nested too deep")
	}
	switch c := p.next(); {
	case c == '"':
		return p.texts()
	case c == '{':
		return p.dictionary(depth)
	case c == '[':
		return p.list(depth)
	case c == '-' || '0' <= c && c <= '9':
		begin := p.at
		for p.at++; p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9'; p.at++ {
		}
		n, err := strconv.ParseInt(p.text[begin:p.at], 10, 64)
		if err != nil {
			return nil, p.fail("not an integer")
		}
		return n, nil
	}
	return nil, p.fail("want a literal")
}

func (p *literals) list(depth int) (any, error) {
	p.at++
	list := []any{}
	for !p.take(']') {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !p.take(',') && p.next() != ']' {
			return nil, p.fail("want , or ]")
		}
	}
	return list, nil
}

func (p *literals) dictionary(depth int) (any, error) {
	p.at++
	values := map[string]any{}
	for !p.take('}') {
		if p.next() != '"' {
			return nil, p.fail("want a key")
		}
		key, err := p.texts()
		if err != nil {
			return nil, err
		}
		if _, twice := values[key]; twice || !p.take(':') {
			return nil, p.fail("want one value for a key")
		}
		if values[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		if !p.take(',') && p.next() != '}' {
			return nil, p.fail("want , or }")
		}
	}
	return values, nil
}

// texts reads neighbouring texts as one.
func (p *literals) texts() (string, error) {
	var b strings.Builder
	for p.next() == '"' {
		if err := p.oneText(&b); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func (p *literals) oneText(b *strings.Builder) error {
	p.at++
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case '"':
			p.at++
			return nil
		case '\n':
			return p.fail("a text without end")
		case '\\':
			if err := p.escape(b); err != nil {
				return err
			}
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return p.fail("a text without end")
}

// escape reads one of the escapes that the file uses: \uXXXX, \n, \", \' and \\.
func (p *literals) escape(b *strings.Builder) error {
	rest := p.text[p.at+1:]
	if rest == "" {
		return p.fail("a text without end")
	}
	switch rest[0] {
	case '\\', '"', '\'':
		b.WriteByte(rest[0])
	case 'n':
		b.WriteByte('\n')
	case 'u':
		if len(rest) < 5 {
			return p.fail("a text without end")
		}
		n, err := strconv.ParseUint(rest[1:5], 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return p.fail("not a character: \\" + strings.ToValidUTF8(rest[:5], "?"))
		}
		b.WriteRune(rune(n))
		p.at += 4
	default:
		return p.fail("unknown escape")
	}
	p.at += 2
	return nil
}
