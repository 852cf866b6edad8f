package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// selection is what run, prompts and show share: the profile, the tasks and where their data lie.
type selection struct {
	profile       string
	tasks         []string
	numFewshot    int
	limit         string
	samples       string
	dataDir       string
	allowUnpinned bool
}

func (s *selection) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.profile, "profile", profileSwallow2023, "evaluation protocol")
	s.registerData(cmd)
	f.StringSliceVarP(&s.tasks, "tasks", "t", nil, "tasks, groups (ja-all, en-all, all) or globs, separated by commas")
	f.IntVarP(&s.numFewshot, "num-fewshot", "f", -1, "number of examples in place of the profile's")
	f.StringVarP(&s.limit, "limit", "L", "", "first documents only: a count, or a fraction below 1")
	f.StringVarP(&s.samples, "samples", "E", "", `positions to evaluate, JSON: {"gsm8k":[0,5]} (or a file of it)`)
}

func (s *selection) registerData(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.dataDir, "data-dir", "", "folder of the benchmark files, laid out <dataset>/<file>")
	f.BoolVar(&s.allowUnpinned, "allow-unpinned-data", false, "use data files that differ from the pinned originals (every output says so)")
}

const profileSwallow2023 = "swallow-2023"

// open returns the profile with what the tasks' metrics need from outside.
func (s *selection) open(o suite.Options) (tasks.Profile, error) {
	p := suite.Swallow2023(o)
	if s.profile != p.Name {
		return p, fmt.Errorf("unknown profile %q: the profile of this build is %s", s.profile, p.Name)
	}
	return p, nil
}

// choose returns the chosen tasks in table order.
func (s *selection) choose(o suite.Options) ([]tasks.Task, error) {
	p, err := s.open(o)
	if err != nil {
		return nil, err
	}
	if len(s.tasks) == 0 {
		return nil, errors.New("no --tasks given: name tasks or a group such as ja-all; swallow-eval list tasks shows them")
	}
	return suite.Select(p, s.tasks)
}

// shots is the override of the number of examples, nil for none.
func (s *selection) shots(cmd *cobra.Command) (*int, error) {
	if !cmd.Flags().Changed("num-fewshot") {
		return nil, nil
	}
	if s.numFewshot < 0 {
		return nil, fmt.Errorf("--num-fewshot %d is negative", s.numFewshot)
	}
	return &s.numFewshot, nil
}

// data opens the folder of benchmark files.
func (s *selection) data() (func() eval.Source, error) {
	dir := s.dataDir
	if dir == "" {
		return nil, errors.New("no --data-dir given: this build reads benchmark files from a local folder laid out <dataset>/<file>; swallow-eval list datasets shows which")
	}
	d, err := datasets.Open(dir, s.allowUnpinned)
	if err != nil {
		return nil, err
	}
	return func() eval.Source { return source{d.Recorder()} }, nil
}

// source adapts the data sets' record of files to the results' words.
type source struct{ *datasets.Recorder }

func (s source) Files() []results.DataFile {
	var files []results.DataFile
	for _, f := range s.Recorder.Files() {
		files = append(files, results.DataFile{
			Dataset: f.Dataset, Split: f.Split, Path: f.Path, SHA256: f.SHA256, Rows: f.Rows, ExpectedRows: f.Expected, State: string(f.State),
		})
	}
	return files
}

// modelDir checks that --model names a directory this build can read and explains what else it may be.
func modelDir(model string) (string, error) {
	if model == "" {
		return "", errors.New("no --model given: name a directory in Hugging Face layout (config.json, *.safetensors, tokenizer.model)")
	}
	info, err := os.Stat(model)
	switch {
	case err == nil && info.IsDir():
		return model, nil
	case err == nil:
		return "", fmt.Errorf("--model %s is a file: name the directory that holds it beside its config.json and tokenizer", model)
	}
	if id, ok := aliases.hubID(model); ok {
		return "", fmt.Errorf("--model %s is %s: download it and give its directory", model, id)
	}
	switch model {
	case "hf", "hf-causal", "hf-causal-experimental", "vllm", "local-completions", "gguf", "openai":
		return "", fmt.Errorf("--model %s is another harness's backend: the engine is built in, give --model the directory of a model", model)
	}
	if strings.Count(model, "/") == 1 && !strings.HasPrefix(model, ".") && !filepath.IsAbs(model) {
		return "", fmt.Errorf("--model %s: no such directory; if it is a hub id, download it and give its directory", model)
	}
	return "", fmt.Errorf("--model %s: no such directory", model)
}
