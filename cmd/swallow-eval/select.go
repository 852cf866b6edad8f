package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/owntasks/fetch"
	"github.com/swallow-eval/swallow-eval/tasks"
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
	invented      bool // the data are those within this program
	includePath   string
	own           []owntasks.File // the task files that were chosen
}

func (s *selection) register(cmd *cobra.Command, c console) {
	f := cmd.Flags()
	s.registerProfile(f, c)
	s.registerData(cmd)
	f.StringSliceVarP(&s.tasks, "tasks", "t", nil, "tasks, groups (ja-all, en-all, all), globs or task files (./mytask.yaml), separated by commas")
	f.StringVar(&s.includePath, "include-path", "", "folder of task files, whose tasks --tasks may name")
	f.IntVarP(&s.numFewshot, "num-fewshot", "f", -1, "number of examples in place of the profile's")
	f.StringVarP(&s.limit, "limit", "L", "", "first documents only: a count, or a fraction below 1")
	f.StringVarP(&s.samples, "samples", "E", "", `positions to evaluate, JSON: {"gsm8k":[0,5]} (or a file of it)`)
}

// registerProfile asks for the protocol.
func (s *selection) registerProfile(f *pflag.FlagSet, c console) {
	f.StringVar(&s.profile, "profile", c.known()[0].Name, "evaluation protocol")
}

func (s *selection) registerData(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.dataDir, "data-dir", "", "folder of the benchmark files, laid out <dataset>/<file> (default: the folder fetch fills), or smoke for the invented data within this program")
	f.BoolVar(&s.allowUnpinned, "allow-unpinned-data", false, "use data files that differ from the pinned originals (every output says so)")
}

// registerNoNetwork accepts --offline where it goes without saying.
func registerNoNetwork(cmd *cobra.Command, offline *bool) {
	cmd.Flags().BoolVar(offline, "offline", false, "accepted; this command opens no network connection")
}

// open returns the profile that --profile names, for the data at hand.
func (s *selection) open(c console) (tasks.Profile, error) {
	p, err := c.profile(s.profile)
	if err == nil && s.invented {
		p = p.OnInvented()
	}
	return p, err
}

// choose returns the profile and the chosen tasks in table order.
func (s *selection) choose(c console) (tasks.Profile, []tasks.Task, error) {
	p, err := s.open(c)
	if err != nil {
		return p, nil, err
	}
	if len(s.tasks) == 0 {
		return p, nil, errors.New("no --tasks given: name tasks or a group such as ja-all; swallow-eval list tasks shows them")
	}
	chosen, err := owntasks.Select(p, c.known(), s.tasks, s.includePath)
	s.own = chosen.Files
	return chosen.Profile, chosen.Tasks, err
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

// data opens the folder of benchmark files. Where the user named none, what is missing of the tasks' files is fetched
// first, unless offline.
func (s *selection) data(ctx context.Context, c console, chosen []tasks.Task, n network) (func() eval.Source, error) {
	if s.own == nil {
		return s.benchmarkData(ctx, c, chosen, n)
	}
	var inner func() eval.Source
	if others := owntasks.Others(chosen); len(others) > 0 {
		var err error
		if inner, err = s.benchmarkData(ctx, c, others, n); err != nil {
			return nil, err
		}
	}
	places, err := ownPlaces(ctx, c, s.own, n, false)
	if err != nil {
		return nil, err
	}
	return owntasks.Source(s.own, inner, s.allowUnpinned, places)
}

// ownPlaces fetches what the task files read from elsewhere.
func ownPlaces(ctx context.Context, c console, own []owntasks.File, n network, pinning bool) (owntasks.Places, error) {
	return fetch.Fetcher{
		Client: func() (*hub.Client, error) {
			client, _, err := hubClient(c, n)
			return client, err
		},
		Folder: func() (string, error) {
			dir, err := folders.Data("") // --data-dir is the benchmarks'
			return filepath.Join(dir, "own"), err
		},
		Pinning: pinning,
	}.Fetch(ctx, own)
}
