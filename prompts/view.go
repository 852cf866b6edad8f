package prompts

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// View says how people are shown a document.
type View struct {
	// Encoder is that of the model that sees it; nil shows the text alone.
	Encoder *wrapper.Encoder
	// Tokens lists every token in place of the text.
	Tokens bool
}

// Write prints one document's requests as the model sees them, with what its window cuts off, and what they are scored against.
func (v View) Write(w io.Writer, l Line, protocol tasks.Protocol) error {
	out := terminal.Text(w)
	s := sheet{View: v, w: bufio.NewWriter(out)}
	s.doc(l, protocol)
	if s.err != nil {
		return s.err
	}
	return errors.Join(s.w.Flush(), terminal.FlushText(out))
}

// sheet is a document while it is printed; its first error sticks.
type sheet struct {
	View
	w   *bufio.Writer
	err error
}

func (s *sheet) printf(format string, a ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, a...)
	}
}

func (s *sheet) doc(l Line, protocol tasks.Protocol) {
	s.printf("%s position %d   document %s   %d shots   protocol %s\n", l.Task, l.Position, textsafe.Terminal(l.DocID.String()), l.Shots, protocol)
	if l.Fault != "" {
		s.printf("%s\n", textsafe.Terminal(l.Fault))
	}
	for i, r := range l.Requests {
		s.printf("\n--- request %d: %s", i, r.Kind)
		if r.Kind == tasks.Generate {
			s.printf(", at most %d tokens, until %s", r.MaxTokens, textsafe.Quoted(r.Stop))
		}
		s.printf(" ---\n")
		s.request(r)
	}
	s.printf("\n--- scored against ---\n%s\n", textsafe.Quoted(l.Targets))
}

func (s *sheet) request(r tasks.Request) {
	if s.Encoder == nil {
		s.text(r.Prompt)
		if r.Kind == tasks.LogLikelihood {
			s.printf("[scored:] %s", "")
			s.text(r.Continuation)
		}
		return
	}
	view, err := s.Encoder.View(r)
	if err != nil {
		if s.err == nil {
			s.err = err
		}
		return
	}
	tok := s.Encoder.Tokenizer()
	s.printf("%d tokens fed (window %d), no BOS", len(view.Tokens), view.Window)
	if n := len(view.Dropped); n > 0 {
		s.printf("; %d tokens dropped from the left", n)
	}
	if view.Lost > 0 {
		s.printf("; the first %d generated tokens are discarded", view.Lost)
	}
	s.printf("\n")
	if s.Tokens {
		s.pieces("dropped", view.Dropped, tok)
		s.pieces("prompt", view.Tokens[:view.ScoredFrom], tok)
		s.pieces("scored", view.Tokens[view.ScoredFrom:], tok)
		return
	}
	if len(view.Dropped) > 0 {
		s.printf("[dropped:]\n")
		s.text(tok.Decode(view.Dropped))
		s.printf("[seen:]\n")
	}
	s.text(tok.Decode(view.Tokens[:view.ScoredFrom]))
	if view.ScoredFrom < len(view.Tokens) {
		s.printf("[scored:]")
		s.text(tok.DecodeRaw(view.Tokens[view.ScoredFrom:]))
	}
}

// text prints a prompt as it stands, with an end mark that makes trailing white space visible.
func (s *sheet) text(text string) { s.printf("%s⏎\n", textsafe.TerminalLines(text)) }

func (s *sheet) pieces(name string, ids []int32, tok *tokenizer.Tokenizer) {
	if len(ids) == 0 {
		return
	}
	s.printf("%s:\n", name)
	for i, id := range ids {
		s.printf("%s%d %s", sep(i), id, textsafe.Terminal(tok.Piece(id)))
	}
	s.printf("\n")
}

func sep(i int) string {
	switch {
	case i == 0:
		return "  "
	case i%8 == 0:
		return "\n  "
	}
	return " | "
}
