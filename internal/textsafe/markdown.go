package textsafe

import "strings"

// markdownMarks are the characters that structure Markdown, GitHub's tables included.
const markdownMarks = "\\`*_{}[]()<>#|~!&$"

// Markdown returns s as literal text for a paragraph or a table cell of GitHub's Markdown: on one line, without control
// characters, and so that neither markup, HTML, a link, a mention nor the number of an issue comes out of it. An empty
// comment ends the word at @ and #, which GitHub looks at after the markup is read; the links it makes of bare
// addresses are broken at the point or colon.
func Markdown(s string) string {
	s = Terminal(s)
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '#':
			b.WriteString(`\#<!-- -->`)
		case r == '@':
			b.WriteString("@<!-- -->")
		case strings.ContainsRune(markdownMarks, r),
			r == ':' && strings.HasPrefix(s[i:], "://"),
			r == '.' && endsWithFold(s[:i], "www"),
			(r == '-' || r == '+' || r == '=') && strings.TrimLeft(s[:i], " ") == "":
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '.' && i > 0 && strings.Trim(s[:i], "0123456789") == "" && strings.HasPrefix(s[i:], ". "):
			b.WriteString(`\.`) // a numbered list
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// endsWithFold says whether s ends in tail, a lower-case ASCII word, in any case.
func endsWithFold(s, tail string) bool {
	return len(s) >= len(tail) && strings.EqualFold(s[len(s)-len(tail):], tail)
}
