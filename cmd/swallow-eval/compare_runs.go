package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/sheet"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// runs compares result directories with the first.
func (f *compareFlags) runs(ctx context.Context, c console, a string, others []string) error {
	return f.load(ctx, c, a, others, true)
}

func (f *compareFlags) inFull(ctx context.Context, c console, a string, others []string) error {
	return f.load(ctx, c, a, others, false)
}

func (f *compareFlags) load(ctx context.Context, c console, a string, others []string, condensed bool) error {
	o, shown, err := f.options()
	if err != nil {
		return err
	}
	l := sides{scoreFlags: f.stored, c: c, condensed: condensed}
	for _, path := range append([]string{a}, others...) { // another program's file has requests of its own form
		ours, err := isOurs(path)
		if err != nil {
			return err
		}
		l.condensed = l.condensed && ours
	}
	first, err := l.load(ctx, a)
	if err != nil {
		return err
	}
	all := []side{first}
	var pairings []compare.Pairing
	var refused []error
	for _, path := range others {
		other, err := l.load(ctx, path)
		if err != nil {
			return err
		}
		all = append(all, other)
		left := first.RunData
		if err := f.byMetrics(&left, &other.RunData); err != nil {
			return err
		}
		pairing, err := f.pair(left, other.RunData, c.importedMetric(first, other))
		if err != nil && !errors.Is(err, compare.ErrIncomparable) {
			return err
		}
		if m := pairing.First(); l.condensed && m != nil && strings.HasPrefix(m.Field, compare.RequestsField) {
			return f.inFull(ctx, c, a, others) // which says in what they differ
		}
		pairings, refused = append(pairings, pairing), append(refused, err)
	}
	for _, s := range all {
		s.warn(c)
	}
	o.Metric, o.Tasks = c.importedMetric(all...), joinTasks(o.Tasks, all)
	s, err := compare.CompareEach(pairings, refused, o)
	if err != nil {
		return err
	}
	return f.conclude(c, s, shown)
}

// joinTasks puts together what a comma of a task's own name has split: "gsm8k,strict-match" is one task where a run has it.
func joinTasks(pieces []string, all []side) []string {
	if len(pieces) == 0 {
		return pieces
	}
	known := map[string]bool{}
	for _, s := range all {
		for _, score := range s.Run.Scores {
			known[score.Task] = true
		}
	}
	var out []string
	for len(pieces) > 0 {
		n := len(pieces)
		for n > 1 && !known[strings.Join(pieces[:n], ",")] {
			n--
		}
		out, pieces = append(out, strings.Join(pieces[:n], ",")), pieces[n:]
	}
	return out
}

// pair puts documents side by side. Of --common every score must first be that of its own samples: of some of the
// documents it will be another.
func (f *compareFlags) pair(a, b compare.RunData, find func(task, metric string) (metrics.Metric, bool)) (compare.Pairing, error) {
	if f.common {
		a, _ = a.Vouched(find)
		b, _ = b.Vouched(find)
	}
	switch {
	case f.across:
		return compare.PairAcross(a, b, f.common)
	case f.common:
		return compare.PairCommon(a, b)
	}
	return compare.Pair(a, b)
}

// byMetrics puts the metrics of --metric in front: NAME in every task that has it on both sides, TASK=NAME in one.
func (f *compareFlags) byMetrics(a, b *compare.RunData) error {
	for _, given := range f.metrics {
		task, metric, one := strings.Cut(given, "=")
		if !one {
			task, metric = "", given
		}
		found := false
		for _, s := range a.Run.Scores {
			if task != "" && task != s.Task {
				continue
			}
			x, inA := a.By(s.Task, metric)
			y, inB := b.By(s.Task, metric)
			if inA && inB {
				*a, *b, found = x, y, true
			}
		}
		if !found {
			return fmt.Errorf("--metric %s: no task of both runs has it", given)
		}
	}
	return nil
}

// conclude shows comparisons and judges them. That of two runs is shown as itself.
func (f *compareFlags) conclude(c console, s compare.Several, shown int) error {
	shownSheet := s.Sheet
	warnings := s.Warnings()
	judge := s.ExitCode
	if len(s.Comparisons) == 1 {
		only := s.Comparisons[0]
		shownSheet, warnings, judge = only.Sheet, only.Warnings(), only.ExitCode
	}
	if err := f.show(c, shownSheet(shown)); err != nil {
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
	p, err := compare.NewPlan(margin, compare.Defaults(nil).Alpha, max(1, len(f.tasks)), shares)
	if err != nil {
		return fmt.Errorf("--plan: %w", err)
	}
	return f.show(c, p.Sheet())
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
	if f.is(sheet.JSON) {
		return writeJSON(c.out, r)
	}
	_, err = fmt.Fprintf(c.out, "the gate can be trusted: a run beside itself passes; %d of %d comparisons without a true difference raised an alarm (at most %d may); losses of %v answers fail, %v pass; a small loss of every task fails through its average (false alarms %d of %d); in other arithmetic flips beyond the tolerated rate fail and none passes (false alarms %d of %d)\n",
		r.FalseAlarms, r.Fakes, r.Bound, r.Caught, r.Passed, r.Average.FalseAlarms, r.Average.Fakes, r.Equivalence.FalseAlarms, r.Equivalence.Fakes)
	return err
}
