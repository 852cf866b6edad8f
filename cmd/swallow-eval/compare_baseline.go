package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/internal/sheet"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
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
		Use: "save RUN DIR", Short: "Condense a run into a directory", Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error { return saveBaseline(c, args[0], args[1]) },
	}
	var shown, checked sheetFlags
	show := &cobra.Command{
		Use: "show DIR", Short: "Print what was accepted", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := readBaseline(args[0])
			if err != nil {
				return err
			}
			return shown.show(c, baselineSheet(args[0], run))
		},
	}
	shown.register(show)
	check := &cobra.Command{
		Use: "check DIR", Short: "Read every file of a baseline again", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			run, err := readBaseline(args[0])
			if err != nil {
				return err
			}
			if err := checkBaseline(c, args[0]); err != nil {
				return err
			}
			return checked.show(c, baselineSheet(args[0], run))
		},
	}
	checked.register(check)
	cmd.AddCommand(save, show, check)
	return cmd
}

// readBaseline reads the manifest of a baseline.
func readBaseline(dir string) (results.Run, error) {
	run, err := results.ReadRun(dir)
	if err == nil && !run.Baseline {
		err = fmt.Errorf("%s is a run, not a baseline: swallow-eval baseline save %s DIR makes one of it", dir, dir)
	}
	return run, err
}

// saveBaseline condenses a run. The names of the samples' files hold their digests, so that none replaces another: the new
// ones are written beside those of the accepted baseline, the manifest is the one switch from it to the new one, and the
// old ones go last.
func saveBaseline(c console, from, dir string) (err error) {
	d, err := compare.Load(from)
	if err != nil {
		return err
	}
	if d.Run.Baseline {
		return fmt.Errorf("%s is a baseline already: copy it", from)
	}
	if !d.Run.Complete() || d.Run.Status != "" && d.Run.Status != "complete" {
		return &codedError{exitIncomplete, fmt.Errorf("%s is not a complete run (%s): it cannot be accepted", from, incompleteness(d.Run))}
	}
	if err := free(dir); err != nil {
		return err
	}
	if err := atomicfile.Probe(dir); err != nil {
		return err
	}
	lock, err := atomicfile.LockDir(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	run := d.Run
	run.Baseline, run.Scores = true, slices.Clone(run.Scores)
	total := 0
	keep := []string{results.RunFile}
	for i := range run.Scores {
		s := &run.Scores[i]
		if len(d.Samples[s.Task]) == 0 {
			return &codedError{exitIncomplete, fmt.Errorf("%s: %s has no samples", from, s.Task)}
		}
		n, err := saveSamples(dir, s, d.Samples[s.Task])
		if err != nil {
			return err
		}
		total += n
		keep = append(keep, s.SamplesFile)
	}
	if err := results.WriteRun(dir, run); err != nil {
		return err
	}
	if err := removeOthers(dir, keep); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s: %d tasks, %d documents, %s: commit it as the accepted run\n", textsafe.Terminal(dir), len(run.Scores), documents(run), kibibytes(int64(total)))
	return err
}

// saveSamples writes the condensed samples of a task, unless they are there, and has the score name them. It returns their
// size.
func saveSamples(dir string, s *results.Score, samples []results.Sample) (int, error) {
	b, err := condense(samples)
	if err != nil {
		return 0, err
	}
	digest := sha256.Sum256(b)
	s.OriginalDigest = s.SamplesDigest
	s.SamplesDigest = "sha256:" + hex.EncodeToString(digest[:])
	s.SamplesFile = fmt.Sprintf("samples_%s.%x.jsonl%s", s.Task, digest[:6], results.CondensedSuffix)
	var packed bytes.Buffer
	if err := results.Compress(&packed, b); err != nil {
		return 0, err
	}
	name := filepath.Join(dir, s.SamplesFile)
	if there, err := os.ReadFile(name); err == nil && bytes.Equal(there, packed.Bytes()) {
		return packed.Len(), nil
	}
	return packed.Len(), atomicfile.Write(name, func(w io.Writer) error {
		_, err := w.Write(packed.Bytes())
		return err
	})
}

func condense(samples []results.Sample) ([]byte, error) {
	var b []byte
	for _, s := range samples {
		var err error
		if b, err = results.AppendSample(b, results.Condensed(s)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// ofBaseline are the names of what a save that was killed leaves: samples named by their digest, and what every writer leaves.
var ofBaseline = regexp.MustCompile(`^(samples_[a-z0-9._-]+\.[0-9a-f]{12}\.jsonl\.zst|\..*\.[0-9a-f]{16}\.tmp|\.swallow-eval\.(lock|probe))$`)

// free says whether a baseline may be written into dir: it is not there, empty, or holds a baseline, perhaps a begun one.
func free(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !ofBaseline.MatchString(e.Name()) }) {
		return nil
	}
	if run, err := results.ReadRun(dir); err != nil || !run.Baseline {
		return fmt.Errorf("%s holds something else than a baseline: name a new directory", dir)
	}
	return nil
}

// removeOthers removes the samples that the baseline no longer has, and what saves that were killed left half-written.
func removeOthers(dir string, keep []string) error {
	var old []string
	for _, pattern := range []string{"samples_*.jsonl" + results.CondensedSuffix, ".samples_*.jsonl" + results.CondensedSuffix + ".*.tmp"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		old = append(old, found...)
	}
	for _, name := range old {
		if !slices.Contains(keep, filepath.Base(name)) {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkBaseline compares a baseline with itself: every digest is checked when it is read, every score when it is
// computed from the statistics.
func checkBaseline(c console, dir string) error {
	d, err := compare.Load(dir)
	if err != nil {
		return &codedError{exitGate, err}
	}
	p, err := compare.Pair(d, d)
	if err != nil {
		return &codedError{exitGate, err}
	}
	r, err := compare.Compare(p, compare.Defaults(columnMetric(c.profileOf(d.Run))))
	if err != nil {
		return err
	}
	if code, cause := r.ExitCode(true, false); code != exitOK {
		return &codedError{exitGate, fmt.Errorf("the baseline contradicts itself: %s", cause)}
	}
	return nil
}

func baselineSheet(dir string, run results.Run) sheet.Sheet {
	s := sheet.Sheet{
		Name: dir,
		Title: []string{
			fmt.Sprintf("baseline %s, profile %s", dir, run.Profile),
			fmt.Sprintf("model %s, %s, numerics %s, digest %s", run.Model.Name, run.Model.DType, run.Model.Numerics, run.Model.Digest),
			fmt.Sprintf("run of %s by %s %s on %s/%s", run.Finished.UTC().Format(time.RFC3339), run.Tool.Name, run.Tool.Version, run.Tool.OS, run.Tool.Arch),
		},
		Head: []string{"task", "shots", "metric", "score", "n", "size"}, Fields: []string{"task", "shots", "metric", "score", "n", "bytes"}, Value: run,
	}
	s.Notes = append(s.Notes, results.Notes(run)...)
	for _, score := range run.Scores {
		var bytes int64
		if info, err := os.Stat(filepath.Join(dir, score.SamplesFile)); err == nil {
			bytes = info.Size()
		}
		var v results.Value
		value := "—"
		if len(score.Values) > 0 && score.Values[0].Max > 0 {
			v = score.Values[0]
			value = decimal(v.Value / v.Max)
		}
		row := []string{score.Name(), strconv.Itoa(score.Shots), v.Metric, value, strconv.Itoa(score.N), kibibytes(bytes)}
		s.Rows = append(s.Rows, row)
		s.Records = append(s.Records, append([]string{score.Task}, append(slices.Clone(row[1:5]), strconv.FormatInt(bytes, 10))...))
		s.Cases = append(s.Cases, sheet.Case{Class: "swallow-eval.baseline", Name: score.Task, Detail: strings.Join(row, " ")})
	}
	return s
}

func documents(run results.Run) (n int) {
	for _, s := range run.Scores {
		n += s.N
	}
	return n
}

// incompleteness says in a few words what a run lacks.
func incompleteness(run results.Run) string {
	if h := holes(run); h != "" {
		return h + " without a number"
	}
	return run.Status
}

func kibibytes(n int64) string { return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10)) }
