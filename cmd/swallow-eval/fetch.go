package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

func newFetchCommand(c console) *cobra.Command {
	var s selection
	var m modelFlags
	cmd := &cobra.Command{
		Use:   "fetch [--tasks T] [--model M] [--data-dir D]",
		Short: "Download data sets and models ahead, verified",
		Long: `fetch downloads what run would need. A model comes from the Hugging Face hub into the cache that its Python client uses
(HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and friends are honoured; what that client has downloaded is found). A data
set's files come from where they are published, into --data-dir. Every file is compared with the digest that the hub
announces or the manifest pins before it gets its name; an interrupted download goes on where it stopped.

Files whose original digest is not known are not fetched but named, with their address.`,
		Example: "  swallow-eval fetch --tasks gsm8k,jsquad --model 7b",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(s.tasks) == 0 && m.model == "" {
				return errors.New("nothing to fetch: give --tasks, --model or both")
			}
			if len(s.tasks) > 0 {
				chosen, err := s.choose(suite.Options{})
				if err != nil {
					return err
				}
				if err := s.fetchData(cmd.Context(), c, chosen); err != nil {
					return err
				}
			}
			if m.model == "" {
				return nil
			}
			address, err := findModel(m.model)
			if err != nil {
				return err
			}
			dir, name, err := address.local(cmd.Context(), c, m.model, false, true)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.out, "%s is in %s\n", name, dir)
			return err
		},
	}
	s.registerData(cmd)
	f := cmd.Flags()
	f.StringVar(&s.profile, "profile", profileSwallow2023, "evaluation protocol")
	f.StringSliceVarP(&s.tasks, "tasks", "t", nil, "tasks or groups whose data to fetch")
	m.registerModel(cmd)
	return cmd
}

// fetchData brings the files of the tasks' data sets that are not there yet.
func (s *selection) fetchData(ctx context.Context, c console, chosen []tasks.Task) error {
	dir, err := s.dataFolder()
	if err != nil {
		return err
	}
	client, offline, err := hubClient(c, false)
	if err != nil {
		return err
	}
	if offline {
		return errors.New("the environment says offline (HF_HUB_OFFLINE or a sibling): nothing can be fetched")
	}
	missing, err := fetchMissing(ctx, c, client, dir, chosen)
	if err != nil {
		return err
	}
	for _, t := range chosen {
		if t.Spec().Name != "wmt20-en-ja" {
			continue
		}
		folder, err := nagisaFolder("")
		if err != nil {
			return err
		}
		if err := fetchNagisa(ctx, http.DefaultClient, nagisaBase, folder); err != nil {
			return fmt.Errorf("nagisa: %w", err)
		}
		if _, err := fmt.Fprintf(c.out, "nagisa's model is in %s\n", folder); err != nil {
			return err
		}
	}
	for _, f := range missing {
		if _, err := fmt.Fprintf(c.out, "%s: not fetched, its original's digest is not known: get it from %s\n", f.Path, f.URL); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(c.out, "data are in %s\n", dir); err != nil {
		return err
	}
	if len(missing) > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("%d files were not fetched", len(missing))}
	}
	return nil
}

// fetchMissing downloads what is absent and can be verified, and returns the first file of each split that is absent and
// cannot. A licence is shown before the first file of its data set.
func fetchMissing(ctx context.Context, c console, client *hub.Client, dir string, chosen []tasks.Task) ([]datasets.File, error) {
	used := map[string]bool{}
	for _, t := range chosen {
		used[t.Spec().Dataset] = true
	}
	var missing []datasets.File
	shown := map[string]bool{}
	for _, split := range datasets.Manifest() {
		if !used[split.Dataset] || present(dir, split) {
			continue
		}
		layout, ok := fetchable(split)
		if !ok {
			missing = append(missing, split.Layouts[0].Files[0])
			continue
		}
		if !shown[split.Dataset] {
			shown[split.Dataset] = true
			if _, err := fmt.Fprintf(c.err, "%s: licence %s\n", split.Dataset, split.Licence); err != nil {
				return nil, err
			}
		}
		for _, f := range layout.Files {
			if err := download(ctx, client, dir, f); err != nil {
				return nil, err
			}
		}
	}
	return missing, nil
}

// present says whether the folder holds some layout of the split, whole; whether it is right is checked when it is read.
func present(dir string, split datasets.Split) bool {
	for _, layout := range split.Layouts {
		whole := true
		for _, f := range layout.Files {
			path := filepath.Join(dir, filepath.FromSlash(f.Path))
			if !exists(path) && !exists(path+".gz") {
				whole = false
			}
		}
		if whole {
			return true
		}
	}
	return false
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fetchable returns the first layout all of whose files can be downloaded as they are and verified.
func fetchable(split datasets.Split) (datasets.Layout, bool) {
	for _, layout := range split.Layouts {
		whole := true
		for _, f := range layout.Files {
			if _, ok := original(f); !ok {
				whole = false
			}
		}
		if whole {
			return layout, true
		}
	}
	return datasets.Layout{}, false
}

// original is the pin of what the file's address serves.
func original(f datasets.File) (datasets.Pin, bool) {
	for _, p := range f.Pins {
		if p.State == datasets.Official && p.SHA256 != "" && p.Size > 0 && f.Member == "" {
			return p, true
		}
	}
	return datasets.Pin{}, false
}

func download(ctx context.Context, client *hub.Client, dir string, f datasets.File) error {
	pin, _ := original(f)
	digest, err := hub.ParseSHA256(pin.SHA256)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	to := filepath.Join(dir, filepath.FromSlash(f.Path))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return client.Download(ctx, f.URL, hub.File{Path: f.Path, Size: pin.Size, Digest: digest}, to)
}
