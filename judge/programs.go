package judge

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/humaneval"
)

// Programs are the answers of one task of a run.
type Programs struct {
	Task   tasks.Task
	had    results.Score
	stored *eval.Stored
}

// Needed says whether one of the tasks has programs for answers.
func Needed(chosen []tasks.Task) bool {
	return slices.ContainsFunc(chosen, func(t tasks.Task) bool { _, ok := tasks.AsJudged(t); return ok })
}

// TaskNames are the tasks of the profiles that have programs for answers, each once.
func TaskNames(profiles []tasks.Profile) (names []string) {
	for _, p := range profiles {
		for _, t := range p.Tasks {
			if Needed([]tasks.Task{t}) && !slices.Contains(names, t.Spec().Name) {
				names = append(names, t.Spec().Name)
			}
		}
	}
	return names
}

// ReadPrograms reads those of a run's tasks from the samples in its directory; none where no task of the run has any. profile is
// the one that the run recorded.
func ReadPrograms(dir string, run results.Run, profile tasks.Profile) (list []Programs, err error) {
	for _, s := range run.Scores {
		t, ok := profile.Task(s.Task)
		if !ok || !Needed([]tasks.Task{t}) {
			continue
		}
		if s.SamplesFile == "" || s.SamplesFile != filepath.Base(s.SamplesFile) {
			return nil, fmt.Errorf("%s: %s has no samples file: nothing is there to judge", dir, s.Task)
		}
		name := filepath.Join(dir, s.SamplesFile)
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		stored, err := eval.ReadStored(name, file, t)
		if cerr := file.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Programs{t, s, stored})
	}
	return list, nil
}

// Complete is an error where a program has no verdict, or one that is about another program: to be asked before any task of a run
// is changed.
func (v *Verdicts) Complete(ctx context.Context, list []Programs) error {
	for _, p := range list {
		err := p.stored.Programs(func(program eval.Program, _ string) error {
			_, err := v.Judge(ctx, []eval.Program{program})
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.had.Task, err)
		}
	}
	return nil
}

// Scores has the programs judged, writes each task's samples with the verdicts to the file that open gives, and returns what the
// tasks then score.
func Scores(ctx context.Context, j eval.Judge, list []Programs, open func(task string) (eval.SampleFile, error)) (scores []results.Score, err error) {
	for _, p := range list {
		stream, err := open(p.had.Task)
		if err != nil {
			return nil, err
		}
		score, err := p.stored.Judged(ctx, j, p.had, stream)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.had.Task, err)
		}
		scores = append(scores, score)
	}
	return scores, nil
}

// Lines are programs to be judged elsewhere.
func Lines(list []Programs) (lines []Line, err error) {
	for _, p := range list {
		err := p.stored.Programs(func(program eval.Program, answer string) error {
			lines = append(lines, NewLine(humaneval.ProblemID(program.Doc), answer, program))
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.had.SamplesFile, err)
		}
	}
	return lines, nil
}
