package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

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
	canCondense := true
	for _, path := range append([]string{a}, others...) { // another program's file has requests of its own form
		ours, err := runs.IsOurs(path)
		if err != nil {
			return err
		}
		canCondense = canCondense && ours
	}
	var p paired
	if err := runs.CondensedFirst(func(condensed bool) (differ bool, err error) {
		p, differ, err = f.load(ctx, c, a, others, condensed && canCondense)
		return differ, err
	}); err != nil {
		return err
	}
	for _, s := range p.all {
		warnOf(c, s.Warnings)
	}
	o.Metric, o.Tasks = c.runProfiles().Metric(p.all...), runs.JoinTasks(o.Tasks, p.all)
	s, err := compare.CompareEach(p.pairings, p.refused, o)
	if err != nil {
		return err
	}
	return f.conclude(c, s, shown)
}

// paired is runs beside the first of them.
type paired struct {
	all      []runs.Side
	pairings []compare.Pairing
	refused  []error
}

// load reads runs and puts them beside the first. differ tells that condensed ones must be read whole, which says in what requests differ.
func (f *compareFlags) load(ctx context.Context, c console, a string, others []string, condensed bool) (p paired, differ bool, err error) {
	l := f.stored.runsLoader(ctx, c)
	l.Condensed = condensed
	first, err := l.Load(a)
	if err != nil {
		return p, false, err
	}
	p.all = []runs.Side{first}
	for _, path := range others {
		other, err := l.Load(path)
		if err != nil {
			return p, false, err
		}
		p.all = append(p.all, other)
		left := first.RunData
		if err := runs.ByMetrics(&left, &other.RunData, f.metrics); err != nil {
			return p, false, err
		}
		pairing, err := runs.Pair(left, other.RunData, f.common, f.across, c.runProfiles().Metric(first, other))
		if err != nil && !errors.Is(err, compare.ErrIncomparable) {
			return p, false, err
		}
		if condensed && runs.RequestsDiffer(pairing) {
			return p, true, nil
		}
		p.pairings, p.refused = append(p.pairings, pairing), append(p.refused, err)
	}
	return p, false, nil
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
	if code, cause := judge(f.gate, f.strict); code != exitOK {
		return &codedError{code, errors.New(cause)}
	}
	return nil
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
	var shares []float64
	for _, d := range f.discordance {
		v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(d, "%")), 64)
		if err != nil || !strings.HasSuffix(d, "%") {
			return fmt.Errorf("--discordance %q is not a share such as 5%%", d)
		}
		shares = append(shares, v/100)
	}
	tests, err := f.planTests(c)
	if err != nil {
		return err
	}
	p, err := compare.NewPlan(margin, compare.Defaults(nil).Alpha, tests, shares)
	if err != nil {
		return fmt.Errorf("--plan: %w", err)
	}
	return f.show(c, p.Report())
}

// planTests is how many tests --tasks stands for: as many as the tasks that its names, groups and patterns choose of the
// profile, or the number itself; one where nothing is named.
func (f *compareFlags) planTests(c console) (int, error) {
	profile, err := c.profile(cmp.Or(f.profile, c.known()[0].Name))
	if err != nil {
		return 0, err
	}
	tests := 0
	var ours []string
	for _, name := range f.tasks {
		if n, err := strconv.Atoi(name); err == nil {
			if n < 1 {
				return 0, fmt.Errorf("--plan: --tasks %s: a plan is of one test or more", name)
			}
			tests += n
		} else if _, err := suite.Select(profile, []string{name}); err != nil {
			return 0, fmt.Errorf("--plan: %w (a number stands for so many tasks of other programs)", err)
		} else {
			ours = append(ours, name)
		}
	}
	if len(ours) > 0 {
		chosen, err := suite.Select(profile, ours)
		if err != nil {
			return 0, err
		}
		tests += len(chosen)
	}
	return max(1, tests), nil
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
	_, err = fmt.Fprintf(c.out, "the gate can be trusted: a run beside itself passes; %d of %d comparisons without a true difference raised an alarm (at most %d may); losses of %v answers fail, %v pass; a small loss of every task fails through its average (false alarms %d of %d); in other arithmetic flips beyond the tolerated rate fail and none passes (false alarms %d of %d)\n",
		r.FalseAlarms, r.Fakes, r.Bound, r.Caught, r.Passed, r.Average.FalseAlarms, r.Average.Fakes, r.Equivalence.FalseAlarms, r.Equivalence.Fakes)
	return err
}
