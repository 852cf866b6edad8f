package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// side is one run of a comparison, ours or another program's.
type side struct {
	compare.RunData
	// metrics are those of imported tasks by task and name; ours are the profile's.
	metrics map[[2]string]metrics.Metric
	// warnings say what of an imported run is not as its files say.
	warnings []string
}

// sides loads both runs of a comparison.
type sides struct {
	scoreFlags
	c      console
	scorer *scorer
}

// load reads a result directory of ours, its run.json, or stored outputs of any kind that score reads.
func (l *sides) load(ctx context.Context, path string) (side, error) {
	info, err := os.Stat(path)
	if err != nil {
		return side{}, err
	}
	ours := info.IsDir() && exists(filepath.Join(path, results.RunFile))
	if !info.IsDir() {
		kind, err := results.DetectFile(path)
		if err != nil {
			return side{}, err
		}
		ours = kind == results.KindRun
	}
	if ours {
		d, err := compare.Load(path)
		return side{RunData: d}, err
	}
	found, err := findStored(path)
	if err != nil {
		return side{}, err
	}
	if l.scorer == nil { // what the metrics need is loaded once, and only for imports
		if l.scorer, err = l.scoreFlags.scorer(ctx, l.c); err != nil {
			return side{}, err
		}
	}
	return l.scorer.imported(path, found)
}

// imported makes a run of stored outputs. Each series of documents becomes a task of its own; a task that has several
// filters is named with the filter, as lm-eval names its numbers.
func (s *scorer) imported(path string, found []stored) (side, error) {
	d := side{metrics: map[[2]string]metrics.Metric{}}
	d.Name, d.Samples = path, map[string][]results.Sample{}
	own := slices.DeleteFunc(slices.Clone(found), func(f stored) bool { return f.kind != results.KindSamples })
	for _, f := range own {
		if err := d.ownSamples(f.path); err != nil {
			return d, err
		}
	}
	fresh := *s // a scorer remembers the result files of what it scored
	fresh.aggregates, fresh.llmjp = nil, nil
	r, err := fresh.all(slices.DeleteFunc(slices.Clone(found), func(f stored) bool { return f.kind == results.KindSamples }))
	if err != nil {
		return d, err
	}
	configs, err := harnessConfigs(found)
	if err != nil {
		return d, err
	}
	var totals []scored
	for _, t := range r.Tasks {
		if t.failed != nil {
			return d, t.failed
		}
		if t.Protocol == s.profile.Name && !t.exported { // the same answers once more, under another protocol's rules
			continue
		}
		if len(t.evidence) == 0 && t.Format == results.KindHarness && t.Total == 0 { // a total alone, such as a group's
			totals = append(totals, t)
			continue
		}
		if err := d.series(t, configs); err != nil {
			return d, err
		}
	}
	for _, t := range totals {
		if len(d.Run.Scores) > 0 && !slices.ContainsFunc(d.Run.Scores, func(s results.Score) bool { return s.Reference == t.Source }) {
			d.warnings = append(d.warnings, fmt.Sprintf("%s: %s: only a total is recorded, which cannot be compared document by document", t.File, t.Source))
		}
	}
	if len(d.Run.Scores) == 0 && len(totals) > 0 {
		return d, fmt.Errorf("%s: it records totals alone; a comparison needs the documents' outputs", path)
	}
	if len(d.Run.Scores) == 0 {
		return d, fmt.Errorf("%s: no stored outputs to compare", path)
	}
	return d, nil
}

// ownSamples takes a file of our own samples that stands without its run.json.
func (d *side) ownSamples(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	var samples []results.Sample
	err = results.ReadSamples(path, f, func(x results.Sample) error {
		if len(samples) > 0 && samples[0].Task != x.Task {
			return fmt.Errorf("a sample of %s among those of %s", x.Task, samples[0].Task)
		}
		samples = append(samples, x)
		return nil
	})
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if len(samples) == 0 {
		return fmt.Errorf("%s: it holds no samples", path)
	}
	score := results.Score{Task: samples[0].Task, Title: samples[0].Task, Shots: compare.UnknownShots, N: len(samples), Total: len(samples)}
	return d.add(path, score, samples)
}

// series takes one series of documents of a foreign file.
func (d *side) series(t scored, configs []harnessConfig) error {
	name := t.Task
	if name == "" || t.Format == results.KindLMEval && !t.exported {
		name = results.HarnessResult{Name: t.Source}.Task()
	}
	source := name
	if t.Filter != "" && t.Filter != "none" {
		name += "," + t.Filter
	}
	score := results.Score{
		Task: name, Reference: t.Source, Title: name, Language: language(t.Task), Protocol: t.Protocol, Shots: compare.UnknownShots,
		N: t.Total, Total: t.Total,
	}
	if t.Protocol == protocolLMEval {
		d.Run.Profile = t.Protocol
	}
	if t.exported {
		score.Protocol, d.Run.Profile = "", t.Protocol // the profile says all
		source = t.Source
	}
	samples, by := t.evidence, t.by
	if t.Hole != "" && len(samples) == 0 {
		score.Hole = t.Hole
		if t.lacks != "" {
			score.Hole += ", and " + t.lacks
		}
	} else {
		m := by[0]
		for _, known := range by {
			d.metrics[[2]string{name, known.Name}] = known
		}
		v := results.Value{Metric: m.Name, Signature: m.Signature, Max: m.Max}
		var stats []metrics.Stat
		for i := range samples {
			samples[i].Task = name
			stats = append(stats, samples[i].Marks[0].Stat)
		}
		v.Value = m.Score(stats)
		score.Values = []results.Value{v}
	}
	if c, ok := configOf(configs, t.File); ok {
		if d.Run.Model.Name == "" {
			d.Run.Model = c.Identity
			d.Run.Model.Name = c.Model
		}
		score.Version = c.Versions[t.Source]
		if n, ok := c.Shots[source]; ok {
			score.Shots = n
		} else if c.AllShots != nil {
			score.Shots = *c.AllShots
		}
	}
	if n := len(t.Unscored); n > 0 {
		d.warnings = append(d.warnings, fmt.Sprintf("%s: %s: %d of %d documents cannot be scored, the first on %s: %s", t.File, name, n, t.Total,
			results.Place{Record: t.Unscored[0].Record, Line: t.Unscored[0].Line}, t.Unscored[0].Reason))
	}
	if n := len(t.Changed); n > 0 {
		d.warnings = append(d.warnings, fmt.Sprintf("%s: %s: %d records score differently from what the file says; compared is what they score here (score --from lists them)", t.File, name, n))
	}
	return d.add(t.File, score, samples)
}

// add puts a task into the run. The same task from two files would be an arbitrary choice.
func (d *side) add(path string, score results.Score, samples []results.Sample) error {
	for _, s := range d.Run.Scores {
		if s.Task != score.Task {
			continue
		}
		switch {
		case score.Hole != "": // another file has the numbers
			return nil
		case s.Hole == "":
			return fmt.Errorf("%s: %s is in another file of %s too: name one of the files", path, score.Task, d.Name)
		}
	}
	d.Run.Scores = slices.DeleteFunc(d.Run.Scores, func(s results.Score) bool { return s.Task == score.Task })
	d.Run.Scores = append(d.Run.Scores, score)
	d.Samples[score.Task] = samples
	return nil
}

// language is that of our task of the name, "" for none.
func language(task string) string {
	if t, ok := profileTask(task); ok {
		return t.Spec().Language
	}
	return ""
}

// profileTask finds a task of the profile. Only what does not depend on a model or a segmenter may be asked of it.
func profileTask(name string) (tasks.Task, bool) { return suite.Default().Task(name) }

// harnessConfig is the configuration that a result file tells.
type harnessConfig struct {
	path string
	results.HarnessConfig
}

func harnessConfigs(found []stored) ([]harnessConfig, error) {
	var list []harnessConfig
	for _, f := range found {
		if f.kind != results.KindHarness {
			continue
		}
		file, err := os.Open(f.path)
		if err != nil {
			return nil, err
		}
		c, err := results.ReadHarnessConfig(f.path, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		list = append(list, harnessConfig{f.path, c})
	}
	return list, nil
}

// configOf finds the configuration of a file's run: its own, that of the file of the same date, or the only one of the
// folder without a date.
func configOf(configs []harnessConfig, path string) (results.HarnessConfig, bool) {
	for _, c := range configs {
		if c.path == path || filepath.Dir(c.path) == filepath.Dir(path) && dateOf(c.path) == dateOf(path) {
			return c.HarnessConfig, true
		}
	}
	var folder []harnessConfig
	for _, c := range configs {
		if filepath.Dir(c.path) == filepath.Dir(path) && dateOf(c.path) == "" {
			folder = append(folder, c)
		}
	}
	if len(folder) == 1 {
		return folder[0].HarnessConfig, true
	}
	return results.HarnessConfig{}, false
}

// importedMetric returns the metric of an imported task, or else of the profile's.
func importedMetric(all ...side) func(task, metric string) (metrics.Metric, bool) {
	return func(task, metric string) (metrics.Metric, bool) {
		for _, d := range all {
			if m, ok := d.metrics[[2]string{task, metric}]; ok {
				return m, true
			}
		}
		return columnMetric(task, metric)
	}
}

// warn prints what is not as the files say, one line each.
func (d side) warn(c console) {
	for _, w := range d.warnings {
		fmt.Fprintln(c.err, "swallow-eval: warning: "+oneLine(errors.New(strings.TrimSpace(w))))
	}
}
