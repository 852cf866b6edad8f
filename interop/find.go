package interop

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/interop/series"
)

// File is a file of stored outputs.
type File struct {
	Path string
	Kind series.Kind
	// Broken says why a file of a directory is not JSON.
	Broken error
}

// Find lists the files of stored outputs at path, in the order of their names, and the files of a directory that
// hold none. A file named by itself must hold some.
func Find(path string) ([]File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if !info.Mode().IsRegular() { // it is read more than once
			return nil, fmt.Errorf("%s: neither a directory nor a regular file", path)
		}
		kind, err := DetectFile(path)
		switch {
		case err != nil:
			return nil, err
		case kind == series.KindUnknown || kind == series.KindRun || kind == series.KindAggregate:
			return nil, fmt.Errorf("%s: not stored outputs in a format that score --help lists", path)
		}
		return []File{{path, kind, nil}}, nil
	}
	var list []File
	err = fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error {
		file := filepath.Join(path, filepath.FromSlash(name))
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !slices.Contains([]string{".json", ".jsonl"}, filepath.Ext(name)):
			return nil
		}
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return err
		}
		kind, err := DetectFile(file)
		if kind == series.KindAggregate { // numbers alone
			kind = series.KindUnknown
		}
		list = append(list, File{file, kind, err})
		return nil
	})
	if err == nil && !slices.ContainsFunc(list, func(s File) bool { return s.Kind != series.KindUnknown && s.Kind != series.KindRun }) {
		err = fmt.Errorf("%s: no stored outputs in this directory", path)
	}
	return list, err
}
