package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/fetch"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/verify"
)

func newVerifyCommand(c console) *cobra.Command {
	var s selection
	var seg segmenterFlags
	var format formatFlag
	var offline, strict bool
	cmd := &cobra.Command{
		Use:   "verify [tasks|data|nagisa] --data-dir D [--tasks T]",
		Short: "Prove that prompts and data are the reference's",
		Long: `verify tasks builds the requests of the tasks from your data files and compares them with digests in this binary:
the hashes that the reference harness's own tests record (for prompts without examples), hashes that its code gave when
it was executed, and the digests of all requests in the published setting. Where they differ, the first differing
document is named.

verify data compares the files below --data-dir with the pinned manifest. verify nagisa loads the model files in
--nagisa-dir and compares its words with published ones. Without an argument, data and tasks are verified.

The exit code is 3 where something differs or a file is missing, and with --strict also where something cannot be proven.`,
		ValidArgs: []string{"tasks", "data", "nagisa"},
		Args:      cobra.MatchAll(takes(0, 1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := "all"
			if len(args) == 1 {
				what = args[0]
			}
			var list []verify.Verdict
			var err error
			if what == "nagisa" {
				list, err = verifyNagisa(seg.nagisaDir)
			} else {
				list, err = s.verify(cmd, c, what)
			}
			if err != nil {
				return err
			}
			return printVerdicts(c, list, format, strict)
		},
	}
	s.registerData(cmd)
	registerNoNetwork(cmd, &offline)
	f := cmd.Flags()
	s.registerProfile(f, c)
	f.StringSliceVarP(&s.tasks, "tasks", "t", []string{"all"}, "tasks or groups to verify")
	f.BoolVar(&strict, "strict", false, "fail on what cannot be proven, too")
	f.StringVar(&seg.nagisaDir, "nagisa-dir", "", "folder of nagisa's model files")
	format.register(cmd)
	return cmd
}

func (s *selection) verify(cmd *cobra.Command, c console, what string) ([]verify.Verdict, error) {
	s.settle("")
	p, chosen, err := s.choose(c)
	if err != nil {
		return nil, err
	}
	places, err := ownPlaces(cmd.Context(), c, s.own, network{offline: true}, false)
	if err != nil {
		return nil, err
	}
	list, err := verify.Own(s.own, what, places)
	if err != nil {
		return nil, err
	}
	if chosen = owntasks.Others(chosen); len(chosen) == 0 {
		return list, nil
	}
	d, dir, err := s.looked(c)
	if err != nil {
		return nil, err
	}
	found, err := verify.Benchmarks(cmd.Context(), what, p, chosen, d, dir)
	return append(list, found...), err
}

// looked opens the data to be looked at, and says where they are.
func (s *selection) looked(c console) (*datasets.Dir, string, error) {
	if s.invented {
		d, err := s.inventedData()
		return d, "", err
	}
	// Everything may be looked at here: what is not pinned is then called so. Where nothing was fetched so far, every file is missing.
	return fetch.Open(c.splits(), s.dataDir, true, nil)
}

func verifyNagisa(dir string) ([]verify.Verdict, error) {
	dir, err := folders.Nagisa(dir)
	if err != nil {
		return nil, err
	}
	list, err := verify.Nagisa(dir)
	if err != nil {
		return nil, fmt.Errorf("--nagisa-dir: %w", err)
	}
	return list, nil
}

func printVerdicts(c console, list []verify.Verdict, format formatFlag, strict bool) error {
	write := verify.Write
	if format.json() {
		write = func(w io.Writer, list []verify.Verdict) error { return writeJSON(w, nonNil(list)) }
	}
	if err := write(c.out, list); err != nil {
		return err
	}
	if problem := verify.Problem(list, strict); problem != nil {
		return &codedError{exitIncomplete, problem}
	}
	return nil
}
