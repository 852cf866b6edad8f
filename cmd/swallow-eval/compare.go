package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare"
)

type compareFlags struct {
	reference, as string
	profile       string
	gate, strict  bool
	gateAverage   bool
	common        bool
	across        bool
	plan          bool
	discordance   []string
	margin        string
	tasks         []string
	seed          uint64
	exact, fdr    bool
	selfTest      bool
	samples       string
	metrics       []string
	// stored is what scoring other programs' outputs needs.
	stored scoreFlags
	outputFlags
}

const compareLong = `compare A B pairs the documents of two runs and tests every task: scores, difference, interval, documents
lost and won, p adjusted for the number of tasks, the loss that could have been found, and a verdict. Runs of the same
model in the same arithmetic must agree to the last answer; the same model in other arithmetic must be shown equivalent;
different models are tested for a loss beyond --margin. Runs of two profiles are refused unless --across-profiles asks for them. With --gate the exit code is 1 where harm is shown; with --strict
also where safety is not, and 4 where the comparison was too small to show it. What was not asked the same is refused
with the first differing field, exit code 3. --self-test proves on made-up runs that the gate can fail and can pass.

A run is a result directory, a baseline, or other programs' stored outputs, as score --from reads them: lm-eval 0.4's samples,
write-out files of the EN harness, result files of the JP harness and of llm-jp-eval. --data-dir pairs write-out files with
runs of ours. With one argument, compare shows a comparison that --format json stored. -o FORMAT=FILE writes the result to
files besides: -o junit=report.xml -o md=summary.md. docs/compare.md says how the table is read, docs/ci.md has recipes.

compare --reference sets a run beside published numbers: swallow-2023, the tables of the model cards; swallow-2024, the team's
table of that year; leaderboard-1.0, the Swallow LLM Leaderboard of 2025, which swallow-202411 stands for, too; leaderboard-2026, its
base models a year later. Numbers of different prompts are never mixed. Columns that count right answers are compared in answers:
0 apart is exact; near is within three standard deviations of what 2 % flipped documents make, at least two documents, more
is off. Means are exact up to 0.0005 and held to the same number of documents, of which a translation or a summary moves its
score by a fifth. A run's samples must give the scores that it records. What is known about a cell that
cannot be reached is printed under the table. The published row is the run's model where its directory or hub id tells,
or the one that --as names (swallow-eval list published shows them). With --gate the exit code is 1 where a cell is off.`

func newCompareCommand(c console) *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:     "compare A B [C ...] [--gate [--strict]] | compare --reference swallow-2023 RUN | compare --plan --margin 1pt",
		Short:   "Did the number move? Is it the paper's number?",
		Long:    compareLong,
		Example: "  swallow-eval compare results/before results/after --gate --margin 1pt\n  swallow-eval compare --reference swallow-2023 results/7b --as 7b",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.protocolOfOthers(c); err != nil {
				return err
			}
			switch {
			case f.selfTest:
				return f.testItself(c)
			case f.plan:
				return f.planned(c, args)
			case f.reference != "":
				if len(args) != 1 {
					return errors.New("--reference takes one run")
				}
				return f.withPublished(cmd.Context(), c, args[0])
			case len(args) == 1:
				return f.again(c, args[0])
			case len(args) < 2:
				return errors.New("name two result directories, or one with --reference swallow-2023")
			}
			return f.runs(cmd.Context(), c, args[0], args[1:])
		},
	}
	f.register(cmd)
	return cmd
}

func (f *compareFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.reference, "reference", "", "published numbers to compare one run with: a profile, or a table that list published shows")
	fl.StringVar(&f.profile, "profile", "", "profile of numbers and outputs whose file does not say it")
	fl.StringVar(&f.as, "as", "", "row of the published table, by alias or hub id")
	fl.BoolVar(&f.gate, "gate", false, "exit with 1 where harm is shown")
	fl.BoolVar(&f.strict, "strict", false, "with --gate: also where safety is not shown")
	fl.BoolVar(&f.gateAverage, "gate-average", false, "the averages are further hypotheses of the gate: a loss that every task has a little of fails it")
	fl.BoolVar(&f.common, "common", false, "compare the documents that both runs have, and count the others")
	fl.BoolVar(&f.across, "across-profiles", false, "compare runs of two profiles, whose prompts differ, under a warning")
	fl.BoolVar(&f.plan, "plan", false, "how many documents does --margin take? (with --discordance, and --tasks for their number)")
	fl.StringSliceVar(&f.discordance, "discordance", []string{"1%", "2%", "5%", "10%", "20%"}, "with --plan: shares of documents whose answer changes")
	fl.StringVar(&f.margin, "margin", "", "accepted loss in points of a hundred, such as 1pt")
	fl.StringSliceVarP(&f.tasks, "tasks", "t", nil, "tasks to compare, fixed in advance (default: all of either run)")
	fl.StringSliceVar(&f.metrics, "metric", nil, "compare by another metric than the published column's: NAME, or TASK=NAME (such as wmt20-en-ja=ter)")
	fl.Uint64Var(&f.seed, "seed", compare.DefaultSeed, "seed of the resampling")
	fl.BoolVar(&f.exact, "exact", false, "the conservative McNemar test in place of mid-p")
	fl.BoolVar(&f.fdr, "fdr", false, "adjust by Benjamini and Hochberg: for exploring, not for a gate")
	fl.BoolVar(&f.selfTest, "self-test", false, "test the gate itself")
	fl.StringVar(&f.samples, "samples", "10", "changed documents shown a task: a number, or all")
	f.outputFlags.register(cmd)
	f.stored.registerModel(cmd)
	f.stored.segmenterFlags.register(cmd)
	f.stored.registerData(cmd)
}

// protocolOfOthers takes --profile for outputs whose file names none. It may also be the name of a table alone.
func (f *compareFlags) protocolOfOthers(c console) error {
	if f.profile == "" {
		return nil
	}
	_, err := c.profile(f.profile)
	if err == nil {
		f.stored.profile = f.profile
	} else if _, none := c.runProfiles().Reference(f.profile); none == nil {
		return nil
	}
	return err
}

// withPublished compares one run with the published table.
func (f *compareFlags) withPublished(ctx context.Context, c console, path string) error {
	p, err := c.runProfiles().Reference(f.reference)
	if err != nil {
		return fmt.Errorf("--reference %w", err)
	}
	columns, err := f.stored.protocol(c)
	if err != nil {
		return err
	}
	run, warnings, err := f.stored.runsLoader(ctx, c).Numbers(path, columns.Tasks)
	if err != nil {
		return err
	}
	if run.Profile == "" {
		if f.profile == "" {
			return &codedError{exitIncomplete, fmt.Errorf("%s does not say under which profile its numbers are: --profile names it", path)}
		}
		run.Profile = f.profile
	} else if f.profile != "" && f.profile != run.Profile {
		return fmt.Errorf("--profile %s: the run says that its profile is %s", f.profile, run.Profile)
	}
	model, err := p.RowOf(run.Model.Name, f.as)
	if err != nil {
		return err
	}
	r, err := compare.WithPublished(run, p, model)
	if err != nil {
		return &codedError{exitIncomplete, err}
	}
	if err := f.show(c, r.Report()); err != nil {
		return err
	}
	warnOf(c, warnings)
	return exit(r.ExitCode(f.gate))
}
