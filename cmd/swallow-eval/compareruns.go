package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// runs compares two result directories.
func (f *compareFlags) runs(c console, a, b string) error {
	o, shown, err := f.options()
	if err != nil {
		return err
	}
	left, err := compare.Load(a)
	if err != nil {
		return err
	}
	right, err := compare.Load(b)
	if err != nil {
		return err
	}
	pairing, err := compare.Pair(left, right)
	if errors.Is(err, compare.ErrIncomparable) {
		return &codedError{exitIncomplete, err}
	}
	if err != nil {
		return err
	}
	r, err := compare.Compare(pairing, o)
	if err != nil {
		return err
	}
	if f.format.json() {
		err = writeJSON(c.out, r)
	} else {
		err = printComparison(c, r, shown)
	}
	if err != nil {
		return err
	}
	if code, cause := r.ExitCode(f.gate, f.strict); code != exitOK {
		return &codedError{code, errors.New(cause)}
	}
	return nil
}

// options reads the flags; the second result is how many changed documents a task shows, -1 for all.
func (f *compareFlags) options() (compare.Options, int, error) {
	o := compare.Defaults(columnMetric)
	o.Tasks, o.Seed, o.Exact, o.FDR = f.tasks, f.seed, f.exact, f.fdr
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
	none := func(string) []string { return nil }
	p := suite.Swallow2023(suite.Options{Pieces: none, Segment: func(s string) string { return s }, Segmenter: "stored"})
	for _, t := range p.Tasks {
		if s := t.Spec(); s.Name == task {
			for _, m := range s.Metrics {
				if m.Name == metric {
					return m, true
				}
			}
		}
	}
	return metrics.Metric{}, false
}

func printComparison(c console, r compare.Comparison, shown int) error {
	if _, err := fmt.Fprintf(c.out, "A %s\nB %s\nprofile %s, %s, family-wise alpha %v (%s), seed %d\n",
		textsafe.Terminal(r.A.Name), textsafe.Terminal(r.B.Name), r.Profile, r.Tier, r.Alpha, r.Adjustment, r.Seed); err != nil {
		return err
	}
	rows := [][]string{}
	for _, t := range r.Tasks {
		rows = append(rows, comparisonRow(t))
	}
	head := []string{"task", "n", "A", "B", "B - A", "interval", "lost", "won", "p adj.", "detectable", "verdict"}
	if err := writeRows(c.out, head, rows); err != nil {
		return err
	}
	for _, a := range r.Averages {
		if _, err := fmt.Fprintf(c.out, "average %s: %.4f -> %.4f, %+.4f ± %.4f (reported, never gated)\n", a.Name, a.A, a.B, a.Difference, a.StdErr); err != nil {
			return err
		}
	}
	for _, t := range r.Tasks {
		if err := printTaskNotes(c, t, shown); err != nil {
			return err
		}
	}
	return nil
}

func comparisonRow(t compare.TaskComparison) []string {
	if t.Verdict == compare.Incomparable {
		return []string{t.Title, "", "", "", "", "", "", "", "", "", string(t.Verdict)}
	}
	return []string{
		t.Title, strconv.Itoa(t.N), decimal(t.A), decimal(t.B), fmt.Sprintf("%+.4f", t.Difference),
		fmt.Sprintf("%+.4f … %+.4f", t.Interval.Low, t.Interval.High), strconv.Itoa(t.Lost), strconv.Itoa(t.Won),
		strconv.FormatFloat(t.PAdjusted, 'g', 3, 64), fmt.Sprintf("%.1fpt", 100*t.DetectableDrop), string(t.Verdict),
	}
}

// printTaskNotes prints why a task cannot be compared, its warnings and its changed documents.
func printTaskNotes(c console, t compare.TaskComparison, shown int) error {
	if t.Mismatch != nil {
		if _, err := fmt.Fprintf(c.out, "* %s: %s\n", t.Title, oneLine(t.Mismatch)); err != nil {
			return err
		}
	}
	for _, w := range t.Warnings {
		if _, err := fmt.Fprintf(c.out, "* %s: %s\n", t.Title, textsafe.Terminal(w)); err != nil {
			return err
		}
	}
	for i, ch := range t.Changes {
		if i == shown {
			_, err := fmt.Fprintf(c.out, "  %s: %d more changed documents (--samples all)\n", t.Title, len(t.Changes)-shown)
			return err
		}
		if _, err := fmt.Fprintf(c.out, "  %s %s, document %s: %s -> %s, target %s\n", t.Title, ch.Outcome, textsafe.Terminal(string(ch.DocID)),
			textsafe.Terminal(strconv.Quote(ch.OutputA)), textsafe.Terminal(strconv.Quote(ch.OutputB)), textsafe.Terminal(quoteAll(ch.Targets))); err != nil {
			return err
		}
	}
	return nil
}

// testItself runs the gate on made-up runs.
func (f *compareFlags) testItself(c console) error {
	r, err := compare.SelfTest(f.seed)
	if err != nil {
		return &codedError{exitGate, err}
	}
	if f.format.json() {
		return writeJSON(c.out, r)
	}
	_, err = fmt.Fprintf(c.out, "the gate can be trusted: a run beside itself passes; %d of %d comparisons without a true difference raised an alarm (at most %d may); losses of %v answers fail, %v pass\n",
		r.FalseAlarms, r.Fakes, r.Bound, r.Caught, r.Passed)
	return err
}
