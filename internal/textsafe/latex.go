package textsafe

import "strings"

// LaTeX returns s as literal text for LaTeX: on one line, without control characters, every character that is a command
// there escaped. Other characters stay as they are and need a Unicode engine or a package with their glyphs.
func LaTeX(s string) string { return latexEscapes().Replace(Terminal(s)) }

func latexEscapes() *strings.Replacer {
	return strings.NewReplacer(
		`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`, `_`, `\_`,
		`^`, `\textasciicircum{}`, `~`, `\textasciitilde{}`, `<`, `\textless{}`, `>`, `\textgreater{}`, `"`, `\textquotedbl{}`,
		"|", `\textbar{}`, "`", `\textasciigrave{}`,
	)
}
