package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/judge"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/tables"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/humaneval"
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
	if !f.execute || !slices.ContainsFunc(chosen, func(t tasks.Task) bool { _, ok := tasks.AsJudged(t); return ok }) {
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
	out, err := results.OpenFolder(dir)
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
	next.Scores, next.Finished = nil, time.Now().UTC().Truncate(time.Second)
	next.Tool = tool()
	for _, p := range list {
		stream, err := out.Samples(p.had.Task)
		if err != nil {
			return err
		}
		score, err := p.stored.Judged(ctx, j, p.had, stream)
		if err != nil {
			return fmt.Errorf("%s: %w", p.had.Task, err)
		}
		next.Scores = append(next.Scores, score)
	}
	return f.finish(c, out, next)
}

// finish writes the manifest and shows it.
func (f *judgeCommandFlags) finish(c console, out *results.Folder, next results.Run) error {
	profile := c.runProfiles().Of(next)
	var asked []string
	for _, s := range next.Scores {
		asked = append(asked, s.Task)
	}
	all := out.Join(next, asked, namesOf(profile.Tasks))
	recorded := recordedPrompts(profile)
	if next.InventedData != "" {
		recorded = noReference
	}
	verified := results.Verify(all, recorded)
	all.Verified = &verified
	if err := out.Finish(all); err != nil {
		return err
	}
	if f.format.json() {
		return writeJSON(c.out, all)
	}
	return tables.Write(c.out, all)
}

func (f *judgeCommandFlags) judgeOf(ctx context.Context, list []taskPrograms) (eval.Judge, error) {
	if f.verdicts == "" {
		var ts []tasks.Task
		for _, p := range list {
			ts = append(ts, p.task)
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
	return v, f.complete(ctx, v, list)
}

// complete is an error where a program has no verdict: before any task of the run is changed.
func (f *judgeCommandFlags) complete(ctx context.Context, v *judge.Verdicts, list []taskPrograms) error {
	for _, p := range list {
		err := p.stored.Programs(func(program eval.Program, _ string) error {
			_, err := v.Judge(ctx, []eval.Program{program})
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.had.Task, err)
		}
	}
	return nil
}

// taskPrograms are the programs of one task of a run.
type taskPrograms struct {
	task   tasks.Task
	had    results.Score
	stored *eval.Stored
}

// programsOf reads the programs of a run's tasks.
func programsOf(c console, dir string, run results.Run) (list []taskPrograms, err error) {
	profile, err := c.runProfiles().Recorded(run)
	if err != nil {
		return nil, err
	}
	for _, s := range run.Scores {
		t, ok := profile.Task(s.Task)
		if !ok {
			continue
		}
		if _, ok := tasks.AsJudged(t); !ok {
			continue
		}
		if s.SamplesFile == "" || s.SamplesFile != filepath.Base(s.SamplesFile) {
			return nil, fmt.Errorf("%s: %s has no samples file: nothing is there to judge", dir, s.Task)
		}
		name := filepath.Join(dir, s.SamplesFile)
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		stored, err := eval.ReadStored(name, file, t)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		list = append(list, taskPrograms{t, s, stored})
	}
	if list == nil {
		return nil, fmt.Errorf("%s: no task of the run has programs for answers (%s)", dir, strings.Join(programTasks(c), ", "))
	}
	return list, nil
}

// programTasks names the tasks whose answers are programs.
func programTasks(c console) (names []string) {
	for _, p := range c.known() {
		for _, t := range p.Tasks {
			if _, ok := tasks.AsJudged(t); ok && !slices.Contains(names, t.Spec().Name) {
				names = append(names, t.Spec().Name)
			}
		}
	}
	return names
}

// programLines are a run's programs as lines to export.
func programLines(c console, path string, run results.Run) ([]judge.Line, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		path = filepath.Dir(path)
	}
	list, err := programsOf(c, path, run)
	if err != nil {
		return nil, err
	}
	var lines []judge.Line
	for _, p := range list {
		err := p.stored.Programs(func(program eval.Program, answer string) error {
			lines = append(lines, judge.NewLine(humaneval.ProblemID(program.Doc), answer, program))
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.had.SamplesFile, err)
		}
	}
	return lines, nil
}
