package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
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
TriviaQA in a write-out file, and acc_norm there, need the data: --data-dir. Samples of ours, and
those that export wrote, are scored under the profile that the file beside them names, all others under --profile.`,
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
	f.registerProfile(cmd.Flags(), c)
	f.registerModel(cmd)
	f.segmenterFlags.register(cmd)
	f.registerData(cmd)
	f.format.register(cmd)
	return cmd
}

func (f *scoreFlags) score(ctx context.Context, c console) error {
	found, err := interop.Find(f.from)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	s, err := f.scorer(ctx, c)
	if err != nil {
		return err
	}
	all, err := s.All(found)
	if err != nil {
		return err
	}
	r := interop.Report{Tasks: all.Series, Ignored: all.Ignored, Profiles: c.known()}
	if f.format.json() {
		err = writeJSON(c.out, r)
	} else {
		err = r.Write(c.out)
	}
	if err != nil {
		return err
	}
	if problem := r.Problem(); problem != "" {
		return &codedError{exitIncomplete, errors.New(problem)}
	}
	return nil
}

// protocol is the profile that --profile names, for outputs whose file names none; the first where there is no such flag.
func (f *scoreFlags) protocol(c console) (tasks.Profile, error) {
	if f.profile == "" {
		return c.known()[0], nil
	}
	return c.profile(f.profile)
}

// scorer opens what the metrics need.
func (f *scoreFlags) scorer(ctx context.Context, c console) (*interop.Scorer, error) {
	f.settle("")
	profile, err := f.protocol(c)
	if err != nil {
		return nil, err
	}
	env, err := f.segmenterFlags.env(profile.Tasks)
	if err != nil {
		return nil, err
	}
	if f.model != "" {
		place, _, err := f.local(ctx, c, local.Tokenizer)
		if err != nil {
			return nil, err
		}
		tok, err := place.Tokenizer()
		if err != nil {
			return nil, f.flagged(err)
		}
		env.Pieces, env.PiecesDigest = tok.Pieces, tok.Digest()
	}
	bound := profile.Bind(env)
	s := &series.Scorer{Profile: bound.Name, Tasks: bound.Tasks, Missing: holeOf}
	s.Other = func(run results.Run) ([]tasks.Task, error) {
		p, err := c.runProfiles().Recorded(run)
		return p.Bind(env).Tasks, err
	}
	if f.dataDir != "" {
		open, err := f.data(ctx, c, nil, f.network)
		if err != nil {
			return nil, err
		}
		s.Data = func() tasks.Source { return open() }
	}
	return interop.NewScorer(s), nil
}

// holeOf says why a task has no metric, "" where it has, with the flag that helps where the hole itself does not name it.
func holeOf(spec tasks.Spec) string {
	if len(spec.Metrics) > 0 {
		return ""
	}
	if spec.Lacks == metrics.ModelPieces {
		return spec.Hole + "; --model DIR names its directory"
	}
	return spec.Hole
}
