package gguf

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// File is an opened GGUF file. Its methods may be called from several goroutines, Close excepted.
type File struct {
	file *mapfile.File
	*parsed
}

// Is reports whether path names a file, as GGUF models are, and not a directory. Whether it is a good one says Open.
func Is(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// Open opens a file and checks its whole structure. Errors begin with the file's name.
func Open(path string) (*File, error) {
	opened, err := mapfile.Open(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return nil, err
	}
	p, err := parse(opened.Content)
	if err != nil {
		if what := impostor(opened); what != "" {
			err = errors.New(what)
		}
		return nil, mapfile.Both(fmt.Errorf("%s: %w", opened.Name, err), opened.Close())
	}
	return &File{file: opened, parsed: p}, nil
}

// impostor says what a file that is no GGUF is.
func impostor(f *mapfile.File) string {
	if strings.HasPrefix(string(f.Content[:min(len(f.Content), 4)]), "GGUF") {
		return ""
	}
	if what := safetensors.Impostor(f.Content); what != "" {
		return what
	}
	switch ext := strings.ToLower(filepath.Ext(f.Name)); ext {
	case ".safetensors":
		return "one file of a checkpoint: name the directory that holds it beside its config.json and tokenizer"
	case ".gguf", "":
		return ""
	default:
		return safetensors.WhyNot(ext)
	}
}

// Name is the file's name, without its folder.
func (f *File) Name() string { return f.file.Name }

// Bytes returns the size of the file.
func (f *File) Bytes() int64 { return f.file.Info().Size() }

// Info is the file's state when it was opened.
func (f *File) Info() fs.FileInfo { return f.file.Info() }

// Warnings returns doubts about the file that do not prevent its use: none so far.
func (f *File) Warnings() []string { return nil }

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.tensors))
	for name := range f.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Tensor returns the tensor of that name.
func (f *File) Tensor(name string) (Tensor, bool) {
	t, ok := f.tensors[name]
	return t, ok
}

// SHA256 returns the digest of the whole file in hexadecimal, from sum unless that is nil.
func (f *File) SHA256(ctx context.Context, sum mapfile.Summer) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	digest := f.file.Sum(sum)
	return hex.EncodeToString(digest[:]), nil
}

// Verify returns an error when the file has changed since it was opened.
func (f *File) Verify() error { return f.file.Verify() }

// Close verifies the file a last time and releases it; no tensor's data may be used afterwards.
func (f *File) Close() error { return mapfile.Both(f.file.Verify(), f.file.Close()) }
