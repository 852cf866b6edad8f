package main

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
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// lmeval writes the files of lm-eval 0.4.
func (f *exportFlags) lmeval(ctx context.Context, c console, runPath string, run results.Run) error {
	if f.output == "" {
		return errors.New("lm-eval's files need a folder: -o DIR")
	}
	profile, err := c.profile(run.Profile)
	if err != nil {
		return fmt.Errorf("%s: profile %q is none of this build", runPath, run.Profile)
	}
	if run.Baseline && !f.noSamples {
		return fmt.Errorf("%s: a baseline keeps no prompts: export the run itself, or the results alone with --no-samples", runPath)
	}
	if run.InventedData != "" {
		profile = profile.OnInvented()
	}
	e := lmevalExport{runDir: runPath, run: run, profile: profile}
	if info, err := os.Stat(runPath); err == nil && !info.IsDir() {
		e.runDir = filepath.Dir(runPath)
	}
	dir, aggregate := filepath.Join(f.output, results.SanitizedModelName(run.Model.Name)), "results_"
	if filepath.Ext(f.output) == ".json" {
		dir = filepath.Dir(f.output)
		aggregate = strings.TrimSuffix(filepath.Base(f.output), ".json") + "_"
	}
	date := results.LMEvalDate(run)
	aggregate = filepath.Join(dir, aggregate+date+".json")
	jobs, err := e.jobs(func(name string) string { return filepath.Join(dir, "samples_"+name+"_"+date+".jsonl") }, f.noSamples)
	if err != nil {
		return err
	}
	targets := []string{aggregate}
	for _, j := range jobs {
		if j.target != "" {
			targets = append(targets, j.target)
		}
	}
	if err := f.free(targets...); err != nil {
		return err
	}
	if len(targets) > 1 {
		d, err := f.rows(c, run)
		if err != nil {
			return fmt.Errorf("samples hold the data set's rows (--data-dir, or --no-samples for the results alone): %w", err)
		}
		e.source = func() eval.Source { return source{d.Recorder()} }
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--output-path: %w", err)
	}
	exported, err := e.write(ctx, c, jobs)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(aggregate, func(w io.Writer) error { return results.WriteLMEvalResults(w, run, exported) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.err, "wrote %s and %d files of samples\n", textsafe.Terminal(aggregate), len(targets)-1)
	return err
}

// rows opens the data that the run was made of.
func (f *exportFlags) rows(c console, run results.Run) (*datasets.Dir, error) {
	if run.InventedData != "" {
		return f.inventedData()
	}
	folder, err := f.dataFolder()
	if err != nil {
		return nil, err
	}
	// Other data than the run's are told by the documents' hashes, so the pins need not be asked.
	return datasets.OpenAs(c.splits(), folder, true)
}

// lmevalExport is a run on its way into lm-eval's files.
type lmevalExport struct {
	runDir  string
	run     results.Run
	profile tasks.Profile
	source  func() eval.Source
}

// write writes the samples of all tasks. They appear together: where one fails, none does.
func (e *lmevalExport) write(ctx context.Context, c console, jobs []*lmevalJob) (exported []results.LMEvalTask, err error) {
	var open []*atomicfile.Stream
	defer func() {
		for _, s := range open {
			err = errors.Join(err, s.Discard())
		}
	}()
	for _, j := range jobs {
		if j.target != "" {
			s, err := atomicfile.NewStream(j.target)
			if err != nil {
				return nil, fmt.Errorf("--output-path: %w", err)
			}
			open = append(open, s)
			if err := e.samples(ctx, j, s); err != nil {
				return nil, fmt.Errorf("%s: %w", j.task.Spec().Name, err)
			}
		}
		for _, n := range j.out.Notes {
			if _, err := fmt.Fprintf(c.err, "%s: %s\n", j.out.Name, textsafe.Terminal(n)); err != nil {
				return nil, err
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

// lmevalJob is one task of it.
type lmevalJob struct {
	task  tasks.Task
	rows  lmevalRows
	score results.Score
	// target is the samples file to write, "" for none.
	target string
	out    results.LMEvalTask
}

// jobs finds out what there is to write.
func (e *lmevalExport) jobs(target func(name string) string, noSamples bool) ([]*lmevalJob, error) {
	var jobs []*lmevalJob
	for _, s := range e.run.Scores {
		i := slices.IndexFunc(e.profile.Tasks, func(t tasks.Task) bool { return t.Spec().Name == s.Task })
		if i < 0 {
			return nil, fmt.Errorf("the run's task %q is none of %s", s.Task, e.profile.Name)
		}
		j := &lmevalJob{task: e.profile.Tasks[i], rows: lmevalRowsOf(s.Task), score: s}
		j.out = results.LMEvalTask{Name: j.rows.name, Score: s}
		if s.Hole != "" {
			for _, m := range columnMetrics(s.Task) {
				j.out.Expected = append(j.out.Expected, m.Name)
			}
		} else if !noSamples {
			if s.SamplesFile == "" {
				return nil, fmt.Errorf("%s: the run kept no samples (--no-samples exports the results alone)", s.Task)
			}
			if s.SamplesFile != filepath.Base(s.SamplesFile) || !filepath.IsLocal(s.SamplesFile) {
				return nil, fmt.Errorf("%s: samples_file %q leads out of the run's folder", s.Task, s.SamplesFile)
			}
			j.target = target(j.rows.name)
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// sampleLine is where a sample stands in its file.
type sampleLine struct {
	row, size int
	offset    int64
	raw       json.RawMessage
}

// samples writes one task's samples in the order of lm-eval's doc_id.
func (e *lmevalExport) samples(ctx context.Context, j *lmevalJob, w io.Writer) error {
	rows, err := evaluatedRows(j.task, e.source())
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(e.runDir, j.score.SamplesFile))
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
		if buf, text, err = results.AppendLMEvalSample(buf[:0], d); err != nil {
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
			row, ok := rows.byID[string(head.DocID)]
			if !ok || seen[row] {
				return nil, "", fmt.Errorf("sample %d: document %s is none of %s, or comes twice: is --data-dir the run's data?", len(lines)+1, head.DocID, rows.file)
			}
			seen[row] = true
			lines = append(lines, sampleLine{row, len(line), offset, rows.raw[row]})
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
func (j *lmevalJob) document(l sampleLine, line []byte) (d results.LMEvalDocument, whole bool, err error) {
	d.Row = l.row
	if err := json.Unmarshal(line, &d.Sample); err != nil {
		return d, false, err
	}
	fail := func(err error) error { return fmt.Errorf("document %s: %w", d.Sample.DocID, err) }
	if d.Sample.Task != j.score.Task || len(d.Sample.Targets) == 0 {
		return d, false, fail(errors.New("not a sample of this task with its targets"))
	}
	docs, err := j.task.Docs(rowSource{l.raw}, 0, tasks.Unlimited{})
	if err != nil {
		return d, false, fail(err)
	}
	hash, err := eval.DocHash(docs[0])
	if err != nil {
		return d, false, fail(err)
	}
	if hash != d.Sample.DocHash {
		return d, false, fail(errors.New("the row in --data-dir is not the one that was evaluated"))
	}
	row, err := j.rows.of(l.raw, docs[0])
	if err != nil {
		return d, false, fail(err)
	}
	d.Doc, d.Target = row.doc, row.target
	if d.Metrics, err = documentMetrics(d); err != nil {
		return d, false, fail(err)
	}
	return d, row.whole, nil
}
