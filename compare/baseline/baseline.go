// Package baseline keeps an accepted run small enough for git: its manifest and, for every task, the answers and statistics of each
// document, compressed. A save that is killed leaves the old baseline or the new one.
package baseline

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// Read reads the manifest of a baseline.
func Read(dir string) (results.Run, error) {
	run, err := results.ReadRun(dir)
	if err == nil && !run.Baseline {
		err = fmt.Errorf("%s is a run, not a baseline: swallow-eval baseline save %s DIR makes one of it", dir, dir)
	}
	return run, err
}

// ContradictionError is that of a baseline whose files do not agree.
type ContradictionError struct{ err error }

func (e *ContradictionError) Error() string { return e.err.Error() }
func (e *ContradictionError) Unwrap() error { return e.err }

// Check compares a baseline with itself: every digest is checked when it is read, every score when it is
// computed from the statistics. metric finds the metrics of a run. What does not hold is a ContradictionError.
func Check(dir string, metric func(results.Run) func(task, metric string) (metrics.Metric, bool)) error {
	d, err := compare.Load(dir)
	if err != nil {
		return &ContradictionError{err}
	}
	p, err := compare.Pair(d, d)
	if err != nil {
		return &ContradictionError{err}
	}
	r, err := compare.Compare(p, compare.Defaults(metric(d.Run)))
	if err != nil {
		return err
	}
	if code, cause := r.ExitCode(true, false); code != exitcode.OK {
		return &ContradictionError{fmt.Errorf("the baseline contradicts itself: %s", cause)}
	}
	return nil
}

// Report shows what was accepted.
func Report(dir string, run results.Run) cireport.Report {
	s := cireport.Report{
		Name: dir,
		Title: []string{
			fmt.Sprintf("baseline %s, profile %s", dir, run.Profile),
			fmt.Sprintf("model %s, %s, numerics %s, digest %s", run.Model.Name, run.Model.DType, run.Model.Numerics, run.Model.Digest),
			fmt.Sprintf("run of %s by %s %s on %s/%s", run.Finished.UTC().Format(time.RFC3339), run.Tool.Name, run.Tool.Version, run.Tool.OS, run.Tool.Arch),
		},
		Head: []string{"task", "shots", "metric", "score", "n", "size"}, Fields: []string{"task", "shots", "metric", "score", "n", "bytes"}, Value: run,
	}
	s.Notes = append(s.Notes, notes.Of(run)...)
	for _, score := range run.Scores {
		var bytes int64
		if info, err := os.Stat(filepath.Join(dir, score.SamplesFile)); err == nil {
			bytes = info.Size()
		}
		var v results.Value
		value := "—"
		if len(score.Values) > 0 && score.Values[0].Max > 0 {
			v = score.Values[0]
			value = strconv.FormatFloat(v.Value/v.Max, 'f', 4, 64)
		}
		row := []string{score.Name(), strconv.Itoa(score.Shots), v.Metric, value, strconv.Itoa(score.N), terminal.KiB(bytes)}
		s.Rows = append(s.Rows, row)
		s.Records = append(s.Records, append([]string{score.Task}, append(slices.Clone(row[1:5]), strconv.FormatInt(bytes, 10))...))
		s.Cases = append(s.Cases, cireport.Case{Class: "swallow-eval.baseline", Name: score.Task, Detail: strings.Join(row, " ")})
	}
	return s
}
