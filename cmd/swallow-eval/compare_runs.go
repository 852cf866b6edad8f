package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/interop/runs"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// runs compares result directories with the first.
func (f *compareFlags) runs(ctx context.Context, c console, a string, others []string) error {
	o, shown, err := f.options()
	if err != nil {
		return err
	}
	p, err := f.stored.runsLoader(ctx, c).Beside(a, others, runs.How{Common: f.common, Across: f.across, Metrics: f.metrics})
	if err != nil {
		return err
	}
	for _, s := range p.All {
		warnOf(c, s.Warnings)
	}
	o.Metric, o.Tasks = c.runProfiles().Metric(p.All...), runs.JoinTasks(o.Tasks, p.All)
	s, err := compare.CompareEach(p.Pairings, p.Refused, o)
	if err != nil {
		return err
	}
	return f.conclude(c, s, shown)
}

// conclude shows comparisons and judges them. That of two runs is shown as itself.
func (f *compareFlags) conclude(c console, s compare.Several, shown int) error {
	report := s.Report
	warnings := s.Warnings()
	judge := s.ExitCode
	if len(s.Comparisons) == 1 {
		only := s.Comparisons[0]
		report, warnings, judge = only.Report, only.Warnings(), only.ExitCode
	}
	if err := f.show(c, report(shown)); err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintln(c.err, "swallow-eval: warning: "+terminal.OneLine(errors.New(w)))
	}
	return exit(judge(f.gate, f.strict))
}

// planned prints how many documents a margin takes.
func (f *compareFlags) planned(c console, args []string) error {
	if len(args) > 0 {
		return errors.New("--plan compares no runs")
	}
	if f.margin == "" {
		return errors.New("--plan: --margin names the loss, such as 1pt")
	}
	margin, err := compare.ParseMargin(f.margin)
	if err != nil {
		return fmt.Errorf("--margin: %w", err)
	}
	shares, err := compare.ParseShares(f.discordance)
	if err != nil {
		return fmt.Errorf("--discordance %w", err)
	}
	profile, err := c.profile(cmp.Or(f.profile, c.known()[0].Name))
	if err != nil {
		return err
	}
	tests, err := suite.CountTests(profile, f.tasks)
	if err != nil {
		return fmt.Errorf("--plan: %w", err)
	}
	p, err := compare.NewPlan(margin, compare.Defaults(nil).Alpha, tests, shares)
	if err != nil {
		return fmt.Errorf("--plan: %w", err)
	}
	return f.show(c, p.Report())
}

// again shows a stored comparison: the numbers are those it holds, so flags that would change them are refused.
func (f *compareFlags) again(c console, path string) error {
	_, shown, err := f.options()
	if err != nil {
		return err
	}
	if f.margin != "" || f.tasks != nil || f.metrics != nil || f.exact || f.fdr || f.gateAverage || f.across {
		return errors.New("a stored comparison is shown as it is: --margin, --tasks, --metric, --exact, --fdr, --gate-average and --across-profiles belong to the comparison of two runs")
	}
	r, err := compare.ReadSeveral(path)
	if err != nil {
		return fmt.Errorf("one argument is a comparison stored as JSON, two are runs: %w", err)
	}
	return f.conclude(c, r, shown)
}

// options reads the flags; the second result is how many changed documents a task shows, -1 for all.
func (f *compareFlags) options() (compare.Options, int, error) {
	o := compare.Defaults(nil)
	o.Tasks, o.Seed, o.Exact, o.FDR, o.GateAverage = f.tasks, f.seed, f.exact, f.fdr, f.gateAverage
	if f.strict && !f.gate {
		return o, 0, errors.New("--strict goes with --gate")
	}
	if f.across && f.gate {
		return o, 0, errors.New("--across-profiles is for looking: a gate needs two runs of one profile")
	}
	if f.fdr && f.gate {
		return o, 0, errors.New("--fdr is for exploring: a gate needs the family-wise error rate")
	}
	if f.margin != "" {
		m, err := compare.ParseMargin(f.margin)
		if err != nil {
			return o, 0, fmt.Errorf("--margin: %w", err)
		}
		o.Margin = &m
	}
	if f.samples == "all" {
		return o, -1, nil
	}
	n, err := strconv.Atoi(f.samples)
	if err != nil || n < 0 {
		return o, 0, fmt.Errorf("--samples %q is neither a number nor all", f.samples)
	}
	return o, n, nil
}

// testItself runs the gate on made-up runs.
func (f *compareFlags) testItself(c console) error {
	r, err := compare.SelfTest(f.seed)
	if err != nil {
		return &codedError{exitGate, err}
	}
	if f.is(cireport.JSON) {
		return writeJSON(c.out, r)
	}
	_, err = fmt.Fprintln(c.out, r)
	return err
}
