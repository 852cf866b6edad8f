package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/store"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

// answerFlags say where a run remembers its answers. Running the same command again asks for no answer twice.
type answerFlags struct {
	dir string
	off bool
}

func (f *answerFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.dir, "use-cache", "c", "", "folder of remembered answers (default: the user's cache)")
	cmd.Flags().BoolVar(&f.off, "no-cache", false, "ask the model everything anew and remember nothing")
}

// check finds flags that exclude each other.
func (f *answerFlags) check() error {
	if f.off && f.dir != "" {
		return errors.New("--use-cache and --no-cache exclude each other")
	}
	return nil
}

// open opens the answer store of a model, nil where it is off: then nobody asks who the model is, for which all its weights
// are read.
func (f *answerFlags) open(identity func() results.Model) (*store.Store, error) {
	if err := f.check(); err != nil || f.off {
		return nil, err
	}
	dir, err := folders.Answers(f.dir)
	if err != nil {
		return nil, err
	}
	id := identity()
	return store.Open(dir, store.Identity{
		Weights: id.Digest, Tokenizer: id.TokenizerDigest, DType: id.DType, Numerics: id.Numerics, Window: id.Window,
	})
}

// remembering puts the answer store before a model, unless it is off. end closes the store, tells what it did and warns of what it did
// not believe.
func (f *answerFlags) remembering(c console, m eval.Model) (asked eval.Model, end func() (*results.Answers, error), err error) {
	s, err := f.open(m.Identity)
	if err != nil || s == nil {
		return m, func() (*results.Answers, error) { return nil, nil }, err
	}
	cached := eval.Cached(m, s)
	return cached, func() (*results.Answers, error) {
		counts := &results.Answers{Asked: cached.Asked(), Recalled: cached.Hits()}
		return counts, errors.Join(s.Close(), s.PrintUse(c.err, counts.Asked, counts.Recalled))
	}, nil
}

func newCacheCommand(c console) *cobra.Command {
	var dir string
	var format formatFlag
	cmd := &cobra.Command{
		Use:   "cache ls|verify|gc|export",
		Short: "Look after the remembered answers",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVarP(&dir, "use-cache", "c", "", "folder of remembered answers (default: the user's cache)")
	add := func(use, short string, run func(dir string) error) *cobra.Command {
		sub := &cobra.Command{Use: use, Short: short, Args: noArgs, RunE: func(*cobra.Command, []string) error {
			folder, err := folders.Answers(dir)
			if err != nil {
				return err
			}
			return run(folder)
		}}
		cmd.AddCommand(sub)
		return sub
	}
	ls := add("ls", "List the models whose answers are remembered", func(dir string) error { return cacheList(c, dir, format.json()) })
	format.register(ls)
	add("verify", "Check every byte", func(dir string) error { return cacheVerify(c, dir) })
	add("export", "Print all answers as JSONL", func(dir string) error { return store.Export(dir, c.out) })
	var age time.Duration
	var limit int64
	gc := add("gc", "Remove the oldest answers", func(dir string) error {
		if age <= 0 && limit <= 0 {
			return errors.New("say what may stay: --older-than 720h, --max-mib 1000 or both")
		}
		return cacheClean(c, dir, store.Keep{Age: age, Bytes: limit << 20, Now: time.Now()})
	})
	gc.Flags().DurationVar(&age, "older-than", 0, "remove what was last written longer ago than this")
	gc.Flags().Int64Var(&limit, "max-mib", 0, "remove the oldest beyond this size")
	return cmd
}

func cacheList(c console, dir string, asJSON bool) error {
	entries, err := store.List(dir)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(c.out, nonNil(entries))
	}
	return store.PrintEntries(c.out, entries)
}

func cacheVerify(c console, dir string) error {
	reports, err := store.Verify(dir)
	if err != nil {
		return err
	}
	bad, err := store.PrintReports(c.out, reports)
	if err != nil {
		return err
	}
	if bad > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("%d damages and conflicts: damaged answers are asked again", bad)}
	}
	return nil
}

func cacheClean(c console, dir string, keep store.Keep) error {
	removed, err := store.GC(dir, keep)
	for _, path := range removed {
		if _, werr := fmt.Fprintln(c.out, textsafe.Terminal(path)); werr != nil {
			return errors.Join(err, werr)
		}
	}
	return err
}
