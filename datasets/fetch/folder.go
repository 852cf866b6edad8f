package fetch

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/swallow-eval/swallow-eval/datasets"
)

// here says whether the folder holds some layout of the split, whole; whether it is right is checked when it is read.
func here(dir string, split datasets.Split) bool {
	_, ok := Layout(dir, split)
	return ok
}

// Layout is the layout of a split that will be read from the folder.
func Layout(dir string, split datasets.Split) (datasets.Layout, bool) {
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

// File is a file as it lies in the folder. Whether it is right is not looked at.
type File struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	// Read tells that the split is read from it: of several forms the first counts.
	Read bool `json:"read"`
}

// Files are those of a layout of the split that are there.
func Files(dir string, split datasets.Split, layout datasets.Layout) []File {
	read, _ := Layout(dir, split)
	var list []File
	for _, f := range layout.Files {
		if p, ok := there(dir, f); ok {
			p.Read = slices.ContainsFunc(read.Files, func(r datasets.File) bool { return r.Path == f.Path })
			list = append(list, p)
		}
	}
	return list
}

// there finds a file below the data folder, compressed or not.
func there(dir string, f datasets.File) (File, bool) {
	for _, path := range []string{f.Path, f.Path + ".gz"} {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(path))); err == nil {
			return File{Path: path, Bytes: info.Size()}, true
		}
	}
	return File{}, false
}
