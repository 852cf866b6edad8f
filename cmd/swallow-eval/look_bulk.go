package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/bulk"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// bulkLong says what holds for every command that answers lines.
const bulkLong = `Each answer is remembered before it is printed, and printed as soon as those before it are: the same command goes on
where it was stopped. Lines are answered together, and where the input pauses those that are there. A line that cannot be answered has {"id","line","error"} in its place; the exit code is then 3.`

// bulkFlags are those of a command that answers lines.
type bulkFlags struct {
	answerFlags
	input string
}

func (f *bulkFlags) register(cmd *cobra.Command, usage string) {
	f.answerFlags.register(cmd)
	cmd.Flags().StringVarP(&f.input, "input", "i", "", usage)
}

// answer opens input, model and answer store, in this order, and has the lines answered.
func (f *bulkFlags) answer(ctx context.Context, c console, m *modelFlags, lines func(context.Context, bulk.Stream, *embedded.Model) (bulk.Counts, error)) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	in, name, err := openInput(c, f.input)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	model, err := m.openEngine(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	s, err := f.open(model.Identity)
	if err != nil {
		return err
	}
	stream := bulk.Stream{Input: in, Name: name, Line: terminal.LineWriter(c.out)}
	if s != nil {
		stream.Answers = s
	}
	counts, err := lines(ctx, stream, model)
	if s != nil {
		err = errors.Join(err, s.Close(), s.PrintUse(c.err, counts.Asked, counts.Recalled))
	}
	if err == nil && counts.Bad > 0 {
		return &codedError{exitIncomplete, counts.Err()}
	}
	return err
}
