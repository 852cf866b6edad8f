package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/owntasks"
)

// settle decides whether the data are those within this program: where --data-dir names them, and where no --data-dir is
// given and the model is one of the program's own.
func (s *selection) settle(model string) {
	s.invented = s.dataDir == smokedata.Name || s.dataDir == "" && slices.Contains(smokemodel.Names(), model)
	s.invented = s.invented && !s.onlyFiles() // the data of task files are the user's
}

// onlyFiles says whether --tasks names nothing but tasks of task files. A file that cannot be read says so when it is chosen.
func (s *selection) onlyFiles() bool {
	rest, chosen, _, err := owntasks.Choose(s.tasks, s.includePath)
	return err == nil && len(rest) == 0 && len(chosen) > 0
}

// inventedData opens the data within this program.
func (s *selection) inventedData() (*datasets.Dir, error) {
	d, err := smokedata.Open()
	if err != nil {
		return nil, fmt.Errorf("--data-dir %s: %w", smokedata.Name, err)
	}
	return d, nil
}

// defaults makes a run without a model one of the program's own model on its own data, and a run of that model without
// tasks one of all tasks.
func (f *runFlags) defaults(cmd *cobra.Command, c console) error {
	if f.model == "" {
		if f.dataDir != "" && f.dataDir != smokedata.Name {
			return errors.New("--data-dir without --model: name the model that is to be asked")
		}
		f.model = smokemodel.Name
		on := ", on invented data"
		if f.onlyFiles() {
			on = ""
		}
		if _, err := fmt.Fprintln(c.err, "no --model given: the model smoke, which is in this program"+on); err != nil {
			return err
		}
	}
	f.settle(f.model)
	if f.onlyFiles() && !cmd.Flags().Changed("ja-segmenter") {
		f.segmenter = "mecab"
	}
	if !f.invented {
		return nil
	}
	if len(f.tasks) == 0 {
		f.tasks = []string{"all"}
	}
	// The published column's segmenter is not in this program, and a smoke test fetches nothing.
	if !cmd.Flags().Changed("ja-segmenter") {
		f.segmenter = "mecab"
	}
	// What is asked is asked every time: that is what the data are for.
	if f.answerFlags.dir == "" {
		f.answerFlags.off = true
	}
	return nil
}
