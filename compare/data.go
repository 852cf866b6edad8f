package compare

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/results"
)

// RunData is one side of a comparison: a manifest and the samples behind its scores.
type RunData struct {
	// Name is what messages call the run: its directory or file.
	Name string
	Run  results.Run
	// Samples are the documents by task, in any order.
	Samples map[string][]results.Sample
}

// Load reads a result directory or its run.json with all samples. A file of samples whose digest is not the manifest's
// is an error: the scores would not be those of the samples. A score without samples is loaded as it is; Pair says
// what is missing.
func Load(path string) (RunData, error) {
	d := RunData{Name: path, Samples: map[string][]results.Sample{}}
	run, err := results.ReadRun(path)
	if err != nil {
		return d, err
	}
	d.Run = run
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	for _, s := range run.Scores {
		if s.SamplesFile == "" {
			continue
		}
		if !filepath.IsLocal(s.SamplesFile) {
			return d, fmt.Errorf("%s: %s: samples file %q lies outside the run's directory", path, s.Task, s.SamplesFile)
		}
		name := filepath.Join(dir, s.SamplesFile)
		b, err := results.ReadSamplesFile(name)
		if err != nil {
			return d, err
		}
		sum := sha256.Sum256(b)
		if got := "sha256:" + hex.EncodeToString(sum[:]); s.SamplesDigest != "" && got != s.SamplesDigest {
			return d, fmt.Errorf("%s: digest %s is not the %s of %s", name, got, s.SamplesDigest, results.RunFile)
		}
		err = results.ReadSamples(name, bytes.NewReader(b), func(x results.Sample) error {
			if x.Task != s.Task {
				return fmt.Errorf("a sample of %s among those of %s", x.Task, s.Task)
			}
			d.Samples[s.Task] = append(d.Samples[s.Task], x)
			return nil
		})
		if err != nil {
			return d, err
		}
	}
	return d, nil
}

// By returns the run with another metric of a task in front, by which it is then compared, and whether the samples have
// that metric.
func (d RunData) By(task, metric string) (RunData, bool) {
	samples := slices.Clone(d.Samples[task])
	for i, s := range samples {
		at := slices.IndexFunc(s.Marks, func(m results.Mark) bool { return m.Metric == metric })
		if at < 0 {
			return d, false
		}
		samples[i].Marks = []results.Mark{s.Marks[at]}
	}
	if len(samples) == 0 {
		return d, false
	}
	by := d
	by.Samples, by.Run.Scores = maps.Clone(d.Samples), slices.Clone(d.Run.Scores)
	by.Samples[task] = samples
	for i := range by.Run.Scores {
		if s := &by.Run.Scores[i]; s.Task == task {
			s.Values = slices.DeleteFunc(slices.Clone(s.Values), func(v results.Value) bool { return v.Metric != metric })
		}
	}
	return by, true
}

// score is the run's score of a task.
func (d RunData) score(task string) (results.Score, bool) {
	for _, s := range d.Run.Scores {
		if s.Task == task {
			return s, true
		}
	}
	return results.Score{}, false
}
