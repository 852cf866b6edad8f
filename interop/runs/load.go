// Package runs is runs of every kind, ours and other programs', made ready to be compared: read, with the metrics that their scores are
// of, and put side by side.
package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Side is one run of a comparison, ours or another program's.
type Side struct {
	compare.RunData
	// Metrics are those of imported tasks by task and name; ours are the profile's.
	Metrics map[[2]string]metrics.Metric
	// Originals are the whole samples of a run of ours that is condensed, nil where they are in memory.
	Originals *compare.Originals
	// Warnings say what of an imported run is not as its files say.
	Warnings []string
}

// Loader reads runs of all kinds.
type Loader struct {
	// Scorer opens what the metrics of other programs' outputs need: once, and only for those.
	Scorer func() (*interop.Scorer, error)
	// Condensed leaves requests out of runs of ours, of which a digest tells whether they differ.
	Condensed bool
	// Originals keeps at hand what condensed runs leave out.
	Originals bool
	// Profiles are what runs of ours may have recorded.
	Profiles Profiles
	// Columns are the tasks of a printed table where recorded totals are taken, too, which have no documents.
	Columns []tasks.Task

	scorer *interop.Scorer
}

// IsOurs says whether a path is a run of ours: its directory, or its run.json.
func IsOurs(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if info.IsDir() {
		_, err := os.Stat(filepath.Join(path, results.RunFile))
		return err == nil, nil
	}
	kind, err := interop.DetectFile(path)
	return kind == series.KindRun, err
}

// Load reads a result directory of ours, its run.json, or stored outputs of any kind that score reads.
func (l *Loader) Load(path string) (Side, error) {
	ours, err := IsOurs(path)
	if err != nil {
		return Side{}, err
	}
	if ours {
		return l.own(path)
	}
	found, err := interop.Find(path)
	if err != nil {
		return Side{}, err
	}
	if l.scorer == nil { // what the metrics need is loaded once, and only for imports
		if l.scorer, err = l.Scorer(); err != nil {
			return Side{}, err
		}
	}
	var r interop.Run
	if l.Columns != nil {
		r, err = l.scorer.ImportTotals(path, found, l.Columns)
	} else {
		r, err = l.scorer.Import(path, found)
	}
	if err != nil {
		return Side{}, err
	}
	return Side{RunData: compare.RunData{Name: path, Run: r.Run, Samples: r.Samples}, Metrics: r.Metrics, Warnings: r.Warnings}, nil
}

// own reads a run of ours.
func (l *Loader) own(path string) (s Side, err error) {
	switch {
	case l.Originals:
		s.RunData, s.Originals, err = compare.LoadOriginals(path)
	case l.Condensed:
		s.RunData, err = compare.LoadCondensed(path)
	default:
		s.RunData, err = compare.Load(path)
	}
	if err != nil {
		return s, err
	}
	if what := l.Profiles.unread(path, s.Run); what != "" {
		s.Warnings = append(s.Warnings, what)
	}
	return s, nil
}

// Vouched is a run without the scores that its samples contradict; what no samples vouch for is warned of.
func Vouched(s Side, find func(task, metric string) (metrics.Metric, bool)) (results.Run, []string) {
	d, alone := s.Vouched(find)
	if len(alone) > 0 {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: no samples vouch for %s: taken as recorded", s.Name, strings.Join(alone, ", ")))
	}
	return d.Run, s.Warnings
}
