package lmeval

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Export is a run on its way into lm-eval's files.
type Export struct {
	// Dir is the run's own folder.
	Dir string
	Run results.Run
	// Profile is the profile's name, Tasks are its tasks.
	Profile string
	Tasks   []tasks.Task
	// Metrics are a task's metrics for statistics that are stored.
	Metrics func(task string) []metrics.Metric
	// Source opens the data that the run was made of; it is needed for samples alone.
	Source func() tasks.Source
}

// Write writes the samples of all tasks. They appear together: where one fails, none does.
func (e *Export) Write(ctx context.Context, jobs []*Job) (exported []TaskResult, err error) {
	var open []*atomicfile.Stream
	defer func() {
		for _, s := range open {
			err = errors.Join(err, s.Discard())
		}
	}()
	for _, j := range jobs {
		if j.Target != "" {
			s, err := atomicfile.NewStream(j.Target)
			if err != nil {
				return nil, fmt.Errorf("--output-path: %w", err)
			}
			open = append(open, s)
			if err := e.samples(ctx, j, s); err != nil {
				return nil, fmt.Errorf("%s: %w", j.task.Spec().Name, err)
			}
		}
		exported = append(exported, j.out)
	}
	for len(open) > 0 {
		s := open[0]
		open = open[1:]
		if err := s.Commit(); err != nil {
			return nil, err
		}
	}
	return exported, nil
}

// Job is one task of it.
type Job struct {
	export *Export
	task   tasks.Task
	name   string
	score  results.Score
	// Target is the samples file to write, "" for none.
	Target string
	out    TaskResult
}

// Jobs finds out what there is to write.
func (e *Export) Jobs(target func(name string) string, noSamples bool) ([]*Job, error) {
	var jobs []*Job
	for _, s := range e.Run.Scores {
		j, err := e.job(s, target, noSamples)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// job finds out what there is to write of one task. A task that is none of the profile's goes by its own name.
func (e *Export) job(s results.Score, target func(name string) string, noSamples bool) (*Job, error) {
	j := &Job{export: e, name: s.Task, score: s}
	i := slices.IndexFunc(e.Tasks, func(t tasks.Task) bool { return t.Spec().Name == s.Task })
	switch {
	case i >= 0:
		j.task, j.name = e.Tasks[i], named(e.Tasks[i].Spec())[0].Name
	case !noSamples && s.Hole == "":
		return nil, fmt.Errorf("the run's task %q is none of %s, so its data set's rows are not known (--no-samples exports the results alone)", s.Task, e.Profile)
	}
	j.out = TaskResult{Name: j.name, Score: s}
	if s.Hole != "" {
		for _, m := range e.Metrics(s.Task) {
			j.out.Expected = append(j.out.Expected, m.Name)
		}
		return j, nil
	}
	if noSamples {
		return j, nil
	}
	if s.SamplesFile == "" {
		return nil, fmt.Errorf("%s: the run kept no samples (--no-samples exports the results alone)", s.Task)
	}
	if s.SamplesFile != filepath.Base(s.SamplesFile) || !filepath.IsLocal(s.SamplesFile) {
		return nil, fmt.Errorf("%s: samples_file %q leads out of the run's folder", s.Task, s.SamplesFile)
	}
	j.Target = target(j.name)
	return j, nil
}

// sampleLine is where a sample stands in its file, and the document it answers.
type sampleLine struct {
	evaluatedRow
	size   int
	offset int64
	raw    json.RawMessage
}

// samples writes one task's samples in the order of lm-eval's doc_id.
func (e *Export) samples(ctx context.Context, j *Job, w io.Writer) error {
	rows, err := evaluatedRows(j.task, e.Source())
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(e.Dir, j.score.SamplesFile))
	if err != nil {
		return err
	}
	defer file.Close()
	lines, digest, err := indexSamples(file, rows)
	if err != nil {
		return err
	}
	if digest != j.score.SamplesDigest {
		return fmt.Errorf("%s is not the file that run.json names: its digest is %s", j.score.SamplesFile, digest)
	}
	slices.SortStableFunc(lines, func(a, b sampleLine) int { return cmp.Compare(a.row, b.row) })
	hashes := sha256.New()
	lacking := false
	var buf []byte
	for _, l := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		line := make([]byte, l.size)
		if _, err := file.ReadAt(line, l.offset); err != nil {
			return err
		}
		d, whole, err := j.document(l, line)
		if err != nil {
			return err
		}
		lacking = lacking || !whole
		var text string
		if buf, text, err = AppendSample(buf[:0], d); err != nil {
			return fmt.Errorf("document %s: %w", d.Sample.DocID, err)
		}
		hashes.Write([]byte(text))
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	j.out.Hash = hex.EncodeToString(hashes.Sum(nil))
	if lacking {
		j.out.Notes = append(j.out.Notes, "the data file lacks columns of the published data set, so doc_hash does not join with lm-eval's own files")
	}
	return nil
}

// indexSamples finds every line's row and the file's digest.
func indexSamples(r io.Reader, rows *rowIndex) ([]sampleLine, string, error) {
	sum := sha256.New()
	br := bufio.NewReaderSize(io.TeeReader(r, sum), 1<<20)
	var lines []sampleLine
	seen := map[int]bool{}
	for offset := int64(0); ; {
		line, err := br.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var head struct {
				DocID json.RawMessage `json:"doc_id"`
			}
			if err := json.Unmarshal(line, &head); err != nil {
				return nil, "", fmt.Errorf("sample %d: %w", len(lines)+1, err)
			}
			at, ok := rows.byID[string(head.DocID)]
			if !ok || seen[at.row] {
				return nil, "", fmt.Errorf("sample %d: document %s is none of %s, or comes twice: is --data-dir the run's data?", len(lines)+1, head.DocID, rows.file)
			}
			seen[at.row] = true
			lines = append(lines, sampleLine{at, len(line), offset, rows.raw[at.row]})
		}
		offset += int64(len(line))
		if err == io.EOF {
			return lines, "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
		}
		if err != nil {
			return nil, "", err
		}
	}
}

// document puts a sample together with its row. whole says that the row has all columns of the published data set.
func (j *Job) document(l sampleLine, line []byte) (d Document, whole bool, err error) {
	d.Row = l.row
	if err := json.Unmarshal(line, &d.Sample); err != nil {
		return d, false, err
	}
	fail := func(err error) error { return fmt.Errorf("document %s: %w", d.Sample.DocID, err) }
	if d.Sample.Task != j.score.Task || len(d.Sample.Targets) == 0 {
		return d, false, fail(errors.New("not a sample of this task with its targets"))
	}
	if eval.DocHash(l.doc) != d.Sample.DocHash {
		return d, false, fail(errors.New("the row in --data-dir is not the one that was evaluated"))
	}
	row, err := rowOf(j.task.Spec(), l.raw, l.doc)
	if err != nil {
		return d, false, fail(err)
	}
	d.Doc, d.Target = row.Doc, row.Target
	if d.Metrics, err = j.metrics(d); err != nil {
		return d, false, fail(err)
	}
	return d, row.Whole, nil
}
