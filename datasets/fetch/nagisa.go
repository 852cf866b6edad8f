package fetch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
)

// NagisaBase is where nagisa publishes its model files, at the commit whose blobs are pinned.
const NagisaBase = "https://raw.githubusercontent.com/" + nagisa.SourceRepository + "/" + nagisa.SourceCommit + "/" + nagisa.SourceFolder

// mostNagisa bounds a download; the largest file is about 40 MB.
const mostNagisa = 256 << 20

// Nagisa downloads the model files that dir lacks. Each is compared with its pinned git blob id before it gets its
// name.
func Nagisa(ctx context.Context, client *hub.Client, base, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range nagisa.Files() {
		blob, err := hub.ParseGitBlob(f.Blob)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		want := hub.File{Path: f.Name, Size: hub.UnknownSize, MaxSize: mostNagisa, Digest: blob}
		if err := client.Download(ctx, base+"/"+f.Name, want, filepath.Join(dir, f.Name)); err != nil {
			return err
		}
	}
	return nil
}

// AbsentOfNagisa are the paths of the model files that dir lacks.
func AbsentOfNagisa(dir string) (paths []string) {
	for _, f := range nagisa.Files() {
		path := filepath.Join(dir, f.Name)
		if _, err := os.Stat(path); err != nil {
			paths = append(paths, path)
		}
	}
	return paths
}
