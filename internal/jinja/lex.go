package jinja

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// kind is what a token is.
type kind int

const (
	tokEOF kind = iota
	tokData
	tokBlockBegin
	tokBlockEnd
	tokPrintBegin
	tokPrintEnd
	tokName
	tokString
	tokInt
	tokFloat
	tokOperator
)

type token struct {
	kind  kind
	text  string
	line  int
	num   float64
	whole int64
}

// lexer splits a template into tokens as jinja2.lexer does.
type lexer struct {
	src  string
	pos  int
	line int
	chat bool
	// lineStart says that the last tag ended with a line feed, which lstrip_blocks looks at.
	lineStart bool
	tokens    []token
}

func lex(source string, o Options) []token {
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	if !utf8.ValidString(source) {
		fail(0, "template is not UTF-8")
	}
	if o.Chat {
		source = strings.TrimSuffix(source, "\n")
	}
	l := &lexer{src: source, line: 1, chat: o.Chat, lineStart: true}
	for l.pos < len(l.src) {
		l.next()
	}
	l.add(tokEOF, "")
	return l.tokens
}

func (l *lexer) add(k kind, text string) {
	l.tokens = append(l.tokens, token{kind: k, text: text, line: l.line})
}

// advance moves over n bytes.
func (l *lexer) advance(n int) {
	l.line += strings.Count(l.src[l.pos:l.pos+n], "\n")
	l.pos += n
}

// next takes the text up to the next tag, and the tag.
func (l *lexer) next() {
	rest := l.src[l.pos:]
	at := strings.IndexByte(rest, '{')
	for at >= 0 && (at+1 >= len(rest) || !strings.ContainsRune("{%#", rune(rest[at+1]))) {
		n := strings.IndexByte(rest[at+1:], '{')
		if n < 0 {
			at = -1
			break
		}
		at += 1 + n
	}
	if at < 0 {
		l.data(rest)
		l.advance(len(rest))
		return
	}
	tag, open := rest[at:at+2], rest[at+2:]
	text := rest[:at]
	width := 2
	switch {
	case strings.HasPrefix(open, "-"):
		text, width = pytext.StripRight(text), 3
	case strings.HasPrefix(open, "+"):
		width = 3
	case l.chat && tag != "{{":
		text = l.stripLine(text)
	}
	l.data(text)
	l.advance(at)
	switch tag {
	case "{#":
		l.comment(width)
	case "{{":
		l.add(tokPrintBegin, "")
		l.advance(width)
		l.expression("}}", tokPrintEnd)
	default:
		if !l.raw(width) {
			l.add(tokBlockBegin, "")
			l.advance(width)
			l.expression("%}", tokBlockEnd)
		}
	}
}

func (l *lexer) data(text string) {
	if text != "" {
		l.add(tokData, text)
	}
}

// stripLine drops the white space between the start of a line and a tag.
func (l *lexer) stripLine(text string) string {
	at := strings.LastIndexByte(text, '\n') + 1
	if (at > 0 || l.lineStart) && at < len(text) && pytext.Strip(text[at:]) == "" {
		return text[:at]
	}
	return text
}

// comment passes over a comment.
func (l *lexer) comment(width int) {
	from := l.src[l.pos+width:]
	end := strings.Index(from, "#}")
	if end < 0 {
		fail(l.line, "a comment does not end")
	}
	n := width + end + 2
	if end > 0 && from[end-1] == '-' {
		n += spaces(l.src[l.pos+n:])
	} else if !(end > 0 && from[end-1] == '+') {
		n += l.lineFeed(n)
	}
	l.endTag(n)
}

// endTag moves past a tag's end.
func (l *lexer) endTag(n int) {
	l.lineStart = strings.HasSuffix(l.src[l.pos:l.pos+n], "\n")
	l.advance(n)
}

// lineFeed is 1 where trim_blocks takes the line feed n bytes on.
func (l *lexer) lineFeed(n int) int {
	if l.chat && strings.HasPrefix(l.src[l.pos+n:], "\n") {
		return 1
	}
	return 0
}

// spaces is the length of the white space that s begins with.
func spaces(s string) int { return len(s) - len(pytext.StripLeft(s)) }

// raw takes a raw block where one begins.
func (l *lexer) raw(width int) bool {
	tag, n := l.bare(l.src[l.pos:], width, "raw", false)
	if !tag {
		return false
	}
	from := l.src[l.pos+n:]
	for at := 0; ; {
		i := strings.Index(from[at:], "{%")
		if i < 0 {
			fail(l.line, "a raw block does not end")
		}
		at += i
		w := 2
		if len(from) > at+2 && (from[at+2] == '-' || from[at+2] == '+') {
			w = 3
		}
		if ok, m := l.bare(from[at:], w, "endraw", true); ok {
			text := from[:at]
			if w == 3 && from[at+2] == '-' {
				text = pytext.StripRight(text)
			} else if w == 2 && l.chat {
				text = l.stripLine(text)
			}
			l.data(text)
			l.endTag(n + at + m)
			return true
		}
		at += 2
	}
}

// bare says whether s is a tag of that one word, and how long it is with what its end takes.
func (l *lexer) bare(s string, width int, word string, trims bool) (bool, int) {
	n := width + spaces(s[width:])
	if !strings.HasPrefix(s[n:], word) {
		return false, 0
	}
	n += len(word)
	n += spaces(s[n:])
	switch {
	case strings.HasPrefix(s[n:], "-%}"):
		n += 3
		return true, n + spaces(s[n:])
	case strings.HasPrefix(s[n:], "+%}") && trims:
		return true, n + 3
	case strings.HasPrefix(s[n:], "%}"):
		n += 2
		if trims && l.chat && strings.HasPrefix(s[n:], "\n") {
			n++
		}
		return true, n
	}
	return false, 0
}

// expression takes the tokens within a tag. Its end counts only outside of brackets.
func (l *lexer) expression(end string, k kind) {
	var open []byte
	begun := l.line
	for {
		l.advance(spaces(l.src[l.pos:]))
		rest := l.src[l.pos:]
		if rest == "" {
			fail(begun, "a tag does not end")
		}
		if len(open) == 0 {
			switch {
			case strings.HasPrefix(rest, "-"+end):
				l.add(k, "")
				l.endTag(3 + spaces(rest[3:]))
				return
			case strings.HasPrefix(rest, "+"+end) && k == tokBlockEnd:
				l.add(k, "")
				l.endTag(3)
				return
			case strings.HasPrefix(rest, end):
				l.add(k, "")
				n := 2
				if k == tokBlockEnd {
					n += l.lineFeed(2)
				}
				l.endTag(n)
				return
			}
		}
		open = l.token(rest, open)
	}
}

// token takes one token and returns the brackets that are open after it.
func (l *lexer) token(rest string, open []byte) []byte {
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == '"' || r == '\'':
		l.quoted(rest, byte(r))
		return open
	case r >= '0' && r <= '9':
		l.number(rest)
		return open
	case r == '_' || unicode.IsLetter(r):
		n := size
		for n < len(rest) {
			r, size := utf8.DecodeRuneInString(rest[n:])
			if !pytext.IsWord(r) {
				break
			}
			n += size
		}
		l.add(tokName, rest[:n])
		l.advance(n)
		return open
	}
	return l.operator(rest, open)
}

func (l *lexer) operator(rest string, open []byte) []byte {
	n := 1
	for _, two := range []string{"//", "**", "==", "!=", ">=", "<="} {
		if strings.HasPrefix(rest, two) {
			n = 2
		}
	}
	if !strings.ContainsRune("+-/*%~[](){}=!<>.:|,;", rune(rest[0])) || rest[:n] == "!" {
		r, _ := utf8.DecodeRuneInString(rest)
		fail(l.line, "unexpected character %q", r)
	}
	if close := strings.IndexByte(")]}", rest[0]); close >= 0 {
		if len(open) == 0 || open[len(open)-1] != "([{"[close] {
			fail(l.line, "%q closes nothing", rest[:1])
		}
		open = open[:len(open)-1]
	} else if strings.IndexByte("([{", rest[0]) >= 0 {
		if open = append(open, rest[0]); len(open) > maxNest {
			fail(l.line, "more than %d brackets within each other", maxNest)
		}
	}
	l.add(tokOperator, rest[:n])
	l.advance(n)
	return open
}

// number takes a whole number or a float.
func (l *lexer) number(rest string) {
	n := 0
	digits := func() {
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '_' && n+1 < len(rest) && rest[n+1] >= '0' && rest[n+1] <= '9') {
			n++
		}
	}
	digit := func(at int) bool { return at < len(rest) && rest[at] >= '0' && rest[at] <= '9' }
	digits()
	isFloat := false
	afterDot := len(l.tokens) > 0 && l.tokens[len(l.tokens)-1].kind == tokOperator && l.tokens[len(l.tokens)-1].text == "."
	if n < len(rest) && rest[n] == '.' && digit(n+1) && !afterDot {
		isFloat = true
		n++
		digits()
	}
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') && !afterDot {
		sign := 0
		if n+1 < len(rest) && (rest[n+1] == '+' || rest[n+1] == '-') {
			sign = 1
		}
		if digit(n + 1 + sign) {
			isFloat = true
			n += 1 + sign
			digits()
		}
	}
	text := strings.ReplaceAll(rest[:n], "_", "")
	t := token{kind: tokInt, text: text, line: l.line}
	var err error
	if isFloat {
		t.kind = tokFloat
		t.num, err = strconv.ParseFloat(text, 64)
	} else {
		t.whole, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil {
		fail(l.line, "number %s is out of range", text)
	}
	l.tokens = append(l.tokens, t)
	l.advance(n)
}

// quoted takes a string literal.
func (l *lexer) quoted(rest string, quote byte) {
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case quote:
			l.add(tokString, unescape(rest[1:i], l.line))
			l.advance(i + 1)
			return
		}
	}
	fail(l.line, "a string does not end")
}
