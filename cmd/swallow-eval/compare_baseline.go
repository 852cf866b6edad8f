package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare/baseline"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/interop/runs"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

func newBaselineCommand(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline save RUN DIR | show DIR | check DIR",
		Short: "Keep an accepted run small enough for git, to compare later runs with",
		Long: `baseline save condenses a run into a directory that belongs into the repository: its manifest and, for every task, the
answers and statistics of each document, compressed. Prompts are kept as digests and targets not at all, so a comparison
with the baseline still refuses what was not asked alike, and still finds a single changed bit. compare takes the
directory like any run: swallow-eval compare eval/baseline out --gate.

baseline show prints what was accepted, baseline check reads every file again: digests, and that the statistics give the
scores that the manifest records.`,
		Example: "  swallow-eval baseline save out eval/baseline\n  swallow-eval baseline check eval/baseline",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	save := &cobra.Command{
		Use: "save RUN DIR", Short: "Condense a run into a directory", Args: takes(2, 2),
		RunE: func(_ *cobra.Command, args []string) error { return saveBaseline(c, args[0], args[1]) },
	}
	var shown, checked outputFlags
	show := &cobra.Command{
		Use: "show DIR", Short: "Print what was accepted", Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := baseline.Read(args[0])
			if err != nil {
				return err
			}
			return shown.show(c, baseline.Report(args[0], run))
		},
	}
	shown.register(show)
	check := &cobra.Command{
		Use: "check DIR", Short: "Read every file of a baseline again", Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := baseline.Read(args[0])
			if err != nil {
				return err
			}
			if err := checkBaseline(c, args[0]); err != nil {
				return err
			}
			return checked.show(c, baseline.Report(args[0], run))
		},
	}
	checked.register(check)
	cmd.AddCommand(save, show, check)
	return cmd
}

func saveBaseline(c console, from, dir string) error {
	saved, err := baseline.Save(from, dir)
	if err != nil {
		if incomplete := (*baseline.IncompleteError)(nil); errors.As(err, &incomplete) {
			err = &codedError{exitIncomplete, err}
		}
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s: %d tasks, %d documents, %s: commit it as the accepted run\n", textsafe.Terminal(dir), saved.Tasks, saved.Documents, terminal.KiB(saved.Bytes))
	return err
}

// checkBaseline says with an exit code of its own that the baseline contradicts itself.
func checkBaseline(c console, dir string) error {
	err := baseline.Check(dir, func(run results.Run) func(task, metric string) (metrics.Metric, bool) {
		return runs.ColumnMetric(c.runProfiles().Of(run))
	})
	if wrong := (*baseline.ContradictionError)(nil); errors.As(err, &wrong) {
		return &codedError{exitGate, err}
	}
	return err
}
