package compare

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	return load(path, func(s results.Sample) results.Sample { return s })
}

// LoadCondensed is Load with a digest in place of every request, most of what samples hold: a comparison of two such runs
// needs a third of the memory, and finds as much, but of requests that differ it cannot say in what.
func LoadCondensed(path string) (RunData, error) {
	return load(path, condensed)
}

func condensed(s results.Sample) results.Sample {
	c := results.Condensed(s)
	c.Choices, c.Target, c.Targets = s.Choices, s.Target, s.Targets // what a changed document is shown with
	return c
}

// LoadOriginals is LoadCondensed with the means to read any of the samples whole again.
func LoadOriginals(path string) (RunData, *Originals, error) {
	o := &Originals{files: map[string]*original{}}
	d, err := loadAt(path, condensed, o.note)
	if err != nil {
		return d, nil, errors.Join(err, o.Close())
	}
	return d, o, nil
}

func load(path string, kept func(results.Sample) results.Sample) (RunData, error) {
	return loadAt(path, kept, nil)
}

// loadAt tells note where each sample stands, where there is one.
func loadAt(path string, kept func(results.Sample) results.Sample, note func(file string, s results.Sample, at int64, length int) error) (RunData, error) {
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
		list := make([]results.Sample, 0, s.N&0xfffff)
		file := filepath.Join(dir, s.SamplesFile)
		err := readSamples(file, s.SamplesDigest, func(x results.Sample, at int64, length int) error {
			if x.Task != s.Task {
				return fmt.Errorf("a sample of %s among those of %s", x.Task, s.Task)
			}
			if note != nil {
				if err := note(file, x, at, length); err != nil {
					return err
				}
			}
			list = append(list, kept(x))
			return nil
		})
		if err != nil {
			return d, err
		}
		if len(list) > 0 {
			d.Samples[s.Task] = list
		}
	}
	return d, nil
}

// readSamples reads a file line by line and then holds its digest to the manifest's, which comes before what is wrong
// with a line: a file of another run is not to be mended.
func readSamples(name, digest string, each func(s results.Sample, at int64, length int) error) error {
	r, err := openSamples(name)
	if err != nil {
		return err
	}
	h := sha256.New()
	problem := results.ReadSamplesAt(name, io.TeeReader(r, h), each)
	if problem != nil {
		_, err = io.Copy(h, r)
	}
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if got := "sha256:" + hex.EncodeToString(h.Sum(nil)); digest != "" && got != digest {
		return fmt.Errorf("%s: digest %s is not the %s of %s", name, got, digest, results.RunFile)
	}
	return problem
}

// openSamples opens a file of samples; one that is compressed is small and is decompressed whole.
func openSamples(name string) (io.ReadCloser, error) {
	if ext := filepath.Ext(name); ext != results.CondensedSuffix && ext != ".gz" {
		return os.Open(name)
	}
	b, err := results.ReadSamplesFile(name)
	return io.NopCloser(bytes.NewReader(b)), err
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
