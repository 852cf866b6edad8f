package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/interop/runs"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	htmlreport "github.com/swallow-eval/swallow-eval/report"
	"github.com/swallow-eval/swallow-eval/report/tokens"
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
		Args:    takes(1, anyNumber),
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

// reportGarbage is how far the heap grows, in percent of what is in use, before it is collected. What is in use of two
// full runs is some 250 MB, most of it for as long as the page is being made.
const reportGarbage = 30

func (f *reportFlags) report(ctx context.Context, c console, paths []string) error {
	defer debug.SetGCPercent(debug.SetGCPercent(reportGarbage))
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
	read, trend, err := f.read(ctx, c, paths)
	if err != nil {
		return f.coded(err)
	}
	defer read.Close()
	shown, all := read.Documents, read.All
	o := htmlreport.Options{Metric: c.runProfiles().Metric(all...), Trend: trend, ChangedOnly: f.changed, Tool: tool().Name + " " + tool().Version}
	o.Whole = runs.Originals(shown, all)
	if f.trend && len(f.as) == 1 {
		f.as = append(f.as, f.as[0]) // one line of models, one row
	}
	if err := o.Publish(shown, c.runProfiles().Reference, f.as); err != nil {
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
	return f.coded(f.write(c, func(w io.Writer) error { return htmlreport.Write(w, shown, o) }))
}

// coded gives an error its exit code.
func (*reportFlags) coded(err error) error {
	if errors.Is(err, compare.ErrIncomparable) {
		return &codedError{exitIncomplete, err}
	}
	return err
}

// read reads the runs and, with --trend, what the page has of every one of the line, nil without.
func (f *reportFlags) read(ctx context.Context, c console, paths []string) (shown runs.Shown, trend *htmlreport.Trend, err error) {
	var sofar []runs.Side // each run finds its metrics as it is added
	find := func(task, metric string) (metrics.Metric, bool) {
		return c.runProfiles().Metric(sofar...)(task, metric)
	}
	shown, err = f.stored.runsLoader(ctx, c).Show(paths, f.trend, func(all []runs.Side, again bool) error {
		r := all[len(all)-1]
		if !again {
			warnOf(c, r.Warnings)
		}
		if !f.trend {
			return nil
		}
		if sofar = all; len(all) == 1 {
			if trend, err = htmlreport.NewTrend(len(paths), htmlreport.Options{Metric: find}); err != nil {
				return err
			}
		}
		if err := trend.Add(r.RunData); err != nil {
			return fmt.Errorf("%s: %w", paths[len(all)-1], err)
		}
		return nil
	})
	return shown, trend, err
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

// tokens opens the tokenizer of --model, which must be that of at least one run. It is nil where --model can have been
// given to score another program's outputs, which do not say what tokenizer they are of.
func (f *reportFlags) tokens(ctx context.Context, c console, all []runs.Side) (*tokens.Runs, error) {
	place, _, err := f.stored.local(ctx, c, local.Encoder)
	if err != nil {
		return nil, err
	}
	var windows []int
	for _, r := range all {
		windows = append(windows, r.Run.Model.Window)
	}
	t, err := tokens.New(windows, func(window int) (*wrapper.Encoder, error) { return embedded.OpenEncoderAt(place, window) })
	if err != nil {
		return nil, f.stored.flagged(err)
	}
	if slices.ContainsFunc(all, func(r runs.Side) bool { return r.Run.Model.TokenizerDigest == t.Digest() }) {
		return t, nil
	}
	if slices.ContainsFunc(all, func(r runs.Side) bool { return r.Metrics != nil }) {
		return nil, nil
	}
	return nil, fmt.Errorf("--model %s: its tokenizer (%s) is that of no run (%s has %s)", f.stored.model, t.Digest(), all[0].Name, all[0].Run.Model.TokenizerDigest)
}
