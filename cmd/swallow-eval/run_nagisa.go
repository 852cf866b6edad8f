package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
)

// nagisaEnv overrides the folder that serves where no --nagisa-dir is given.
const nagisaEnv = "SWALLOW_EVAL_NAGISA"

// nagisaBase is where nagisa publishes its model files, at the commit whose blobs are pinned.
const nagisaBase = "https://raw.githubusercontent.com/" + nagisa.SourceRepository + "/" + nagisa.SourceCommit + "/" + nagisa.SourceFolder

// maxNagisaFile bounds a download; the largest file is about 40 MB.
const maxNagisaFile = 256 << 20

// nagisaFolder is --nagisa-dir, or else the folder that fetch fills.
func nagisaFolder(given string) (string, error) {
	return ownFolder(given, nagisaEnv, "nagisa", "no --nagisa-dir given and no place for a cache")
}

// fetchNagisa downloads the model files that dir lacks. Each is compared with its pinned git blob id before it gets its
// name.
func fetchNagisa(ctx context.Context, client *hub.Client, base, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range nagisa.Files() {
		blob, err := hub.ParseGitBlob(f.Blob)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		want := hub.File{Path: f.Name, Size: hub.UnknownSize, MaxSize: maxNagisaFile, Digest: blob}
		if err := client.Download(ctx, base+"/"+f.Name, want, filepath.Join(dir, f.Name)); err != nil {
			return err
		}
	}
	return nil
}
