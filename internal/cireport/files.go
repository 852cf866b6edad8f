package cireport

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
)

// File is where a report is written besides standard output, and how.
type File struct {
	Format Format
	Path   string
}

// ParseFiles reads files given as FORMAT=FILE, each path once. Errors name the flag --output.
func ParseFiles(given []string) ([]File, error) {
	var files []File
	for _, o := range given {
		name, path, ok := strings.Cut(o, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output %q is not of the form FORMAT=FILE", o)
		}
		format, err := ParseFormat(name)
		if err != nil {
			return nil, fmt.Errorf("--output %q: %w", o, err)
		}
		if slices.ContainsFunc(files, func(f File) bool { return f.Path == path }) {
			return nil, fmt.Errorf("--output: %s is named twice", path)
		}
		files = append(files, File{format, path})
	}
	return files, nil
}

// WriteFile writes the report to a file that is complete or absent. What is no regular file, such as /dev/stderr or a pipe, is written
// to: a file must not take its place.
func (s Report) WriteFile(f File) error {
	if info, err := os.Stat(f.Path); err != nil || info.Mode().IsRegular() || info.IsDir() {
		return atomicfile.Write(f.Path, func(w io.Writer) error { return s.Write(w, f.Format) })
	}
	w, err := os.OpenFile(f.Path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(s.Write(w, f.Format), w.Close())
}
