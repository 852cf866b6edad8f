package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/sheet"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// runs compares two result directories.
func (f *compareFlags) runs(ctx context.Context, c console, a, b string) error {
	o, shown, err := f.options()
	if err != nil {
		return err
	}
	l := sides{scoreFlags: f.stored, c: c}
	left, err := l.load(ctx, a)
	if err != nil {
		return err
	}
	right, err := l.load(ctx, b)
	if err != nil {
		return err
	}
	left.warn(c)
	right.warn(c)
	o.Metric = importedMetric(left, right)
	if err := f.byMetrics(&left.RunData, &right.RunData); err != nil {
		return err
	}
	pairing, err := compare.Pair(left.RunData, right.RunData)
	if errors.Is(err, compare.ErrIncomparable) {
		return f.conclude(c, compare.Refuse(pairing, o, err), shown)
	}
	if err != nil {
		return err
	}
	r, err := compare.Compare(pairing, o)
	if err != nil {
		return err
	}
	return f.conclude(c, r, shown)
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

// conclude shows a comparison and judges it.
func (f *compareFlags) conclude(c console, r compare.Comparison, shown int) error {
	if err := f.show(c, r.Sheet(shown)); err != nil {
		return err
	}
	for _, w := range r.Warnings() {
		fmt.Fprintln(c.err, "swallow-eval: warning: "+oneLine(errors.New(w)))
	}
	if code, cause := r.ExitCode(f.gate, f.strict); code != exitOK {
		return &codedError{code, errors.New(cause)}
	}
	return nil
}

// again shows a stored comparison: the numbers are those it holds, so flags that would change them are refused.
func (f *compareFlags) again(c console, path string) error {
	_, shown, err := f.options()
	if err != nil {
		return err
	}
	if f.margin != "" || f.tasks != nil || f.metrics != nil || f.exact || f.fdr || f.gateAverage {
		return errors.New("a stored comparison is shown as it is: --margin, --tasks, --metric, --exact, --fdr and --gate-average belong to the comparison of two runs")
	}
	r, err := compare.ReadComparison(path)
	if err != nil {
		return fmt.Errorf("one argument is a comparison stored as JSON, two are runs: %w", err)
	}
	return f.conclude(c, r, shown)
}

// options reads the flags; the second result is how many changed documents a task shows, -1 for all.
func (f *compareFlags) options() (compare.Options, int, error) {
	o := compare.Defaults(columnMetric)
	o.Tasks, o.Seed, o.Exact, o.FDR, o.GateAverage = f.tasks, f.seed, f.exact, f.fdr, f.gateAverage
	if f.strict && !f.gate {
		return o, 0, errors.New("--strict goes with --gate")
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

// columnMetric finds a task's metric. Only the scores of stored statistics are asked of it, so what pieces or words a
// metric counts in does not matter here.
func columnMetric(task, metric string) (metrics.Metric, bool) {
	t, ok := profileTask(task)
	if !ok {
		return metrics.Metric{}, false
	}
	for _, m := range t.Spec().Metrics {
		if m.Name == metric {
			return m, true
		}
	}
	return metrics.Metric{}, false
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
	_, err = fmt.Fprintf(c.out, "the gate can be trusted: a run beside itself passes; %d of %d comparisons without a true difference raised an alarm (at most %d may); losses of %v answers fail, %v pass\n",
		r.FalseAlarms, r.Fakes, r.Bound, r.Caught, r.Passed)
	return err
}
