package main

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

func newShowCommand(c console) *cobra.Command {
	var s selection
	var m modelFlags
	var asChat chatFlags
	var tokens bool
	cmd := &cobra.Command{
		Use:   "show TASK POSITION --data-dir D [--model M [--tokens]]",
		Short: "Show exactly what the model sees of one document",
		Long: `show prints one document's requests as the model sees them. With --model it counts tokens and shows what the window
cuts off; with --tokens it lists every token. Among them is the BOS token that a protocol puts in front, where it
does.`,
		Example: "  swallow-eval show jsquad 12 --data-dir ./data --model ./Swallow-7b-hf --tokens",
		Args:    takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			position, err := strconv.Atoi(args[1])
			if err != nil || position < 0 {
				return fmt.Errorf("position %q is not a number from 0 on", args[1])
			}
			if tokens && m.model == "" {
				return fmt.Errorf("--tokens needs a --model to count in")
			}
			s.settle(m.model)
			if err := asChat.check(m.model); err != nil {
				return err
			}
			p, err := s.open(c)
			if err != nil {
				return err
			}
			chosen, err := s.one(p, args[0])
			if err != nil {
				return err
			}
			if len(chosen) != 1 {
				return fmt.Errorf("%q names %d tasks: show takes one", args[0], len(chosen))
			}
			if _, chosen, err = asChat.in(cmd.Context(), c, &m, p, chosen); err != nil {
				return err
			}
			return s.show(cmd, c, chosen[0], position, m, tokens)
		},
	}
	s.registerData(cmd)
	f := cmd.Flags()
	s.registerProfile(f, c)
	f.StringSliceVarP(&s.tasks, "tasks", "t", nil, "task files (./mytask.yaml) of which TASK is one's")
	f.IntVarP(&s.numFewshot, "num-fewshot", "f", -1, "number of examples in place of the profile's")
	f.BoolVar(&tokens, "tokens", false, "list the tokens")
	m.registerModel(cmd)
	asChat.register(cmd)
	return cmd
}

// one returns the task of that name, of a task file or of the profile.
func (s *selection) one(p tasks.Profile, name string) ([]tasks.Task, error) {
	_, own, err := s.chooseOwn()
	if err != nil {
		return nil, err
	}
	for _, t := range own {
		if t.Spec().Name == name {
			return []tasks.Task{t}, nil
		}
	}
	s.own = nil
	return suite.Select(p, []string{name})
}

func (s *selection) show(cmd *cobra.Command, c console, t tasks.Task, position int, m modelFlags, tokens bool) error {
	shots, err := s.shots(cmd)
	if err != nil {
		return err
	}
	data, err := s.data(cmd.Context(), c, []tasks.Task{t}, m.network)
	if err != nil {
		return err
	}
	budget, err := budgetOf(cmd.Context(), c, m)
	if err != nil {
		return err
	}
	n := eval.Shots(t, shots)
	docs, _, err := tasks.Some(t, data(), n, budget, func(total int) ([]int, error) {
		if position >= total {
			return nil, fmt.Errorf("there are positions 0..%d, not %d", total-1, position)
		}
		return []int{position}, nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", t.Spec().Name, err)
	}
	out := terminal.Text(c.out)
	v := viewer{w: bufio.NewWriter(out), tokens: tokens}
	v.encoder, _ = budget.(*wrapper.Encoder)
	v.doc(promptOf(t, n, position, docs[0], budget), t.Spec())
	if v.err != nil {
		return v.err
	}
	return errors.Join(v.w.Flush(), terminal.FlushText(out))
}

// viewer prints requests for people; its first error sticks.
type viewer struct {
	w       *bufio.Writer
	encoder *wrapper.Encoder
	tokens  bool
	err     error
}

func (v *viewer) printf(format string, a ...any) {
	if v.err == nil {
		_, v.err = fmt.Fprintf(v.w, format, a...)
	}
}

func (v *viewer) doc(p promptLine, spec tasks.Spec) {
	v.printf("%s position %d   document %s   %d shots   protocol %s\n", p.Task, p.Position, textsafe.Terminal(p.DocID.String()), p.Shots, spec.Protocol)
	if p.Fault != "" {
		v.printf("%s\n", textsafe.Terminal(p.Fault))
	}
	for i, r := range p.Requests {
		v.printf("\n--- request %d: %s", i, r.Kind)
		if r.Kind == tasks.Generate {
			v.printf(", at most %d tokens, until %s", r.MaxTokens, textsafe.Quoted(r.Stop))
		}
		v.printf(" ---\n")
		v.request(r)
	}
	v.printf("\n--- scored against ---\n%s\n", textsafe.Quoted(p.Targets))
}

func (v *viewer) request(r tasks.Request) {
	if v.encoder == nil {
		v.text(r.Prompt)
		if r.Kind == tasks.LogLikelihood {
			v.printf("[scored:] %s", "")
			v.text(r.Continuation)
		}
		return
	}
	view, err := v.encoder.View(r)
	if err != nil {
		if v.err == nil {
			v.err = err
		}
		return
	}
	tok := v.encoder.Tokenizer()
	v.printf("%d tokens fed (window %d), no BOS", len(view.Tokens), view.Window)
	if n := len(view.Dropped); n > 0 {
		v.printf("; %d tokens dropped from the left", n)
	}
	if view.Lost > 0 {
		v.printf("; the first %d generated tokens are discarded", view.Lost)
	}
	v.printf("\n")
	if v.tokens {
		v.pieces("dropped", view.Dropped, tok)
		v.pieces("prompt", view.Tokens[:view.ScoredFrom], tok)
		v.pieces("scored", view.Tokens[view.ScoredFrom:], tok)
		return
	}
	if len(view.Dropped) > 0 {
		v.printf("[dropped:]\n")
		v.text(tok.Decode(view.Dropped))
		v.printf("[seen:]\n")
	}
	v.text(tok.Decode(view.Tokens[:view.ScoredFrom]))
	if view.ScoredFrom < len(view.Tokens) {
		v.printf("[scored:]")
		v.text(tok.DecodeRaw(view.Tokens[view.ScoredFrom:]))
	}
}

// text prints a prompt as it stands, with an end mark that makes trailing white space visible.
func (v *viewer) text(s string) { v.printf("%s⏎\n", textsafe.TerminalLines(s)) }

func (v *viewer) pieces(name string, ids []int32, tok *tokenizer.Tokenizer) {
	if len(ids) == 0 {
		return
	}
	v.printf("%s:\n", name)
	for i, id := range ids {
		v.printf("%s%d %s", sep(i), id, textsafe.Terminal(tok.Piece(id)))
	}
	v.printf("\n")
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
