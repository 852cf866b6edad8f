package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// side is one run of a comparison, ours or another program's.
type side struct {
	compare.RunData
	// metrics are those of imported tasks by task and name; ours are the profile's.
	metrics map[[2]string]metrics.Metric
	// originals are the whole samples of a run of ours that is condensed, nil where they are in memory.
	originals *compare.Originals
	// warnings say what of an imported run is not as its files say.
	warnings []string
}

// sides loads both runs of a comparison.
type sides struct {
	scoreFlags
	c      console
	scorer *interop.Scorer
	// condensed leaves requests out of runs of ours, of which a digest tells whether they differ.
	condensed bool
	// originals keeps at hand what condensed runs leave out.
	originals bool
	// columns are the tasks of a printed table where recorded totals are taken, too, which have no documents.
	columns []tasks.Task
}

// isOurs says whether a path is a run of ours: its directory, or its run.json.
func isOurs(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if info.IsDir() {
		return exists(filepath.Join(path, results.RunFile)), nil
	}
	kind, err := interop.DetectFile(path)
	return kind == series.KindRun, err
}

// load reads a result directory of ours, its run.json, or stored outputs of any kind that score reads.
func (l *sides) load(ctx context.Context, path string) (side, error) {
	ours, err := isOurs(path)
	if err != nil {
		return side{}, err
	}
	if ours {
		if l.originals {
			d, o, err := compare.LoadOriginals(path)
			return side{RunData: d, originals: o}, err
		}
		read := compare.Load
		if l.condensed {
			read = compare.LoadCondensed
		}
		d, err := read(path)
		return side{RunData: d}, err
	}
	found, err := interop.Find(path)
	if err != nil {
		return side{}, err
	}
	if l.scorer == nil { // what the metrics need is loaded once, and only for imports
		if l.scorer, err = l.scoreFlags.scorer(ctx, l.c); err != nil {
			return side{}, err
		}
	}
	var r interop.Run
	if l.columns != nil {
		r, err = l.scorer.ImportTotals(path, found, l.columns)
	} else {
		r, err = l.scorer.Import(path, found)
	}
	if err != nil {
		return side{}, err
	}
	return side{RunData: compare.RunData{Name: path, Run: r.Run, Samples: r.Samples}, metrics: r.Metrics, warnings: r.Warnings}, nil
}

// profileOf is the profile that a run recorded. A run that names none of this build's, as those of other programs, has the
// default's metrics where it has their names.
func (c console) profileOf(run results.Run) tasks.Profile {
	if p, err := c.recorded(run); err == nil {
		return p
	}
	return c.known()[0]
}

// recorded is the profile that a run recorded, under the run's name for it. How the prompts were shown is no part of what
// the answers are scored by.
func (c console) recorded(run results.Run) (tasks.Profile, error) {
	name, _, _ := strings.Cut(run.Profile, tasks.ChatSuffix)
	if base, _, isOwn := strings.Cut(name, owntasks.Prefix); isOwn {
		var beside *tasks.Profile
		if base = strings.TrimSuffix(base, "+"); base != "" {
			p, err := c.profile(base)
			if err != nil {
				return p, err
			}
			beside = &p
		}
		return owntasks.Recorded(run, beside)
	}
	p, err := c.profile(name)
	if name != run.Profile {
		p.Name = run.Profile
	}
	return p, err
}

// columnMetric finds a metric of a profile's task. Only the scores of stored statistics are asked of it, so that what
// pieces or words it counts in does not matter.
func columnMetric(p tasks.Profile) func(task, metric string) (metrics.Metric, bool) {
	return func(task, metric string) (metrics.Metric, bool) {
		if t, ok := p.Task(task); ok {
			for _, m := range t.Spec().Metrics {
				if m.Name == metric {
					return m, true
				}
			}
		}
		return metrics.Metric{}, false
	}
}

// importedMetric returns the metric of an imported task, or else that of the run's profile.
func (c console) importedMetric(all ...side) func(task, metric string) (metrics.Metric, bool) {
	return func(task, metric string) (metrics.Metric, bool) {
		for _, d := range all {
			if m, ok := d.metrics[[2]string{task, metric}]; ok {
				return m, true
			}
		}
		for _, d := range all {
			if m, ok := columnMetric(c.profileOf(d.Run))(task, metric); ok {
				return m, true
			}
		}
		return metrics.Metric{}, false
	}
}

// warn prints what is not as the files say, one line each.
func (d side) warn(c console) {
	for _, w := range d.warnings {
		fmt.Fprintln(c.err, "swallow-eval: warning: "+terminal.OneLine(errors.New(strings.TrimSpace(w))))
	}
}
