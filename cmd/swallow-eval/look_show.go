package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/prompts"
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
	_, own, files, err := owntasks.Choose(s.tasks, s.includePath)
	if err != nil {
		return nil, err
	}
	for _, t := range own {
		if t.Spec().Name == name {
			s.own = files
			return []tasks.Task{t}, nil
		}
	}
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
	line, err := prompts.Asked{Task: t, Source: data(), Shots: eval.Shots(t, shots), Budget: budget}.At(position)
	if err != nil {
		return err
	}
	v := prompts.View{Tokens: tokens}
	v.Encoder, _ = budget.(*wrapper.Encoder)
	return v.Write(c.out, line, t.Spec().Protocol)
}
