// Package pyregex runs the regular expressions of Python's re over text, look-around included, for at most a second a text.
//
// The engine is regexp2; what the two spell or mean differently is rewritten: named groups, \Z, and the classes \w, \s and
// \b, which are Python's here. What is not rewritten is refused when the expression is compiled. Source: CPython 3.11's
// Lib/re/_parser.py.
package pyregex

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// Timeout is how long one search may take, and after which no other begins in the same text.
const Timeout = time.Second / 2

// maxResult is the longest text that a replacement makes, in bytes.
const maxResult = 16 << 20

// maxPattern is the length of the longest expression.
const maxPattern = 10_000

// Regexp is a compiled expression. It is safe for concurrent use.
type Regexp struct {
	re     *regexp2.Regexp
	groups int
}

// The classes as Python has them, without brackets.
const (
	wordClass  = `\p{L}\p{N}_`
	spaceClass = `\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`
)

// Compile reads an expression. Errors name what is wrong with it.
func Compile(pattern string) (*Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("the expression has %d bytes, more than %d", len(pattern), maxPattern)
	}
	rewritten, err := rewrite(pattern)
	if err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(rewritten, regexp2.None)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = Timeout
	return &Regexp{re, len(re.GetGroupNumbers()) - 1}, nil
}

// rewrite turns Python's spelling into the engine's.
func rewrite(p string) (string, error) {
	var b strings.Builder
	class, groups, names := false, 0, map[string]int{}
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\':
			if i+1 == len(p) {
				return "", errors.New("bad escape (end of pattern)")
			}
			i++
			if err := escape(&b, p[i], class); err != nil {
				return "", err
			}
		case class && c == ']':
			class = false
			b.WriteByte(c)
		case class && c == '[':
			b.WriteString(`\[`) // the engine would subtract a class
		case !class && c == '[':
			class = true
			b.WriteByte(c)
			if i+1 < len(p) && p[i+1] == '^' {
				i++
				b.WriteByte('^')
			}
			if i+1 < len(p) && p[i+1] == ']' {
				i++
				b.WriteString(`\]`)
			}
		case !class && strings.HasPrefix(p[i:], "(?P"):
			n, err := named(&b, p[i:], names, &groups)
			if err != nil {
				return "", err
			}
			i += n - 1
		case !class && c == '(':
			if !strings.HasPrefix(p[i:], "(?") {
				groups++
			}
			b.WriteByte(c)
		case !class && c == '{' && i+1 < len(p) && p[i+1] == ',':
			b.WriteString("{0") // {,n} is at most n
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func escape(b *strings.Builder, c byte, class bool) error {
	within := func(set, not string) {
		switch {
		case class && not == "":
			b.WriteString(set)
		case class:
			b.WriteString(not)
		case not != "":
			b.WriteString("[^" + set + "]")
		default:
			b.WriteString("[" + set + "]")
		}
	}
	switch c {
	case 'w':
		within(wordClass, "")
	case 's':
		within(spaceClass, "")
	case 'W', 'S':
		if class {
			return fmt.Errorf(`\%c within [] is not supported`, c)
		}
		within(map[byte]string{'W': wordClass, 'S': spaceClass}[c], "not")
	case 'b', 'B':
		if class && c == 'b' {
			b.WriteString(`\x08`)
			return nil
		}
		w := "[" + wordClass + "]"
		if c == 'b' {
			b.WriteString("(?:(?<=" + w + ")(?!" + w + ")|(?<!" + w + ")(?=" + w + "))")
		} else {
			b.WriteString("(?:(?<=" + w + ")(?=" + w + ")|(?<!" + w + ")(?!" + w + "))")
		}
	case 'Z':
		b.WriteString(`\z`)
	case 'G', 'K', 'k', 'p', 'P', 'X', 'R', 'z':
		return fmt.Errorf(`bad escape \%c`, c)
	default:
		b.WriteByte('\\')
		b.WriteByte(c)
	}
	return nil
}

// named rewrites a named group to a numbered one, or a reference to one, and returns the length of what it read. The engine
// numbers named groups after the others, Python all from the left.
func named(b *strings.Builder, p string, names map[string]int, groups *int) (int, error) {
	if end := strings.IndexByte(p, '>'); strings.HasPrefix(p, "(?P<") && end > 4 {
		*groups++
		if names[p[4:end]] != 0 {
			return 0, fmt.Errorf("redefinition of group name %q", p[4:end])
		}
		names[p[4:end]] = *groups
		b.WriteByte('(')
		return end + 1, nil
	}
	if end := strings.IndexByte(p, ')'); strings.HasPrefix(p, "(?P=") && end > 4 {
		n := names[p[4:end]]
		if n == 0 {
			return 0, fmt.Errorf("unknown group name %q", p[4:end])
		}
		fmt.Fprintf(b, `(?:\%d)`, n)
		return end + 1, nil
	}
	return 0, errors.New("unknown extension (?P")
}

// FindAll is re.findall: of every match all groups, or the whole match as the one element where there are none.
func (r *Regexp) FindAll(text string) (all [][]string, err error) {
	late := deadline()
	m, err := r.re.FindStringMatch(text)
	for ; m != nil && err == nil; m, err = r.re.FindNextMatch(m) {
		if late() {
			return nil, errTooLong()
		}
		if r.groups == 0 {
			all = append(all, []string{m.String()})
			continue
		}
		groups := make([]string, 0, r.groups)
		for _, g := range m.Groups()[1:] {
			if len(g.Captures) == 0 { // took no part in the match
				groups = append(groups, "")
				continue
			}
			groups = append(groups, g.String())
		}
		all = append(all, groups)
	}
	return all, plain(err)
}

// Replace is re.sub: \1 and \g<1> stand in template for groups; count 0 replaces all.
func (r *Regexp) Replace(text, template string, count int) (string, error) {
	var b strings.Builder
	late, runes, at := deadline(), []rune(text), 0
	m, err := r.re.FindStringMatch(text)
	for n := 0; m != nil && err == nil && (count <= 0 || n < count); n++ {
		replaced, err := expand(template, m)
		switch {
		case err != nil:
			return "", err
		case late():
			return "", errTooLong()
		case b.Len()+len(replaced) > maxResult:
			return "", fmt.Errorf("the text would have more than %d bytes", maxResult)
		}
		b.WriteString(string(runes[at:m.RuneIndex]))
		b.WriteString(replaced)
		at = m.RuneIndex + m.RuneLength
		if m, err = r.re.FindNextMatch(m); err != nil {
			return "", plain(err)
		}
	}
	if err != nil {
		return "", plain(err)
	}
	b.WriteString(string(runes[at:]))
	return b.String(), nil
}

// deadline begins the time that all searches in one text may take together.
func deadline() (late func() bool) {
	begun := time.Now()
	return func() bool { return time.Since(begun) > Timeout }
}

func expand(template string, m *regexp2.Match) (string, error) {
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '\\' || i+1 == len(template) {
			b.WriteByte(template[i])
			continue
		}
		i++
		switch c := template[i]; {
		case c >= '1' && c <= '9':
			n := int(c - '0')
			if i+1 < len(template) && template[i+1] >= '0' && template[i+1] <= '9' {
				i++
				n = 10*n + int(template[i]-'0')
			}
			g := m.GroupByNumber(n)
			if g == nil {
				return "", fmt.Errorf("invalid group reference %d", n)
			}
			b.WriteString(g.String())
		case c == 'g':
			end := strings.IndexByte(template[i:], '>')
			if end < 2 || template[i+1] != '<' {
				return "", errors.New("missing group name")
			}
			name := template[i+2 : i+end]
			i += end
			n, err := strconv.Atoi(name)
			if err != nil {
				return "", fmt.Errorf("group %q of the replacement is no number", name)
			}
			g := m.GroupByNumber(n)
			if g == nil {
				return "", fmt.Errorf("invalid group reference %d", n)
			}
			b.WriteString(g.String())
		case c == 'n':
			b.WriteByte('\n')
		case c == 't':
			b.WriteByte('\t')
		case c == '\\':
			b.WriteByte('\\')
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return "", fmt.Errorf(`bad escape \%c`, c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// ErrTimeout is returned, wrapped, where a search takes too long.
var ErrTimeout = errors.New("the regular expression takes too long")

func plain(err error) error {
	if err != nil && strings.Contains(err.Error(), "timeout") {
		return errTooLong()
	}
	return err
}

func errTooLong() error { return fmt.Errorf("%w: more than %v", ErrTimeout, Timeout) }
