// Package terminal is where people read: how wide it is and whether it is a log that searches for commands, plain tables and
// growing text that fit and harm nothing there, and objects a line. Every text is taken for a stranger's.
package terminal

import (
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// IsTerminal says whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// Width is the number of columns of the terminal that w is, 0 where it is none or does not say.
func Width(w io.Writer) int {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// IsActionsLog says whether what is written to w may end in a log that GitHub Actions searches for commands. A file that
// the user redirects to does not.
func IsActionsLog(w io.Writer) bool {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return false
	}
	f, ok := w.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return true
	}
	info, err := f.Stat()
	return err != nil || !info.Mode().IsRegular()
}

// Text returns w, or, where it is such a log, a writer in which no line of somebody else's text is a command
// (::error::, ##[error]): a backslash breaks it up visibly.
func Text(w io.Writer) io.Writer {
	if !IsActionsLog(w) {
		return w
	}
	return &commandBreaker{w: w}
}

type commandBreaker struct {
	w io.Writer
	// held is what the last write ended in and a command may begin with.
	held string
	// inLine says that the line has begun with something else than white space.
	inLine bool
}

// Write passes b on, but for an end that may become a command.
func (c *commandBreaker) Write(b []byte) (int, error) {
	text := c.held + string(b)
	c.held = ""
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case rest == ":" && !c.inLine, rest == "#", rest == "##":
			c.held = rest
			_, err := io.WriteString(c.w, out.String())
			return len(b), err
		case strings.HasPrefix(rest, "::") && !c.inLine:
			out.WriteString(`\::`)
			c.inLine = true
			i++
			continue
		case strings.HasPrefix(rest, "##["):
			out.WriteString(`#\#[`)
			c.inLine = true
			i += 2
			continue
		}
		out.WriteByte(text[i])
		switch text[i] {
		case '\n', '\r':
			c.inLine = false
		case ' ', '\t':
		default:
			c.inLine = true
		}
	}
	_, err := io.WriteString(c.w, out.String())
	return len(b), err
}

// Flush writes what was held back at the end of the text.
func (c *commandBreaker) Flush() error {
	held := c.held
	c.held = ""
	if held == "" {
		return nil
	}
	c.inLine = true
	_, err := io.WriteString(c.w, held)
	return err
}

// FlushText ends a text written through Text.
func FlushText(w io.Writer) error {
	if c, ok := w.(*commandBreaker); ok {
		return c.Flush()
	}
	return nil
}

// OneLine is an error's text on one line, whatever file content it quotes. Of joined errors one that an earlier one
// tells already is left out.
func OneLine(err error) string {
	var told string
	for line := range strings.SplitSeq(jsonwords.Text(err), "\n") {
		switch {
		case told == "":
			told = line
		case !strings.Contains(told, line):
			told += "; " + line
		}
	}
	return textsafe.Terminal(told)
}
