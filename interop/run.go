package interop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Run is a run made of stored outputs, as a comparison takes it.
type Run struct {
	Run results.Run
	// Samples are the documents by task.
	Samples map[string][]results.Sample
	// Metrics are those of the tasks by task and name.
	Metrics map[[2]string]metrics.Metric
	// Warnings say what is not as the files say.
	Warnings []string

	name string
}

// Import makes a run of the stored outputs found at path. Each series of documents becomes a task of its own; a task that
// has several filters is named with the filter, as lm-eval names its numbers.
func (s *Scorer) Import(path string, found []File) (Run, error) {
	d, totals, _, err := s.gather(path, found)
	if err != nil {
		return d, err
	}
	alone := 0
	for _, t := range totals {
		if t.Format == series.KindHarness {
			alone++
			if len(d.Run.Scores) > 0 && !slices.ContainsFunc(d.Run.Scores, func(s results.Score) bool { return s.Reference == t.Source }) {
				d.Warnings = append(d.Warnings, fmt.Sprintf("%s: %s: only a total is recorded, which cannot be compared document by document", t.File, t.Source))
			}
			continue
		}
		if err := d.series(t, s.language(t.Task), nil); err != nil {
			return d, err
		}
	}
	if len(d.Run.Scores) == 0 && alone > 0 {
		return d, fmt.Errorf("%s: it records totals alone; a comparison needs the documents' outputs", path)
	}
	if len(d.Run.Scores) == 0 {
		return d, fmt.Errorf("%s: no stored outputs to compare", path)
	}
	return d, nil
}

// gather makes a run of the series that have documents, and returns the totals that have none.
func (s *Scorer) gather(path string, found []File) (Run, []series.Series, []harnessConfig, error) {
	d := Run{Samples: map[string][]results.Sample{}, Metrics: map[[2]string]metrics.Metric{}, name: path}
	own := slices.DeleteFunc(slices.Clone(found), func(f File) bool { return f.Kind != series.KindSamples })
	for _, f := range own {
		if err := d.ownSamples(f.Path); err != nil {
			return d, nil, nil, err
		}
	}
	r, err := NewScorer(s.Fresh()).All(slices.DeleteFunc(slices.Clone(found), func(f File) bool { return f.Kind == series.KindSamples || f.Kind == series.KindRun }))
	if err != nil {
		return d, nil, nil, err
	}
	configs, err := harnessConfigs(found)
	if err != nil {
		return d, nil, nil, err
	}
	var totals []series.Series
	for _, t := range r.Series {
		if t.Failed != nil {
			return d, nil, nil, t.Failed
		}
		if t.Protocol == s.Profile && !t.Exported { // the same answers once more, under another protocol's rules
			continue
		}
		if len(t.Evidence) == 0 && t.Totals != nil { // a total alone, such as a group's
			totals = append(totals, t)
			continue
		}
		if err := d.series(t, s.language(t.Task), configs); err != nil {
			return d, nil, nil, err
		}
	}
	return d, totals, configs, nil
}

// ownSamples takes a file of our own samples that stands without its run.json.
func (d *Run) ownSamples(path string) error {
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
	score := results.Score{Task: samples[0].Task, Title: samples[0].Task, Shots: results.UnknownShots, N: len(samples), Total: len(samples)}
	return d.add(path, score, samples)
}

// series takes one series of documents of a foreign file.
func (d *Run) series(t series.Series, language string, configs []harnessConfig) error {
	name := t.Task
	if name == "" || t.Format == series.KindLMEval && !t.Exported {
		name = series.Result{Name: t.Source}.Task()
	}
	source := name
	if t.Filter != "" && t.Filter != "none" {
		name += "," + t.Filter
	}
	score := results.Score{
		Task: name, Reference: t.Source, Title: name, Language: language, Protocol: t.Protocol, Shots: results.UnknownShots,
		N: t.Total, Total: t.Total,
	}
	if t.Protocol == lmeval.Protocol {
		d.Run.Profile = t.Protocol
	}
	if t.Exported {
		score.Protocol, d.Run.Profile = "", t.Protocol // the profile says all
		source = t.Source
	}
	samples := d.values(&score, t)
	if c, ok := configOf(configs, t.File); ok {
		d.configure(&score, c, t.Source, source)
	}
	if n := len(t.Unscored); n > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%s: %s: %d of %d documents cannot be scored, the first on %s: %s", t.File, name, n, t.Total,
			series.Place{Record: t.Unscored[0].Record, Line: t.Unscored[0].Line}, t.Unscored[0].Reason))
	}
	if n := len(t.Changed); n > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%s: %s: %d records score differently from what the file says; compared is what they score here (score --from lists them)", t.File, name, n))
	}
	return d.add(t.File, score, samples)
}

// values gives the score its number and its metrics, or its hole, and returns the documents.
func (d *Run) values(score *results.Score, t series.Series) []results.Sample {
	samples := t.Evidence
	if t.Hole != "" && len(samples) == 0 {
		score.Hole = t.Hole
		if t.Lacks != "" {
			score.Hole += ", and " + t.Lacks
		}
		return samples
	}
	for _, known := range t.By {
		d.Metrics[[2]string{score.Task, known.Name}] = known
	}
	compared := t.By[:1]
	if t.Hole != "" { // a task that is none of ours: every metric that its file records
		compared = t.By
	}
	for k, m := range compared {
		var stats []metrics.Stat
		for i := range samples {
			samples[i].Task = score.Task
			stats = append(stats, samples[i].Marks[k].Stat)
		}
		score.Values = append(score.Values, results.Value{Metric: m.Name, Signature: m.Signature, Max: m.Max, Value: m.Score(stats)})
	}
	return samples
}

// configure adds what the result file says: of the run the model, of the task, under its name in versions and in shots.
func (d *Run) configure(score *results.Score, c jpharness.Config, version, shots string) {
	if d.Run.Model.Name == "" {
		d.Run.Model = c.Identity
		d.Run.Model.Name = c.Model
	}
	if c.Invented != "" {
		d.Run.InventedData = c.Invented
	}
	score.Version = c.Versions[version]
	if n := c.Evaluated[version]; n > 0 && score.Hole == "" { // the samples must be all of those
		score.N = n
	}
	if n, ok := c.Shots[shots]; ok {
		score.Shots = n
	} else if c.AllShots != nil {
		score.Shots = *c.AllShots
	}
}

// add puts a task into the run. The same task from two files would be an arbitrary choice.
func (d *Run) add(path string, score results.Score, samples []results.Sample) error {
	for _, s := range d.Run.Scores {
		if s.Task != score.Task {
			continue
		}
		switch {
		case score.Hole != "": // another file has the numbers
			return nil
		case s.Hole == "":
			return fmt.Errorf("%s: %s is in another file of %s too: name one of the files", path, score.Task, d.name)
		}
	}
	d.Run.Scores = slices.DeleteFunc(d.Run.Scores, func(s results.Score) bool { return s.Task == score.Task })
	d.Run.Scores = append(d.Run.Scores, score)
	d.Samples[score.Task] = samples
	return nil
}

// language is that of our task of the name, "" for none.
func (s *Scorer) language(task string) string {
	t, ok := s.Find(func(spec tasks.Spec) bool { return spec.Name == task })
	if !ok {
		return ""
	}
	return t.Spec().Language
}

// harnessConfig is the configuration that a result file tells.
type harnessConfig struct {
	path string
	jpharness.Config
}

func harnessConfigs(found []File) ([]harnessConfig, error) {
	var list []harnessConfig
	for _, f := range found {
		if f.Kind != series.KindHarness {
			continue
		}
		file, err := os.Open(f.Path)
		if err != nil {
			return nil, err
		}
		c, err := jpharness.ReadConfig(f.Path, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		list = append(list, harnessConfig{f.Path, c})
	}
	return list, nil
}

// configOf finds the configuration of a file's run: its own, that of the file of the same date, or the only one of the
// folder without a date.
func configOf(configs []harnessConfig, path string) (jpharness.Config, bool) {
	for _, c := range configs {
		if c.path == path || filepath.Dir(c.path) == filepath.Dir(path) && series.DateOf(c.path) == series.DateOf(path) {
			return c.Config, true
		}
	}
	var folder []harnessConfig
	for _, c := range configs {
		if filepath.Dir(c.path) == filepath.Dir(path) && series.DateOf(c.path) == "" {
			folder = append(folder, c)
		}
	}
	if len(folder) == 1 {
		return folder[0].Config, true
	}
	return jpharness.Config{}, false
}
