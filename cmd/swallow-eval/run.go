package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/progress"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/tasks"
)

type runFlags struct {
	selection
	modelFlags
	chatFlags
	compatFlags
	segmenterFlags
	answerFlags
	timeFlags
	judgeFlags
	output string
	force  bool
	seed   string
	format formatFlag
}

func newRunCommand(c console) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [--tasks T] [--model M] [--data-dir D] [-o DIR]",
		Short: "Evaluate a model and print the table of scores",
		Long: `run evaluates a model on tasks and prints a table of scores with standard errors.

With -o it leaves run.json, the manifest of the run, and one samples_<task>.jsonl a task: every prompt, what the model
saw of it, what it answered and how that was scored. Two runs of the same data, model and numerics write the same
samples byte for byte.

A directory takes any number of runs of one kind: of the same profile, model, arithmetic, data and choice of documents. Their
tasks make one table, and a task that is run again has its new score. Anything else is refused with what differs; --force
then sets what is in the directory aside, into a new one beside it.

Without --model it evaluates the model smoke on the data smoke, which are both within this program: a test of the
program itself, of a few seconds, whose numbers compare with nothing else. --model smoke without --data-dir uses that
data too, and smoke-damaged is the same model with a fault that compare can find.`,
		Example: `  swallow-eval run
  swallow-eval run --tasks jcommonsenseqa,mgsm --model ./Swallow-7b-hf --data-dir ./data -o results/7b
  swallow-eval run --tasks en-all --model ./Swallow-7b-hf --data-dir ./data --limit 100`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c) },
	}
	f.selection.register(cmd, c)
	f.modelFlags.register(cmd)
	f.registerDraft(cmd)
	f.chatFlags.register(cmd)
	f.asksServers = true
	f.server.register(cmd.Flags())
	f.cluster.register(cmd.Flags())
	f.compatFlags.register(cmd)
	f.segmenterFlags.register(cmd)
	f.answerFlags.register(cmd)
	f.timeFlags.register(cmd)
	f.judgeFlags.register(cmd)
	f.format.register(cmd)
	cmd.Flags().StringVarP(&f.output, "output-path", "o", "", "directory for run.json and the samples")
	cmd.Flags().BoolVar(&f.force, "force", false, "where -o holds another run, set it aside as <directory>.old<n> first")
	cmd.Flags().StringVar(&f.seed, "seed", "", "accepted; scores depend on no seed, and those of HumanEval on seeds of their own")
	return cmd
}

func (f *runFlags) run(cmd *cobra.Command, c console) (err error) {
	if err := f.compatFlags.check(cmd, c, &f.modelFlags); err != nil {
		return err
	}
	if err := f.defaults(cmd, c); err != nil {
		return err
	}
	if err := errors.Join(f.modelFlags.check(), f.chatFlags.check(f.model), f.timeFlags.check(f.model)); err != nil {
		return err
	}
	opt, err := f.options(cmd, c)
	if err != nil {
		return err
	}
	if opt.Env, err = f.segmenterFlags.env(opt.Tasks); err != nil {
		return err
	}
	if f.dryRun {
		if err := f.gather(cmd.Context(), c, &opt); err != nil {
			return err
		}
		return f.plan(cmd, c, opt)
	}
	if opt.Judge, err = f.judgeFlags.open(cmd.Context(), opt.Tasks); err != nil {
		return err
	}
	opt.Unjudged = unjudged
	out, err := f.openFolder(c, opt)
	defer func() { err = errors.Join(err, out.Close()) }()
	if err != nil {
		return err
	}
	opt.Open = func(task string) (eval.SampleFile, error) { return out.Samples(task) }
	if err := f.gather(cmd.Context(), c, &opt); err != nil {
		return err
	}
	if err := f.admitData(c, out, opt); err != nil {
		return err
	}
	return f.ask(cmd.Context(), c, out, opt)
}

// gather fetches what is small of the model, and the data. Only now is anything fetched, the cheap before the dear: what is wrong
// with the command line has been said.
func (f *runFlags) gather(ctx context.Context, c console, opt *eval.Options) (err error) {
	if err := f.modelFlags.prepare(ctx, c); err != nil {
		return err
	}
	if opt.Profile, opt.Tasks, err = f.chatFlags.in(ctx, c, &f.modelFlags, opt.Profile, opt.Tasks); err != nil {
		return err
	}
	opt.Source, err = f.data(ctx, c, opt.Tasks, f.network)
	return err
}

// ask has the model answer, and shows what came of it.
func (f *runFlags) ask(ctx context.Context, c console, out *folder.Folder, opt eval.Options) error {
	m, err := f.modelFlags.open(ctx, c)
	if err != nil {
		return err
	}
	shown := progress.Of(c.err, func(ctx context.Context) []eval.Share { return eval.Shares(ctx, opt, m.Budget()) })
	opt.Progress = shown
	opt.Env.Pieces, opt.Env.PiecesDigest = m.Pieces, m.Identity().TokenizerDigest
	if err := f.admit(c, out, f.planned(opt, m.Identity())); err != nil {
		return errors.Join(err, m.Close())
	}
	asked, end, err := f.remembering(c, m)
	if err != nil {
		return errors.Join(err, m.Close())
	}
	run, err := f.evaluate(ctx, asked, opt)
	shown.Close()
	counts, cerr := end()
	run.Answers = counts
	err = errors.Join(err, cerr, m.Close())
	if run.Profile == "" || run.Finished.IsZero() {
		return err // nothing was evaluated
	}
	return errors.Join(err, f.finish(c, out, run, opt, err == nil))
}

// finish writes the manifest of the folder with what was run, and shows it. That a task has no number is an error where
// nothing else has been said.
func (f *runFlags) finish(c console, out *folder.Folder, run results.Run, opt eval.Options, quiet bool) error {
	run.Tool = tool()
	run.AllowUnpinnedData = f.allowUnpinned
	run.Chat = f.chatFlags.record()
	run.Own = owntasks.Records(f.own)
	if f.invented {
		run.InventedData = smokedata.Name
	}
	all := out.Join(run, tasks.Names(opt.Tasks), tasks.Names(opt.Profile.Tasks))
	all.Groups = results.Averages(all, owntasks.Groups(f.own))
	verified, err := keep(c, out, all, opt.Profile, f.format)
	if verified == nil {
		return err
	}
	if _, werr := fmt.Fprintln(c.err, *verified); werr != nil {
		err = errors.Join(err, werr)
	}
	if err == nil && quiet && !run.Complete() {
		return &codedError{exitIncomplete, fmt.Errorf("%s without a number", strings.Join(run.Holes(), ", "))}
	}
	return err
}

// options gathers everything that can be wrong before a model is loaded.
func (f *runFlags) options(cmd *cobra.Command, c console) (eval.Options, error) {
	var o eval.Options
	p, chosen, err := f.choose(c)
	if err != nil {
		return o, err
	}
	if err := owntasks.Answerable(chosen); err != nil {
		return o, err
	}
	limit, err := eval.ParseLimit(f.limit)
	if err != nil {
		return o, err
	}
	shots, err := f.shots(cmd)
	if err != nil {
		return o, err
	}
	samples, err := eval.ParseSamples(f.samples, chosen)
	if err != nil {
		return o, err
	}
	if samples != nil && f.limit != "" {
		return o, errors.New("--samples and --limit exclude each other")
	}
	if samples != nil {
		chosen = eval.Sampled(chosen, samples)
	}
	return eval.Options{
		Profile: f.named(p), Tasks: chosen, Shots: shots, Limit: limit, Samples: samples, Now: time.Now,
	}, nil
}
