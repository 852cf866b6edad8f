// Package fetch brings the data of task files that lie in the hub or at addresses: every file is compared with what is pinned of
// it before it gets its name, and what nothing pins is brought only to be pinned.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// Fetcher brings data of task files that lie elsewhere. Nothing is asked for where all lie beside them.
type Fetcher struct {
	// Client speaks to the hub and to other places; it is made when it is needed.
	Client func() (*hub.Client, error)
	// Folder is where files of addresses are kept by their digest.
	Folder func() (string, error)
	// Pinning permits files that nothing pins yet: they are to be pinned now.
	Pinning bool
}

// Fetch brings what the tasks of the files read. A file whose content nothing fixes is refused: what a network gives today it
// need not give tomorrow. Errors name the task file, the line and the field.
func (f Fetcher) Fetch(ctx context.Context, own []owntasks.File) (owntasks.Places, error) {
	places := owntasks.Places{}
	for _, o := range own {
		for _, t := range o.Tasks {
			at := map[string]owntasks.Place{}
			for _, split := range t.Splits() {
				d, ok := t.Data[split]
				if !ok || !d.Remote() {
					continue
				}
				place, err := f.one(ctx, o.Path, split, d)
				if err != nil {
					return nil, err
				}
				at[d.Name()] = place
			}
			if len(at) > 0 {
				places[t.Spec().Dataset] = at
			}
		}
	}
	return places, nil
}

// one brings one file.
func (f Fetcher) one(ctx context.Context, path, split string, d file.DataFile) (place owntasks.Place, err error) {
	if lacks := d.Unfixed(); lacks != "" && !f.Pinning {
		return place, &file.Problem{File: path, Line: d.Line, Field: "data." + split,
			What: fmt.Sprintf("%s comes over the network and has not %s: swallow-eval task pin %s writes it", d.Name(), lacks, path)}
	}
	client, err := f.Client()
	if err == nil && d.Hub != "" {
		place.Path, err = client.File(ctx, hub.Repo{Kind: hub.Dataset, ID: d.Hub, Revision: d.Revision}, d.File)
		place.Commit = hub.CommitOf(place.Path, d.File)
	} else if err == nil {
		place.Path, err = f.download(ctx, client, d)
	}
	if err != nil {
		return place, fmt.Errorf("%s:%d: data.%s: %w", path, d.Line, split, err)
	}
	return place, nil
}

// download brings the file of an address, which has its digest as its name; one that is to be pinned is fetched anew.
func (f Fetcher) download(ctx context.Context, client *hub.Client, d file.DataFile) (string, error) {
	folder, err := f.Folder()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	want := hub.File{Path: d.Name(), Size: hub.UnknownSize, MaxSize: owntasks.MostBytes}
	if d.SHA256 == "" {
		sum := sha256.Sum256([]byte(d.URL))
		to := filepath.Join(folder, "unpinned-"+hex.EncodeToString(sum[:])+d.Extension())
		if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return to, client.DownloadUnverified(ctx, d.URL, want, to)
	}
	if want.Digest, err = hub.ParseSHA256(d.SHA256); err != nil {
		return "", err
	}
	to := filepath.Join(folder, d.SHA256+d.Extension())
	return to, client.Download(ctx, d.URL, want, to)
}
