package eval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Stored is a task's stored samples whose answers are programs.
type Stored struct {
	task    tasks.Task
	made    tasks.Judged
	samples []results.Sample
}

// ErrNoPrograms is returned, wrapped, for a task whose answers are no programs.
var ErrNoPrograms = errors.New("its answers are no programs")

// ReadStored reads a samples file of a task.
func ReadStored(file string, r io.Reader, t tasks.Task) (*Stored, error) {
	made, ok := tasks.AsJudged(t)
	if !ok {
		return nil, fmt.Errorf("%s: %w", t.Spec().Name, ErrNoPrograms)
	}
	s := &Stored{task: t, made: made}
	err := results.ReadSamples(file, r, func(sample results.Sample) error {
		switch {
		case sample.Task != t.Spec().Name:
			return fmt.Errorf("a sample of %s among those of %s", sample.Task, t.Spec().Name)
		case len(sample.Exchanges) == 0 || len(sample.Targets) == 0:
			return fmt.Errorf("document %s has no targets or no exchanges", sample.DocID)
		case sample.Exchanges[0].Prompt == "":
			return fmt.Errorf("document %s has no prompt, which its programs begin with: this is no samples file of a run", sample.DocID)
		}
		for i, x := range sample.Exchanges {
			if x.Text == nil {
				return fmt.Errorf("document %s: exchange %d has no answer", sample.DocID, i)
			}
		}
		s.samples = append(s.samples, sample)
		return nil
	})
	if err == nil && len(s.samples) == 0 {
		err = fmt.Errorf("%s: no samples", file)
	}
	return s, err
}

// each rebuilds documents and responses.
func (s *Stored) each(yield func(d tasks.Doc, responses []tasks.Response) error) error {
	for _, sample := range s.samples {
		d := tasks.Doc{Input: sample.Exchanges[0].Prompt, Target: sample.Target, Targets: sample.Targets, Fault: sample.Fault}
		if err := json.Unmarshal(sample.DocID, &d.ID); err != nil {
			return err
		}
		if hash := DocHash(d); hash != sample.DocHash {
			return fmt.Errorf("document %s: prompt and targets are not those of its doc_hash: the file was changed", sample.DocID)
		}
		if err := yield(d, Responses(sample)); err != nil {
			return err
		}
	}
	return nil
}

// Programs are the answers as programs, each with its own text alone beside it.
func (s *Stored) Programs(yield func(p Program, answer string) error) error {
	return s.each(func(d tasks.Doc, responses []tasks.Response) error {
		for k, text := range s.made.Programs(d, responses) {
			if err := yield(Program{s.task.Spec().Name, d.ID, k, text}, responses[k].Text); err != nil {
				return err
			}
		}
		return nil
	})
}

// Judged has the programs judged, and returns the score, which was had, with numbers. The samples with their verdicts
// are written to out.
func (s *Stored) Judged(ctx context.Context, j Judge, had results.Score, out SampleFile) (results.Score, error) {
	score, err := s.judged(ctx, j, had, out)
	if err != nil {
		return had, errors.Join(err, out.Keep())
	}
	return score, out.Commit(score.SamplesDigest)
}

func (s *Stored) judged(ctx context.Context, j Judge, had results.Score, out io.Writer) (results.Score, error) {
	if err := s.each(func(tasks.Doc, []tasks.Response) error { return nil }); err != nil {
		return had, err
	}
	verdicts, err := Verdicts(ctx, j, s.task.Spec().Name, s.made, func(yield func(tasks.Doc, []tasks.Response)) {
		_ = s.each(func(d tasks.Doc, r []tasks.Response) error { yield(d, r); return nil }) // it was walked above
	})
	if err != nil {
		return had, err
	}
	about := j.About()
	about.Count(verdicts)
	spec := s.task.Spec()
	stats, sum := make([][]metrics.Stat, len(spec.Metrics)), sha256.New()
	var line []byte
	for _, sample := range s.samples {
		for i := range sample.Exchanges {
			sample.Exchanges[i].Verdict, verdicts = verdicts[0], verdicts[1:]
		}
		sample.Marks = nil
		for k, output := range s.task.Outputs(tasks.Doc{}, Responses(sample)) {
			m := spec.Metrics[k]
			stat := m.Each(output, sample.Targets)
			stats[k] = append(stats[k], stat)
			sample.Marks = append(sample.Marks, results.Mark{Metric: m.Name, Output: output, Stat: stat})
		}
		if line, err = results.AppendSample(line[:0], sample); err != nil {
			return had, err
		}
		if _, err := io.MultiWriter(out, sum).Write(line); err != nil {
			return had, err
		}
	}
	score := had
	score.Hole, score.Judge = "", &about
	give(&score, spec.Metrics, stats)
	score.SamplesDigest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return score, nil
}
