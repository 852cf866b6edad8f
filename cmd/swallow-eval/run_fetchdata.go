package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// dataFetcher brings data files into a folder.
type dataFetcher struct {
	console
	client        *hub.Client
	dir           string
	allowUnpinned bool
}

// fetchData brings the files of the tasks' data sets that are not there yet, and what the tasks need beside them.
func (s *selection) fetchData(ctx context.Context, c console, chosen []tasks.Task, n network) error {
	dir, err := s.dataFolder()
	if err != nil {
		return err
	}
	client, offline, err := hubClient(c, n)
	if err != nil {
		return err
	}
	f := dataFetcher{c, client, dir, s.allowUnpinned}
	if offline {
		return f.checkPresent(chosen)
	}
	missing, err := f.fetch(ctx, chosen)
	if err == nil {
		err = f.fetchSegmenter(ctx, chosen)
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
func (f dataFetcher) checkPresent(chosen []tasks.Task) error {
	var names []string
	for _, split := range f.absent(chosen) {
		names = append(names, split.Layouts[0].Files[0].Path)
	}
	if wantsSegmenter(chosen) {
		folder, err := nagisaFolder("")
		if err != nil {
			return err
		}
		for _, file := range nagisa.Files() {
			if path := filepath.Join(folder, file.Name); !exists(path) {
				names = append(names, path)
			}
		}
	}
	for _, name := range names {
		if _, err := fmt.Fprintf(f.out, "%s: not there\n", name); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("offline (--offline, HF_HUB_OFFLINE or a sibling): %d data files are not there and cannot be fetched", len(names))}
	}
	_, err := fmt.Fprintf(f.out, "data are in %s\n", f.dir)
	return err
}

// fetchSegmenter brings what WMT20 en-ja's published column was segmented with.
func (f dataFetcher) fetchSegmenter(ctx context.Context, chosen []tasks.Task) error {
	if !wantsSegmenter(chosen) {
		return nil
	}
	folder, err := nagisaFolder("")
	if err != nil {
		return err
	}
	if err := fetchNagisa(ctx, f.client, nagisaBase, folder); err != nil {
		return fmt.Errorf("nagisa: %w", err)
	}
	_, err = fmt.Fprintf(f.out, "nagisa's model is in %s\n", folder)
	return err
}

// absent are the splits of the tasks' data sets that the folder does not hold whole.
func (f dataFetcher) absent(chosen []tasks.Task) []datasets.Split {
	used := map[string]bool{}
	for _, t := range chosen {
		used[t.Spec().Dataset] = true
	}
	return slices.DeleteFunc(slices.Clone(f.splits()), func(split datasets.Split) bool {
		return !used[split.Dataset] || present(f.dir, split)
	})
}

// fetch downloads what is absent, and returns the first file of each split that is absent and was not permitted. A split
// that fails does not keep the others from being fetched.
func (f dataFetcher) fetch(ctx context.Context, chosen []tasks.Task) ([]datasets.File, error) {
	var missing []datasets.File
	var failed []error
	shown := map[string]bool{}
	for _, split := range f.absent(chosen) {
		layout, origins, ok := f.choose(split)
		if !ok {
			missing = append(missing, layout.Files[0])
			continue
		}
		if !shown[split.Dataset] {
			shown[split.Dataset] = true
			if _, err := fmt.Fprintf(f.err, "%s: licence %s\n", split.Dataset, split.Licence); err != nil {
				return nil, err
			}
		}
		for i, file := range layout.Files {
			if err := f.one(ctx, file, origins[i]); err != nil {
				if ctx.Err() != nil {
					return nil, context.Cause(ctx)
				}
				failed = append(failed, fmt.Errorf("%s: %w", file.Path, err))
				break
			}
		}
	}
	return missing, errors.Join(failed...)
}

// choose returns the first layout that can be fetched and is pinned, or else, where that is permitted, that is not. Where none
// may be, the layout is the one that would.
func (f dataFetcher) choose(split datasets.Split) (l datasets.Layout, origins []datasets.Origin, ok bool) {
	l = split.Layouts[0]
	found := false
	for _, candidate := range split.Layouts {
		list, pinned, ok := candidate.Origins()
		switch {
		case ok && pinned:
			return candidate, list, true
		case ok && !found:
			l, origins, found = candidate, list, true
		}
	}
	return l, origins, found && f.allowUnpinned
}

// one brings one file.
func (f dataFetcher) one(ctx context.Context, file datasets.File, o datasets.Origin) error {
	to := filepath.Join(f.dir, filepath.FromSlash(file.Path))
	packed := o.Pin != nil && o.Pin.GzipSHA256 != ""
	if packed {
		to += ".gz"
	}
	if exists(to) {
		return nil // of a layout of several; it is checked when it is read
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if o.Repo != "" {
		return f.fromHub(ctx, file, o, to)
	}
	want := hub.File{Path: file.Path, Size: hub.UnknownSize, MaxSize: o.MaxSize}
	if o.Pin == nil {
		if err := f.client.DownloadUnverified(ctx, o.URL, want, to); err != nil {
			return err
		}
		return f.say(file, o.URL)
	}
	if o.Pin.Size > 0 && !packed {
		want.Size = o.Pin.Size
	}
	var err error
	switch {
	case packed:
		want.Digest, err = hub.ParseSHA256(o.Pin.GzipSHA256)
	case o.Pin.SHA256 != "":
		want.Digest, err = hub.ParseSHA256(o.Pin.SHA256)
	case o.Pin.GitBlob != "":
		want.Digest, err = hub.ParseGitBlob(o.Pin.GitBlob)
	default:
		want.Digest, err = hub.ParseMD5(o.Pin.MD5)
	}
	if err != nil {
		return err
	}
	return f.client.Download(ctx, o.URL, want, to)
}

// fromHub takes a file of a repository by way of the cache that the Python client uses, with what the hub announces of it:
// that proves the transport and not that it is the file of old.
func (f dataFetcher) fromHub(ctx context.Context, file datasets.File, o datasets.Origin, to string) error {
	cached, err := f.client.File(ctx, hub.Repo{Kind: hub.Dataset, ID: o.Repo, Revision: o.Revision}, o.Path)
	if err != nil {
		return err
	}
	in, err := os.Open(cached)
	if err != nil {
		return err
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || info.Size() > o.MaxSize {
		return errors.Join(err, fmt.Errorf("more than %d bytes, which is beyond anything this file can be", o.MaxSize))
	}
	if err := atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	}); err != nil {
		return err
	}
	return f.say(file, o.Repo+"@"+commitOf(cached, o.Path))
}

// say tells of a file that nothing vouches for.
func (f dataFetcher) say(file datasets.File, from string) error {
	_, err := fmt.Fprintf(f.err, "%s: its original's digest is not known (--allow-unpinned-data); from %s\n", file.Path, textsafe.Terminal(from))
	return err
}

// present says whether the folder holds some layout of the split, whole; whether it is right is checked when it is read.
func present(dir string, split datasets.Split) bool {
	_, ok := presentLayout(dir, split)
	return ok
}

// presentLayout is the layout that will be read.
func presentLayout(dir string, split datasets.Split) (datasets.Layout, bool) {
	for _, layout := range split.Layouts {
		whole := true
		for _, f := range layout.Files {
			path := filepath.Join(dir, filepath.FromSlash(f.Path))
			if !exists(path) && !exists(path+".gz") {
				whole = false
			}
		}
		if whole {
			return layout, true
		}
	}
	return datasets.Layout{}, false
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
