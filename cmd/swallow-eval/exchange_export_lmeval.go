package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/source"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// lmeval writes the files of lm-eval 0.4.
func (f *exportFlags) lmeval(ctx context.Context, c console, runPath string, run results.Run) error {
	if f.output == "" {
		return errors.New("lm-eval's files need a folder: -o DIR")
	}
	profile, err := c.runProfiles().Recorded(run)
	if err != nil {
		return fmt.Errorf("%s: profile %q is none of this build: %w", runPath, run.Profile, err)
	}
	if run.Baseline && !f.noSamples {
		return fmt.Errorf("%s: a baseline keeps no prompts: export the run itself, or the results alone with --no-samples", runPath)
	}
	if run.InventedData != "" {
		profile = profile.OnInvented()
	}
	e := lmeval.Export{Dir: results.FolderOf(runPath), Run: run, Profile: profile.Name, Tasks: profile.Tasks, Metrics: storedMetrics(profile)}
	files := lmeval.FilesAt(f.output, run)
	jobs, err := e.Jobs(files.Samples, f.noSamples)
	if err != nil {
		return err
	}
	targets := []string{files.Results}
	for _, j := range jobs {
		if j.Target != "" {
			targets = append(targets, j.Target)
		}
	}
	if err := f.free(targets...); err != nil {
		return err
	}
	if len(targets) > 1 {
		open, err := f.rows(ctx, c, run)
		if err != nil {
			return fmt.Errorf("samples hold the data set's rows (--data-dir, --include-path, or --no-samples for the results alone): %w", err)
		}
		e.Source = func() tasks.Source { return open() }
	}
	if err := os.MkdirAll(files.Dir, 0o755); err != nil {
		return fmt.Errorf("--output-path: %w", err)
	}
	exported, err := e.Write(ctx, jobs)
	if err != nil {
		return err
	}
	if err := tellNotes(c, exported); err != nil {
		return err
	}
	if err := atomicfile.Write(files.Results, func(w io.Writer) error { return lmeval.WriteResults(w, run, exported) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.err, "wrote %s and %d files of samples\n", textsafe.Terminal(files.Results), len(targets)-1)
	return err
}

// rows opens the data that the run was made of. Other data than the run's are told by the documents' hashes, so the pins need
// not be asked.
func (f *exportFlags) rows(ctx context.Context, c console, run results.Run) (open func() eval.Source, err error) {
	if f.own, err = owntasks.Kept(run, f.includePath); err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, o := range f.own {
		for _, t := range o.Tasks {
			asked[t.Spec().Name] = true
		}
	}
	if slices.ContainsFunc(run.Scores, func(s results.Score) bool { return !asked[s.Task] }) {
		d, err := f.benchmarkRows(c, run)
		if err != nil {
			return nil, err
		}
		open = source.Of(d)
	}
	if f.own == nil {
		return open, nil
	}
	places, err := ownPlaces(ctx, c, f.own, network{offline: true}, false)
	if err != nil {
		return nil, err
	}
	return owntasks.Source(f.own, open, true, places)
}

// benchmarkRows are the data of the tasks of this program.
func (f *exportFlags) benchmarkRows(c console, run results.Run) (*datasets.Dir, error) {
	if run.InventedData != "" {
		return f.inventedData()
	}
	folder, err := folders.Data(f.dataDir)
	if err != nil {
		return nil, err
	}
	return datasets.OpenAs(c.splits(), folder, true)
}

// storedMetrics are the metrics of a profile's task for statistics that are stored.
func storedMetrics(p tasks.Profile) func(task string) []metrics.Metric {
	return func(task string) []metrics.Metric {
		if t, ok := p.Task(task); ok {
			return t.Spec().Metrics
		}
		return nil
	}
}

// tellNotes prints what is to be said of the exported tasks.
func tellNotes(c console, exported []lmeval.TaskResult) error {
	for _, t := range exported {
		for _, n := range t.Notes {
			if _, err := fmt.Fprintf(c.err, "%s: %s\n", textsafe.Terminal(t.Name), textsafe.Terminal(n)); err != nil {
				return err
			}
		}
	}
	return nil
}
