// Package fetch says what of the benchmark files a folder holds, and brings the rest from where they are published: every file is
// compared with the digest that is pinned or announced of it before it gets its name.
package fetch

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
)

// Fetcher brings data files into a folder.
type Fetcher struct {
	Client *hub.Client
	Splits []datasets.Split // the manifest
	Dir    string
	// AllowUnpinned permits files whose original's digest is not known.
	AllowUnpinned bool
	// Say tells the user of a licence, and of a file that nothing vouches for.
	Say func(format string, args ...any) error
}

// absent are the splits of the data sets of those names that the folder does not hold whole.
func (f Fetcher) absent(used map[string]bool) []datasets.Split {
	return slices.DeleteFunc(slices.Clone(f.Splits), func(split datasets.Split) bool {
		return !used[split.Dataset] || here(f.Dir, split)
	})
}

// AbsentFiles are the paths, below the folder, of what is absent of the data sets of those names: of each split the first file.
func (f Fetcher) AbsentFiles(used map[string]bool) (paths []string) {
	for _, split := range f.absent(used) {
		paths = append(paths, split.Layouts[0].Files[0].Path)
	}
	return paths
}

// Fetch downloads what is absent of the data sets of those names, and returns the first file of each split that is absent and was not permitted. A split
// that fails does not keep the others from being fetched.
func (f Fetcher) Fetch(ctx context.Context, used map[string]bool) ([]datasets.File, error) {
	var missing []datasets.File
	var failed []error
	shown := map[string]bool{}
	for _, split := range f.absent(used) {
		layout, origins, ok := f.choose(split)
		if !ok {
			missing = append(missing, layout.Files[0])
			continue
		}
		if !shown[split.Dataset] {
			shown[split.Dataset] = true
			if err := f.Say("%s: licence %s\n", split.Dataset, split.Licence); err != nil {
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
func (f Fetcher) choose(split datasets.Split) (l datasets.Layout, origins []datasets.Origin, ok bool) {
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
	return l, origins, found && f.AllowUnpinned
}

// one brings one file.
func (f Fetcher) one(ctx context.Context, file datasets.File, o datasets.Origin) error {
	to := filepath.Join(f.Dir, filepath.FromSlash(file.Path))
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
		if err := f.Client.DownloadUnverified(ctx, o.URL, want, to); err != nil {
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
	return f.Client.Download(ctx, o.URL, want, to)
}

// fromHub takes a file of a repository by way of the cache that the Python client uses, with what the hub announces of it:
// that proves the transport and not that it is the file of old.
func (f Fetcher) fromHub(ctx context.Context, file datasets.File, o datasets.Origin, to string) error {
	cached, err := f.Client.File(ctx, hub.Repo{Kind: hub.Dataset, ID: o.Repo, Revision: o.Revision}, o.Path)
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
	return f.say(file, o.Repo+"@"+hub.CommitOf(cached, o.Path))
}

// say tells of a file that nothing vouches for.
func (f Fetcher) say(file datasets.File, from string) error {
	return f.Say("%s: its original's digest is not known (--allow-unpinned-data); from %s\n", file.Path, textsafe.Terminal(from))
}
