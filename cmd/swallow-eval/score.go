package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

type scoreFlags struct {
	from string
	modelFlags
	segmenterFlags
	selection
	format formatFlag
}

func newScoreCommand(c console) *cobra.Command {
	var f scoreFlags
	cmd := &cobra.Command{
		Use:   "score --from PATH",
		Short: "Score stored outputs again, without a model",
		Long: `score reads stored outputs, scores them again and compares with what the files record. PATH is a file, or a directory
that is searched for all of them:

  samples_<task>.jsonl           of swallow-eval
  result*.json, score_*.json     of the JP LM Evaluation Harness, with details
  output_*.json, or one file     of llm-jp-eval, with its scores
  <task>_write_out_info.json     of EleutherAI's harness of 2023, with its score.json
  samples_<task>_<date>.jsonl    of lm-eval 0.4, with its results_<date>.json

A document that cannot be scored is listed with the reason and left out, and n says so. What scores differently from
what a file records is listed too. In both cases, and where a series has no number, the exit code is 3.

XL-Sum's ROUGE-2 counts the tokens of the model that wrote the summaries: --model names its directory. Answers to
TriviaQA in a write-out file, and acc_norm there, need the data: --data-dir.`,
		Example: `  swallow-eval score --from results/7b
  swallow-eval score --from result.mgsm.json
  swallow-eval score --from lm-eval-output/ --format json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.from == "" {
				return errors.New("no --from given: name a result directory, a samples file or a result file")
			}
			return f.score(cmd.Context(), c)
		},
	}
	cmd.Flags().StringVar(&f.from, "from", "", "directory or file of stored outputs")
	f.registerModel(cmd)
	f.segmenterFlags.register(cmd)
	f.registerData(cmd)
	f.format.register(cmd)
	return cmd
}

func (f *scoreFlags) score(ctx context.Context, c console) error {
	found, err := findStored(f.from)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	s, err := f.scorer(ctx, c)
	if err != nil {
		return err
	}
	r, err := s.all(found)
	if err != nil {
		return err
	}
	if f.format.json() {
		err = writeJSON(c.out, r)
	} else {
		err = r.print(c.out)
	}
	if err != nil {
		return err
	}
	if problem := r.problem(); problem != "" {
		return &codedError{exitIncomplete, errors.New(problem)}
	}
	return nil
}

// scorer opens what the metrics need.
func (f *scoreFlags) scorer(ctx context.Context, c console) (*scorer, error) {
	f.settle("")
	profile := suite.Default()
	env, err := f.segmenterFlags.env(profile.Tasks)
	if err != nil {
		return nil, err
	}
	if f.model != "" {
		place, _, err := f.local(ctx, c, tokenizerOnly)
		if err != nil {
			return nil, err
		}
		tok, err := place.Tokenizer()
		if err != nil {
			return nil, fmt.Errorf("--model: %w", err)
		}
		env.Pieces = tok.Pieces
	}
	s := &scorer{profile: profile.Bind(env), documents: map[string][]tasks.Doc{}}
	if f.dataDir != "" {
		if s.data, err = f.data(ctx, c, nil, f.network); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// stored is a file of stored outputs.
type stored struct {
	path string
	kind results.Kind
	// broken says why a file of a directory is not JSON.
	broken error
}

// findStored lists the files of stored outputs at path, in the order of their names, and the files of a directory that
// hold none. A file named by itself must hold some.
func findStored(path string) ([]stored, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if !info.Mode().IsRegular() { // it is read more than once
			return nil, fmt.Errorf("%s: neither a directory nor a regular file", path)
		}
		kind, err := results.DetectFile(path)
		switch {
		case err != nil:
			return nil, err
		case kind == results.KindUnknown || kind == results.KindRun || kind == results.KindAggregate:
			return nil, fmt.Errorf("%s: not stored outputs in a format that score --help lists", path)
		}
		return []stored{{path, kind, nil}}, nil
	}
	var list []stored
	err = fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error {
		file := filepath.Join(path, filepath.FromSlash(name))
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !slices.Contains([]string{".json", ".jsonl"}, filepath.Ext(name)):
			return nil
		}
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return err
		}
		kind, err := results.DetectFile(file)
		if kind == results.KindAggregate { // numbers alone
			kind = results.KindUnknown
		}
		list = append(list, stored{file, kind, err})
		return nil
	})
	if err == nil && !slices.ContainsFunc(list, func(s stored) bool { return s.kind != results.KindUnknown && s.kind != results.KindRun }) {
		err = fmt.Errorf("%s: no stored outputs in this directory", path)
	}
	return list, err
}

// scorer scores stored outputs.
type scorer struct {
	profile tasks.Profile
	// data opens the benchmark files, nil without --data-dir; documents are those read so far.
	data      func() eval.Source
	documents map[string][]tasks.Doc
	// aggregates are the result files without details, which record what files beside them score.
	aggregates []*aggregate
	llmjp      []*llmjpScores
}

// all scores every file. Files that only record scores come first, so that the others can be compared with them.
func (s *scorer) all(files []stored) (report, error) {
	r := report{Tasks: []scored{}}
	order := map[results.Kind]int{results.KindHarness: 1, results.KindLLMJPScores: 1, results.KindSamples: 2, results.KindLLMJP: 3, results.KindWriteOut: 4, results.KindLMEval: 5}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b stored) int { return order[a.kind] - order[b.kind] })
	for _, f := range files {
		var list []scored
		var err error
		switch f.kind {
		case results.KindHarness:
			list, err = s.harness(f.path)
		case results.KindLLMJPScores:
			err = s.llmjpScores(f.path)
		case results.KindSamples:
			list, err = s.samples(f.path)
		case results.KindLLMJP:
			list, err = s.llmjpOutputs(f.path)
		case results.KindWriteOut:
			list, err = s.writeOut(f.path)
		case results.KindLMEval:
			list, err = s.lmeval(f.path)
		case results.KindUnknown:
			if f.broken != nil {
				list = []scored{{File: f.path, Source: filepath.Base(f.path), Values: []scoredValue{}, Hole: f.broken.Error(), failed: f.broken}}
			} else {
				r.Ignored = append(r.Ignored, f.path)
			}
		}
		switch {
		case err != nil && len(files) == 1:
			return r, err
		case err != nil: // must not hide the others
			list = []scored{{File: f.path, Format: f.kind, Source: filepath.Base(f.path), Values: []scoredValue{}, Hole: err.Error(), failed: err}}
		}
		r.Tasks = append(r.Tasks, list...)
	}
	r.Tasks = append(r.Tasks, s.withoutOutputs()...)
	s.sort(r.Tasks)
	return r, nil
}

// sort puts the series in the order of folders, then of the published table, then of files.
func (s *scorer) sort(list []scored) {
	column := func(t scored) int {
		for i, known := range s.profile.Tasks {
			if known.Spec().Name == t.Task {
				return i
			}
		}
		return len(s.profile.Tasks)
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		if d := strings.Compare(filepath.Dir(a.File), filepath.Dir(b.File)); d != 0 {
			return d
		}
		if d := column(a) - column(b); d != 0 {
			return d
		}
		return strings.Compare(a.File, b.File)
	})
}

// task returns the profile's task that a harness knows by that name.
func (s *scorer) task(reference string, harness tasks.Protocol) (tasks.Task, bool) {
	for _, t := range s.profile.Tasks {
		if spec := t.Spec(); spec.Reference == reference && spec.Protocol == harness {
			return t, true
		}
	}
	return nil, false
}

// without are the flags that fill a task's hole, where the hole itself does not name them.
var without = map[string]string{"xlsum": "; --model DIR names its directory"}

// holeOf says why a task has no metric, "" where it has.
func holeOf(spec tasks.Spec) string {
	if len(spec.Metrics) > 0 {
		return ""
	}
	return spec.Hole + without[spec.Name]
}

// docs returns a task's documents in evaluation order, from --data-dir.
func (s *scorer) docs(t tasks.Task) ([]tasks.Doc, error) {
	name := t.Spec().Name
	if docs, ok := s.documents[name]; ok {
		return docs, nil
	}
	docs, err := t.Docs(s.data(), 0, tasks.Unlimited{})
	if err != nil {
		return nil, fmt.Errorf("--data-dir: %w", err)
	}
	s.documents[name] = docs
	return docs, nil
}
