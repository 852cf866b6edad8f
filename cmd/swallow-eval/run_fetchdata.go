package main

import (
	"context"
	"fmt"

	"github.com/swallow-eval/swallow-eval/datasets/fetch"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/source"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// fetcher brings what is missing into a folder, and tells of it.
func (s *selection) fetcher(c console, client *hub.Client, dir string) fetch.Fetcher {
	return fetch.Fetcher{Client: client, Splits: c.splits(), Dir: dir, AllowUnpinned: s.allowUnpinned, Say: func(format string, args ...any) error {
		_, err := fmt.Fprintf(c.err, format, args...)
		return err
	}}
}

// benchmarkData opens the data of tasks of this program.
func (s *selection) benchmarkData(ctx context.Context, c console, chosen []tasks.Task, n network) (func() eval.Source, error) {
	if s.invented {
		d, err := s.inventedData()
		return source.Of(d), err
	}
	d, _, err := fetch.Open(c.splits(), s.dataDir, s.allowUnpinned, func(dir string) error {
		client, offline, err := hubClient(c, n)
		if err != nil || offline {
			return err
		}
		_, err = s.fetcher(c, client, dir).Fetch(ctx, tasks.Datasets(chosen))
		return err
	})
	if err != nil {
		return nil, err
	}
	d.Keep(folders.Rows())
	return source.Of(d), nil
}

// fetchData brings the files of the tasks' data sets that are not there yet, and what the tasks need beside them.
func (s *selection) fetchData(ctx context.Context, c console, chosen []tasks.Task, n network) error {
	dir, err := folders.Data(s.dataDir)
	if err != nil {
		return err
	}
	client, offline, err := hubClient(c, n)
	if err != nil {
		return err
	}
	f := s.fetcher(c, client, dir)
	if offline {
		return checkPresent(c, f, chosen)
	}
	missing, err := f.Fetch(ctx, tasks.Datasets(chosen))
	if err == nil {
		err = fetchSegmenter(ctx, c, client, chosen)
	}
	if err != nil {
		return err
	}
	for _, m := range missing {
		if _, err := fmt.Fprintf(c.out, "%s: not fetched, its original's digest is not known: --allow-unpinned-data fetches it from %s\n", m.Path, m.URL); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(c.out, "data are in %s\n", dir); err != nil {
		return err
	}
	if len(missing) > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("%d data files were not fetched", len(missing))}
	}
	return nil
}

// checkPresent is fetch without a network: it names what is absent.
func checkPresent(c console, f fetch.Fetcher, chosen []tasks.Task) error {
	names := f.AbsentFiles(tasks.Datasets(chosen))
	if tasks.Need(chosen, metrics.JapaneseWords) {
		folder, err := folders.Nagisa("")
		if err != nil {
			return err
		}
		names = append(names, fetch.AbsentOfNagisa(folder)...)
	}
	for _, name := range names {
		if _, err := fmt.Fprintf(c.out, "%s: not there\n", name); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("offline (--offline, HF_HUB_OFFLINE or a sibling): %d data files are not there and cannot be fetched", len(names))}
	}
	_, err := fmt.Fprintf(c.out, "data are in %s\n", f.Dir)
	return err
}

// fetchSegmenter brings what WMT20 en-ja's published column was segmented with.
func fetchSegmenter(ctx context.Context, c console, client *hub.Client, chosen []tasks.Task) error {
	if !tasks.Need(chosen, metrics.JapaneseWords) {
		return nil
	}
	folder, err := folders.Nagisa("")
	if err != nil {
		return err
	}
	if err := fetch.Nagisa(ctx, client, fetch.NagisaBase, folder); err != nil {
		return fmt.Errorf("nagisa: %w", err)
	}
	_, err = fmt.Fprintf(c.out, "nagisa's model is in %s\n", folder)
	return err
}
