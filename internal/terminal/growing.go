package terminal

import (
	"io"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// Growing prints the part of a growing text that has not been printed yet.
type Growing struct {
	w       io.Writer
	safe    bool
	printed string
	err     error
}

// NewGrowing prints on w. On a terminal and in the log of GitHub Actions, and only there, control characters are made
// visible and commands broken up.
func NewGrowing(w io.Writer) *Growing {
	return &Growing{w: Text(w), safe: IsTerminal(w) || IsActionsLog(w)}
}

// Show prints what is new and final: a character whose bytes are still arriving shows as U+FFFD and is held back.
func (p *Growing) Show(text string) { p.print(strings.TrimRight(text, "\ufffd")) }

// Finish prints the rest of the finished text.
func (p *Growing) Finish(text string) error {
	p.print(text)
	return p.err
}

// Flush ends the text.
func (p *Growing) Flush() error { return FlushText(p.w) }

func (p *Growing) print(text string) {
	added, ok := strings.CutPrefix(text, p.printed)
	if !ok || p.err != nil {
		return // a run of bytes changed its reading; the finished text settles it
	}
	p.printed = text
	if p.safe {
		added = textsafe.TerminalLines(added)
	}
	_, p.err = io.WriteString(p.w, added)
}
