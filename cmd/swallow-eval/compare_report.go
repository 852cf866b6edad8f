package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/metrics"
	htmlreport "github.com/swallow-eval/swallow-eval/report"
	"github.com/swallow-eval/swallow-eval/results"
)

type reportFlags struct {
	// stored is what scoring other programs' outputs needs; its model's tokenizer also shows prompts as tokens.
	stored scoreFlags
	output string
	as     []string
	trend  bool
	// changed leaves out documents that did not change.
	changed bool
}

func newReportCommand(c console) *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report RUN... -o report.html",
		Short: "Write runs as one self-contained HTML page",
		Long: `report writes one page of up to six result directories: the two tables with intervals, the published models beside them,
each task's evidence, and every document with its prompt, answers and statistics. Further runs are compared with the
first, as compare does. The page opens from a file, asks the network for nothing, and is the same byte for byte for the
same runs. With --model, whose tokenizer must be that of at least one run, prompts show their tokens and where the
window cut them; only the tokenizer and the configuration are read.

With --trend any number of runs of one model line, such as its checkpoints, are shown in the order given: every task's
score with its interval, and the steps that chance does not explain. The documents are then those of the first run and the last.

RUN may also be stored outputs of another program, as compare reads them: they are scored by us. A run's published row is
found by its model's directory or hub id, or named with --as, once a run in their order.`,
		Example: "  swallow-eval report results/7b -o 7b.html\n  swallow-eval report results/before results/after -o moved.html --model ./Swallow-7b-hf --as 7b,7b\n  swallow-eval report results/iter_* --trend -o line.html",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.report(cmd.Context(), c, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.output, "output-path", "o", "", "the page's file, - for standard output")
	fl.BoolVar(&f.changed, "changed-only", false, "leave out documents whose answers do not differ: a page to send")
	fl.BoolVar(&f.trend, "trend", false, "show many runs of one model line in their order; documents are those of the first and the last")
	fl.StringSliceVar(&f.as, "as", nil, "rows of the published table, by alias or hub id, one a run")
	f.stored.registerProfile(fl, c)
	f.stored.registerModel(cmd)
	f.stored.segmenterFlags.register(cmd)
	f.stored.registerData(cmd)
	return cmd
}

func (f *reportFlags) report(ctx context.Context, c console, paths []string) error {
	switch {
	case f.output == "":
		return errors.New("name the page's file with -o")
	case f.changed && len(paths) < 2:
		return errors.New("--changed-only takes at least two runs")
	case f.trend && len(paths) < 2:
		return errors.New("--trend takes at least two runs")
	case len(paths) > htmlreport.MaxRuns && !f.trend:
		return fmt.Errorf("%d runs: a report shows at most %d; --trend shows any number of one model line", len(paths), htmlreport.MaxRuns)
	case len(f.as) > len(paths):
		return fmt.Errorf("--as names %d rows for %d runs", len(f.as), len(paths))
	}
	runs, all, trend, err := f.load(ctx, c, paths, true)
	if err == nil && requestsDiffer(runs) {
		closeOriginals(all)
		runs, all, trend, err = f.load(ctx, c, paths, false) // which says in what they differ
	}
	defer closeOriginals(all)
	if err != nil {
		return f.coded(err)
	}
	o := htmlreport.Options{Metric: c.importedMetric(all...), Trend: trend, ChangedOnly: f.changed, Tool: tool().Name + " " + tool().Version}
	o.Whole = originalsOf(runs, all)
	if f.trend && len(f.as) == 1 {
		f.as = append(f.as, f.as[0]) // one line of models, one row
	}
	if err := f.publish(c, &o, runs); err != nil {
		return err
	}
	if f.stored.model != "" {
		tokens, err := f.tokens(ctx, c, all)
		if err != nil {
			return err
		}
		if tokens != nil {
			o.Tokens = tokens
		}
	}
	return f.coded(f.write(c, func(w io.Writer) error { return htmlreport.Write(w, runs, o) }))
}

// coded gives an error its exit code.
func (*reportFlags) coded(err error) error {
	if errors.Is(err, compare.ErrIncomparable) {
		return &codedError{exitIncomplete, err}
	}
	return err
}

// originalsOf reads samples of the runs whole: all of them or, of a trend, the first and the last.
func originalsOf(runs []compare.RunData, all []side) func(k int, s results.Sample) (results.Sample, error) {
	shown := all
	if len(runs) < len(all) {
		shown = []side{all[0], all[len(all)-1]}
	}
	return func(k int, s results.Sample) (results.Sample, error) {
		if o := shown[k].originals; o != nil {
			return o.Whole(s)
		}
		return s, nil
	}
}

// closeOriginals closes files that were read alone.
func closeOriginals(all []side) {
	for _, s := range all {
		if s.originals != nil {
			_ = s.originals.Close()
		}
	}
}

// requestsDiffer says whether digests alone tell that runs asked different things.
func requestsDiffer(runs []compare.RunData) bool {
	for _, other := range runs[min(1, len(runs)):] {
		pairing, _ := compare.Pair(runs[0], other) // what else prevents a comparison is said where it is made
		if slices.ContainsFunc(pairing.Tasks, func(t compare.TaskPair) bool {
			return t.Mismatch != nil && strings.HasPrefix(t.Mismatch.Field, compare.RequestsField)
		}) {
			return true
		}
	}
	return false
}

// load reads the runs whose documents the page has: all or, of a trend, the first and the last. Condensed ones have a digest
// in place of their requests.
func (f *reportFlags) load(ctx context.Context, c console, paths []string, condensed bool) (runs []compare.RunData, all []side, trend *htmlreport.Trend, err error) {
	l := sides{scoreFlags: f.stored, c: c, originals: condensed}
	if f.trend {
		// Runs come one by one, so each finds its metrics as it is added.
		find := func(task, metric string) (metrics.Metric, bool) { return c.importedMetric(all...)(task, metric) }
		if trend, err = htmlreport.NewTrend(len(paths), htmlreport.Options{Metric: find}); err != nil {
			return nil, nil, nil, err
		}
	}
	for i, p := range paths {
		r, err := l.load(ctx, p)
		if err != nil {
			return nil, nil, nil, err
		}
		if condensed {
			r.warn(c) // once, however often it is read
		}
		ends := i == 0 || i == len(paths)-1
		if ends || !f.trend {
			runs = append(runs, r.RunData)
		}
		all = append(all, r)
		if f.trend {
			if err := trend.Add(r.RunData); err != nil {
				return nil, nil, nil, fmt.Errorf("%s: %w", p, err)
			}
			if !ends {
				all[i].Samples = nil // the trend keeps what it needs
			}
		}
	}
	return runs, all, trend, nil
}

// write puts the page where -o says.
func (f *reportFlags) write(c console, page func(io.Writer) error) error {
	if f.output == "-" {
		return page(c.out)
	}
	if err := atomicfile.Write(f.output, page); err != nil {
		return fmt.Errorf("%s: %w", filepath.Clean(f.output), err)
	}
	return nil
}

// publish finds the published numbers of the runs' profile and each run's row, which a run need not have. Nothing is
// published of questions that were invented.
func (f *reportFlags) publish(c console, o *htmlreport.Options, runs []compare.RunData) error {
	for _, r := range runs {
		switch {
		case r.Run.InventedData == "":
		case len(f.as) > 0:
			return fmt.Errorf("--as: the questions of %s were invented (data set %s), those of the published table are the benchmarks'", r.Name, r.Run.InventedData)
		default:
			return nil
		}
	}
	profile := htmlreport.ProfileOf(runs)
	p, err := c.referenceNamed(profile)
	if err != nil || profile != "" && !p.Serves(profile) { // as compare --reference has it
		if len(f.as) > 0 {
			return fmt.Errorf("--as: no published numbers of profile %q are known", profile)
		}
		return nil
	}
	o.Published, o.Rows = &p, make([]*results.PublishedModel, len(runs))
	for i, r := range runs {
		if r.Run.Profile == "" && len(f.as) <= i {
			continue // it does not say that its numbers belong beside these
		}
		as := ""
		if i < len(f.as) {
			as = strings.TrimSpace(f.as[i])
		}
		m, err := publishedModel(p, r.Run, as)
		switch {
		case err == nil:
			o.Rows[i] = &m
		case as != "":
			return err
		}
	}
	return nil
}
