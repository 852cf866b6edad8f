package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// margins are how far the model smoke must stay above chance, on the scale of the table. Chance is what the model's own
// answers score when each is given to another question. docs/smoke.md has the distances themselves.
var margins = map[string]float64{
	"jcommonsenseqa": 0.50, "jemhopqa": 0.60, "niilc": 0.80, "jsquad": 0.40, "xlsum": 0.70, "mgsm": 0.80,
	"wmt20-en-ja": 0.80, "wmt20-ja-en": 0.80, "openbookqa": 0.50, "triviaqa": 0.80, "hellaswag": 0.60, "squad2": 0.45,
	"xwino": 0.40, "gsm8k": 0.80,
}

// aboveChance asserts that every task of the run in a folder is above chance by its margin.
func aboveChance(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: abovechance DIR")
	}
	dir := ts.MkAbs(args[0])
	run, err := results.ReadRun(dir)
	ts.Check(err)
	files, _, err := smokemodel.Files(smokemodel.Name)
	ts.Check(err)
	tok, err := embedded.Location{Files: files}.Tokenizer()
	ts.Check(err)
	seg := segmenterFlags{segmenter: "mecab"}
	env, err := seg.env(suite.Default().Tasks)
	ts.Check(err)
	env.Pieces = tok.Pieces
	profile := suite.Default().Bind(env)
	if len(run.Scores) != len(profile.Tasks) {
		ts.Fatalf("%d tasks, want %d", len(run.Scores), len(profile.Tasks))
	}
	for i, s := range run.Scores {
		chance, err := chanceOf(filepath.Join(dir, s.SamplesFile), profile.Tasks[i].Spec().Metrics[0])
		ts.Check(err)
		v := s.Values[0]
		ts.Logf("%-16s score %.4f chance %.4f", s.Task, v.Value/v.Max, chance/v.Max)
		if v.Value/v.Max < chance/v.Max+margins[s.Task] {
			ts.Fatalf("%s: %.4f is not %.2f above chance (%.4f)", s.Task, v.Value/v.Max, margins[s.Task], chance/v.Max)
		}
	}
}

// chanceOf is the mean score of the answers in a file of samples when they are shifted by every number of questions.
func chanceOf(file string, m metrics.Metric) (float64, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var outputs []string
	var targets [][]string
	if err := results.ReadSamples(file, f, func(s results.Sample) error {
		if len(s.Marks) == 0 {
			return fmt.Errorf("position %d has no marks", s.Position)
		}
		outputs, targets = append(outputs, s.Marks[0].Output), append(targets, s.Targets)
		return nil
	}); err != nil {
		return 0, err
	}
	n, total := len(outputs), 0.0
	for shift := 1; shift < n; shift++ {
		stats := make([]metrics.Stat, n)
		for i := range stats {
			stats[i] = m.Each(outputs[(i+shift)%n], targets[i])
		}
		total += m.Score(stats)
	}
	return total / float64(n-1), nil
}
