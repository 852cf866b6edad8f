package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/judge"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/results/tables"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/verify"
)

// judgeFlags say whether programs that a model wrote are run.
type judgeFlags struct {
	execute bool
}

func (f *judgeFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.execute, "allow-code-execution", false, "run the programs that the model wrote, in a sandbox (bubblewrap, Linux)")
}

// unjudged is what to do about programs that nothing ran.
const unjudged = "--allow-code-execution runs them in a sandbox; or export --as programs, have them run elsewhere, and judge --verdicts"

// open finds the sandbox where programs are to be run: nil where they are not, or none of the tasks makes any.
func (f *judgeFlags) open(ctx context.Context, chosen []tasks.Task) (eval.Judge, error) {
	if !f.execute || !judge.Needed(chosen) {
		return nil, nil
	}
	s, err := judge.Find(ctx, judge.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("--allow-code-execution: %w", err)
	}
	return s, nil
}

type judgeCommandFlags struct {
	judgeFlags
	verdicts string
	format   formatFlag
}

func newJudgeCommand(c console) *cobra.Command {
	var f judgeCommandFlags
	cmd := &cobra.Command{
		Use:   "judge RUN (--allow-code-execution | --verdicts FILE)",
		Short: "Find out which of a run's programs pass",
		Long: `judge gives HumanEval and JHumanEval of a run their numbers, without the model: the answers are programs, and what they are
worth is known when they have been run with the benchmark's tests behind them.

With --allow-code-execution it runs them: in bubblewrap (bwrap), without network, on a read-only file system of which only
Python's own files can be seen, as a process that can start no other, in 2 GiB and for 3 seconds each. Where that cannot be
had nothing is run. The sandbox protects the machine; a program that fakes its own verdict has it, as with the reference.

With --verdicts it runs nothing and reads FILE: the lines that export --as programs wrote, each with "passed" (true or false)
and, if you like, "result". The evaluator of openai/human-eval writes such a file of HumanEval's. A verdict that is missing, or
about another program, is an error.

RUN is a result directory, which is changed: verdicts enter the samples, where score --from finds them, and numbers the manifest.`,
		Example: `  swallow-eval judge results/7b --allow-code-execution
  swallow-eval export results/7b --as programs -o programs.jsonl
  swallow-eval judge results/7b --verdicts programs.jsonl_results.jsonl`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.judge(cmd.Context(), c, args[0]) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.verdicts, "verdicts", "", "file of verdicts on the programs that export --as programs wrote")
	f.format.register(cmd)
	return cmd
}

func (f *judgeCommandFlags) judge(ctx context.Context, c console, dir string) (err error) {
	if f.execute == (f.verdicts != "") {
		return errors.New("judge: choose one of --allow-code-execution and --verdicts FILE")
	}
	out, err := folder.Open(dir)
	if out != nil {
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	if err != nil {
		return err
	}
	held := out.Held()
	if held == nil {
		return fmt.Errorf("%s: no %s: not a result directory", dir, results.RunFile)
	}
	list, err := programsOf(c, dir, *held)
	if err != nil {
		return err
	}
	j, err := f.judgeOf(ctx, list)
	if err != nil {
		return err
	}
	next := *held
	next.Finished, next.Tool = time.Now().UTC().Truncate(time.Second), tool()
	next.Scores, err = judge.Scores(ctx, j, list, func(task string) (eval.SampleFile, error) { return out.Samples(task) })
	if err != nil {
		return err
	}
	profile := c.runProfiles().Of(next)
	var asked []string
	for _, s := range next.Scores {
		asked = append(asked, s.Task)
	}
	all := out.Join(next, asked, tasks.Names(profile.Tasks))
	_, err = keep(c, out, all, profile, f.format)
	return err
}

// keep writes a run's manifest and shows the run. It returns what the numbers were checked against once that is written.
func keep(c console, out *folder.Folder, all results.Run, profile tasks.Profile, format formatFlag) (*results.Verified, error) {
	verified := verify.Run(all, profile)
	all.Verified = &verified
	if err := out.Finish(all); err != nil {
		return nil, err
	}
	if format.json() {
		return &verified, writeJSON(c.out, all)
	}
	return &verified, tables.Write(c.out, all)
}

func (f *judgeCommandFlags) judgeOf(ctx context.Context, list []judge.Programs) (eval.Judge, error) {
	if f.verdicts == "" {
		var ts []tasks.Task
		for _, p := range list {
			ts = append(ts, p.Task)
		}
		return f.open(ctx, ts)
	}
	file, err := os.Open(f.verdicts)
	if err != nil {
		return nil, fmt.Errorf("--verdicts: %w", err)
	}
	v, err := judge.ReadVerdicts(f.verdicts, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("--verdicts: %w", err)
	}
	return v, v.Complete(ctx, list)
}

// programsOf reads the programs of a run's tasks, of which there must be some.
func programsOf(c console, dir string, run results.Run) ([]judge.Programs, error) {
	profile, err := c.runProfiles().Recorded(run)
	if err != nil {
		return nil, err
	}
	list, err := judge.ReadPrograms(dir, run, profile)
	if err == nil && list == nil {
		err = fmt.Errorf("%s: no task of the run has programs for answers (%s)", dir, strings.Join(judge.TaskNames(c.known()), ", "))
	}
	return list, err
}
