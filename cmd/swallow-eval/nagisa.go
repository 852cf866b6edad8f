package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
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
func fetchNagisa(ctx context.Context, client *http.Client, base, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range nagisa.Files() {
		to := filepath.Join(dir, f.Name)
		if exists(to) {
			continue // Load compares it with its pin
		}
		content, err := get(ctx, client, base+"/"+f.Name)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if got := gitBlob(content); got != f.Blob {
			return fmt.Errorf("%s: %d bytes with git blob id %s, want %s", f.Name, len(content), got, f.Blob)
		}
		if err := atomicfile.Write(to, func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func get(ctx context.Context, client *http.Client, address string) (content []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", req.URL.Host, resp.Status)
	}
	content, err = io.ReadAll(io.LimitReader(resp.Body, maxNagisaFile+1))
	if err == nil && len(content) > maxNagisaFile {
		err = fmt.Errorf("more than %d bytes", maxNagisaFile)
	}
	return content, err
}

// gitBlob is git's name of a content.
func gitBlob(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}
