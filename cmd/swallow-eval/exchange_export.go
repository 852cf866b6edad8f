package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/swallow"
	"github.com/swallow-eval/swallow-eval/judge"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
	"github.com/swallow-eval/swallow-eval/results/tables"
)

// exportFormats are the choices of --as.
var exportFormats = []string{"lm-eval", "swallow", "csv", "latex", "markdown", "programs"}

type exportFlags struct {
	selection
	as        string
	output    string
	force     bool
	noSamples bool
}

func newExportCommand(c console) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export RUN... --as lm-eval|swallow|csv|latex|markdown|programs [-o PATH]",
		Short: "Write a run in the files that other tools read",
		Long: `export writes a run, given as its directory or run.json, for others:

  lm-eval    <PATH>/<model>/results_<date>.json and samples_<task>_<date>.jsonl of lm-eval 0.4, with its hashes of
             documents, prompts and targets. The samples hold the data set's rows: --data-dir, for task files
             --include-path, or --no-samples
  swallow    aggregated_result.json of the Swallow project, every column in its order
  csv        one row a metric, all digits
  latex      the tables of the model cards, a column a task of the profile and of the runs, a row a run
  markdown   the same for GitHub
  programs   JSON lines, one a program of HumanEval and JHumanEval, for whoever runs them: judge --verdicts reads them again

Without -o all but lm-eval go to standard output. Nothing is overwritten without --force. A number that there is not is a
visible hole, and the exit code is then 3.`,
		Example: `  swallow-eval export results/7b --as lm-eval -o lm-eval-output --data-dir ./data
  swallow-eval export results/7b results/13b --as markdown`,
		Args: takes(1, anyNumber),
		RunE: func(cmd *cobra.Command, args []string) error { return f.export(cmd, c, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.dataDir, "data-dir", "", "lm-eval: folder of the benchmark files that the run read (default: the folder fetch fills)")
	fl.StringVar(&f.includePath, "include-path", ".", "lm-eval: folder of the task files that the run read, with their data")
	fl.StringVar(&f.as, "as", "", "lm-eval, swallow, csv, latex, markdown or programs")
	fl.StringVarP(&f.output, "output-path", "o", "", "folder (lm-eval, swallow) or file")
	fl.BoolVar(&f.force, "force", false, "overwrite files that exist")
	fl.BoolVar(&f.noSamples, "no-samples", false, "lm-eval: the results file alone")
	return cmd
}

func (f *exportFlags) export(cmd *cobra.Command, c console, paths []string) error {
	runs := make([]results.Run, len(paths))
	for i, p := range paths {
		var err error
		if runs[i], err = results.ReadRun(p); err != nil {
			return err
		}
		if err := tables.Check(runs[i]); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	several := func() error {
		return fmt.Errorf("--as %s takes one run, not %d", f.as, len(runs))
	}
	columns := tables.ColumnsOf(c.runProfiles().Of(runs[0]))
	var err error
	switch f.as {
	case "":
		return fmt.Errorf("no --as given: choose %s", strings.Join(exportFormats, ", "))
	case "lm-eval":
		if len(runs) > 1 {
			return several()
		}
		err = f.lmeval(cmd.Context(), c, paths[0], runs[0])
	case "swallow":
		if len(runs) > 1 {
			return several()
		}
		err = f.swallow(c, runs[0])
	case "csv":
		err = f.file(c, f.output, func(w io.Writer) error { return tables.CSV(w, runs) })
	case "latex":
		err = f.file(c, f.output, func(w io.Writer) error { return tables.LaTeX(w, runs, columns) })
	case "markdown":
		err = f.file(c, f.output, func(w io.Writer) error { return tables.Markdown(w, runs, columns) })
	case "programs":
		if len(runs) > 1 {
			return several()
		}
		list, err := programsOf(c, results.FolderOf(paths[0]), runs[0])
		if err != nil {
			return err
		}
		lines, err := judge.Lines(list)
		if err != nil {
			return err
		}
		return f.file(c, f.output, func(w io.Writer) error { return judge.WriteLines(w, lines) })
	default:
		return fmt.Errorf("--as %q: choose %s", f.as, strings.Join(exportFormats, ", "))
	}
	if err != nil {
		return err
	}
	if problem := tables.Incomplete(runs); problem != "" {
		return &codedError{exitIncomplete, errors.New("exported with holes: " + problem)}
	}
	return nil
}

// file writes to a file, atomically, or to standard output where there is none.
func (f *exportFlags) file(c console, name string, write func(io.Writer) error) error {
	if name == "" {
		return write(c.out)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("--output-path: %s is a folder: name a file", name)
	}
	if err := f.free(name); err != nil {
		return err
	}
	return atomicfile.Write(name, write)
}

// free refuses to overwrite files that exist.
func (f *exportFlags) free(names ...string) error {
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil && !f.force {
			return fmt.Errorf("%s exists: --force overwrites it", name)
		} else if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// swallow writes <PATH>/<model>/aggregated_result.json, or the very file where PATH ends in .json.
func (f *exportFlags) swallow(c console, run results.Run) error {
	if run.InventedData != "" {
		return fmt.Errorf("--as swallow: the run's questions were invented (data set %s), and aggregated_result.json has no place to say so", run.InventedData)
	}
	name := swallowName(run.Model.Name)
	file := f.output
	if file != "" && filepath.Ext(file) != ".json" {
		dir := filepath.Join(file, filepath.FromSlash(name))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("--output-path: %w", err)
		}
		file = filepath.Join(dir, "aggregated_result.json")
	}
	err := f.file(c, file, func(w io.Writer) error { return swallow.Write(w, name, run, c.runProfiles().Of(run).Tasks) })
	if err == nil && file == "" {
		_, err = fmt.Fprintln(c.out) // the file itself ends without a line feed
	}
	if empty := swallow.Holes(run, c.runProfiles().Of(run).Tasks); err == nil && len(empty) > 0 {
		_, err = fmt.Fprintf(c.err, "-1.0 for want of a number: %s\n", strings.Join(empty, ", "))
	}
	for _, note := range notes.Of(run) { // the file has no place for them
		if err == nil {
			_, err = fmt.Fprintln(c.err, "* "+note)
		}
	}
	return err
}

// swallowName is the model's name and folder: a hub's org/name stays as it is, of anything else the last element counts.
func swallowName(model string) string {
	org, name, hub := strings.Cut(model, "/")
	if hub && org == lmeval.SanitizedModelName(org) && name == lmeval.SanitizedModelName(name) {
		return model
	}
	return lmeval.SanitizedModelName(path.Base(filepath.ToSlash(model)))
}
