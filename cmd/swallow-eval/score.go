package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

func newScoreCommand(c console) *cobra.Command {
	var from string
	var format formatFlag
	cmd := &cobra.Command{
		Use:   "score --from PATH",
		Short: "Score stored outputs again, without a model",
		Long: `score reads stored outputs and scores them again: a result directory or samples_*.jsonl of swallow-eval, or a result
file with details of the JP LM Evaluation Harness (result.mgsm.json). What scores differently from what the file
records is listed, and the exit code is then 3.`,
		Example: "  swallow-eval score --from results/7b\n  swallow-eval score --from result.mgsm.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if from == "" {
				return errors.New("no --from given: name a result directory, a samples file or a result file")
			}
			return scoreFrom(c, from, format)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "directory or file of stored outputs")
	format.register(cmd)
	return cmd
}

func scoreFrom(c console, path string, format formatFlag) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	if info.IsDir() {
		files, err := filepath.Glob(filepath.Join(path, "samples_*.jsonl"))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fmt.Errorf("--from %s: no samples_*.jsonl in this directory", path)
		}
		return rescoreSamples(c, files, format)
	}
	if filepath.Ext(path) == ".jsonl" {
		return rescoreSamples(c, []string{path}, format)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if results.IsJPResult(b) {
		return rescoreJP(c, path, b, format)
	}
	return fmt.Errorf("--from %s: neither samples (*.jsonl) nor a result file of the JP harness", path)
}

// rescoreSamples scores our own samples, tasks in table order.
func rescoreSamples(c console, files []string, format formatFlag) error {
	profile := suite.Swallow2023(suite.Options{})
	find := func(name string) (tasks.Task, error) {
		for _, t := range profile.Tasks {
			if t.Spec().Name == name {
				return t, nil
			}
		}
		return nil, fmt.Errorf("no task %q in profile %s", name, profile.Name)
	}
	byTask := map[string]eval.Rescored{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		r, err := eval.Rescore(file, f, find)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		if _, twice := byTask[r.Task]; twice {
			return fmt.Errorf("%s: a second file of samples of %s", file, r.Task)
		}
		byTask[r.Task] = r
	}
	ordered := []eval.Rescored{}
	changed := 0
	for _, t := range profile.Tasks {
		if r, ok := byTask[t.Spec().Name]; ok {
			ordered = append(ordered, r)
			changed += len(r.Changed)
		}
	}
	if err := printRescored(c, ordered, format); err != nil {
		return err
	}
	if changed > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("%d outputs no longer score as recorded", changed)}
	}
	return nil
}

func printRescored(c console, list []eval.Rescored, format formatFlag) error {
	if format.json() {
		return writeJSON(c.out, map[string]any{"tasks": list})
	}
	rows := [][]string{}
	for _, r := range list {
		for _, v := range r.Values {
			rows = append(rows, []string{r.Title, v.Metric, decimal(v.Value / v.Max), stderrCell(v), strconv.Itoa(r.N), strconv.Itoa(len(r.Changed))})
		}
	}
	if err := writeRows(c.out, []string{"task", "metric", "score", "± stderr", "n", "changed"}, rows); err != nil {
		return err
	}
	for _, r := range list {
		for _, ch := range r.Changed {
			if _, err := fmt.Fprintf(c.out, "%s position %d: %s recorded %s, now %s\n", r.Task, ch.Position, ch.Metric,
				textsafe.Terminal(strconv.Quote(ch.Recorded)), textsafe.Terminal(strconv.Quote(ch.Now))); err != nil {
				return err
			}
		}
	}
	return nil
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

func stderrCell(v results.Value) string {
	if v.StdErr == nil {
		return ""
	}
	return "± " + decimal(*v.StdErr/v.Max)
}

// jpScore is one task of a JP harness file, scored again.
type jpScore struct {
	Task     string        `json:"task"`
	Source   string        `json:"source_task"`
	N        int           `json:"n"`
	Value    results.Value `json:"value"`
	Recorded struct {
		Acc    float64 `json:"acc"`
		StdErr float64 `json:"acc_stderr"`
	} `json:"recorded"`
	Identical bool       `json:"identical"`
	Records   []jpRecord `json:"records"`
}

type jpRecord struct {
	Position  int    `json:"position"`
	Extracted string `json:"extracted_answer"`
	Answer    string `json:"answer"`
	Correct   bool   `json:"acc"`
	Identical bool   `json:"identical"`
}

func rescoreJP(c console, path string, b []byte, format formatFlag) error {
	list, without, err := results.ParseJPResult(path, b)
	if err != nil {
		return err
	}
	scores := []jpScore{}
	same := true
	for _, r := range list {
		s, err := scoreJP(r)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		scores = append(scores, s)
		same = same && s.Identical
	}
	if format.json() {
		err = writeJSON(c.out, map[string]any{"tasks": scores, "without_details": nonNil(without)})
	} else {
		err = printJP(c, scores, without)
	}
	switch {
	case err != nil:
		return err
	case len(scores) == 0:
		return &codedError{exitIncomplete, fmt.Errorf("%s: no task in this file carries its outputs", path)}
	case !same:
		return &codedError{exitIncomplete, fmt.Errorf("%s: some records score differently from what the file says", path)}
	}
	return nil
}

func printJP(c console, scores []jpScore, without []string) error {
	rows := [][]string{}
	for _, s := range scores {
		verdict := "identical"
		if !s.Identical {
			verdict = "different"
		}
		rows = append(rows, []string{s.Source, s.Value.Metric, fmt.Sprint(s.Value.Value), stderrFull(s.Value), strconv.Itoa(s.N),
			fmt.Sprintf("%v ± %v", s.Recorded.Acc, s.Recorded.StdErr), verdict})
	}
	if err := writeRows(c.out, []string{"task", "metric", "score", "stderr", "n", "recorded", "verdict"}, rows); err != nil {
		return err
	}
	for _, s := range scores {
		for _, r := range s.Records {
			if !r.Identical {
				if _, err := fmt.Fprintf(c.out, "%s record %d: extracts %s now\n", s.Source, r.Position, textsafe.Terminal(r.Extracted)); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range without {
		if _, err := fmt.Fprintf(c.out, "* %s: the file holds no outputs to score\n", textsafe.Terminal(name)); err != nil {
			return err
		}
	}
	return nil
}

func stderrFull(v results.Value) string {
	if v.StdErr == nil {
		return ""
	}
	return fmt.Sprint(*v.StdErr)
}
