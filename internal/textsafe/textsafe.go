// Package textsafe makes text that came from a model, a data set or a stranger's file harmless in the place where it
// is shown. Model output can hold terminal control sequences, bidirectional overrides and invisible characters;
// shown raw they can hide, forge or execute. Only JSON carries such text unchanged.
package textsafe

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal returns s with everything that could move the cursor, reorder or hide text written as a visible escape:
// control characters, bidirectional controls, zero-width and other format characters, and invalid UTF-8. Line feeds
// become \n, so that the result is always one line. The log of a workflow of GitHub Actions is a terminal, too: ##[, with
// which a command to the runner may begin anywhere on a line, is broken up (actions/runner, Common/ActionCommand.cs).
func Terminal(s string) string { return escape(s, false) }

// TerminalLines is Terminal for text that is meant to span lines: line feeds stay.
func TerminalLines(s string) string { return escape(s, true) }

func escape(s string, lines bool) string {
	if clean(s, lines) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n' && lines:
			b.WriteByte('\n')
		case r == '\n':
			b.WriteString(`\n`)
		case strings.HasPrefix(s, actionCommand):
			b.WriteString(`#\#[`)
			n = len(actionCommand)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case hidden(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

const actionCommand = "##["

func clean(s string, lines bool) bool {
	if strings.Contains(s, actionCommand) {
		return false
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		}
		if hidden(r) && (r != '\n' || !lines) {
			return false
		}
	}
	return true
}

// hidden says whether a rune has no visible shape of its own or steers what is around it: Cc, Cf (bidirectional
// controls, zero-width characters, tags), line and paragraph separators, and private use.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// Quoted is a list of texts as Go writes them, which shows every character that could steer a terminal.
func Quoted(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
