package owntasks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/eval/source"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// Source opens the data of task files, which lie beside them, and inner for all others; inner may be nil where there are none.
func Source(own []File, inner func() eval.Source, allowUnpinned bool) (func() eval.Source, error) {
	dirs := map[string]*datasets.Dir{}
	for _, o := range own {
		for _, t := range o.Tasks {
			splits, pinned, err := Splits(o.Path, t)
			if err != nil {
				return nil, err
			}
			folder := filepath.Dir(o.Path)
			d, err := datasets.OpenAs(splits, folder, allowUnpinned || !pinned)
			if err != nil {
				return nil, err
			}
			dirs[t.Spec().Dataset] = d
		}
	}
	return source.Mixed(inner, dirs), nil
}

// mostBytes bounds a data file that no pin knows.
const mostBytes = 1 << 30

// Splits is the manifest of a task's data; pinned says that every file has a digest.
func Splits(path string, t *file.Task) (splits []datasets.Split, pinned bool, err error) {
	pinned = true
	if len(t.Data) == 0 {
		return nil, false, fmt.Errorf("%s: task %s: data is missing: it says where the records of a split lie, as in data: {%s: rows.jsonl}", path, t.Spec().Name, t.Splits()[0])
	}
	for _, split := range t.Splits() {
		d, ok := t.Data[split]
		if !ok {
			continue // an error where it is read
		}
		format, ok := map[string]datasets.Format{".jsonl": datasets.JSONL, ".ndjson": datasets.JSONL, ".json": datasets.JSONArray, ".csv": datasets.CSV, ".tsv": datasets.TSV}[strings.ToLower(filepath.Ext(strings.TrimSuffix(d.File, ".gz")))]
		if !ok {
			return nil, false, &file.Problem{File: path, Line: d.Line, Field: "data." + split, What: fmt.Sprintf("%s is none of .jsonl, .json (an array), .csv, .tsv, also with .gz", d.File)}
		}
		f := datasets.File{Path: strings.TrimSuffix(filepath.ToSlash(d.File), ".gz"), MaxSize: mostBytes}
		if d.SHA256 != "" {
			f.Pins = []datasets.Pin{{SHA256: d.SHA256, State: datasets.Official}}
		}
		pinned = pinned && d.SHA256 != "" && d.Rows > 0
		splits = append(splits, datasets.Split{Dataset: t.Spec().Dataset, Name: split, Layouts: []datasets.Layout{{Format: format, Files: []datasets.File{f}, Rows: d.Rows}}})
	}
	return splits, pinned, nil
}

// Pin is a task file with the digests and numbers of records of its data written into it, and how many data files those are.
func Pin(o File) (content []byte, files int, err error) {
	src, err := Source([]File{o}, nil, true)
	if err != nil {
		return nil, 0, err
	}
	opened := src()
	pins := map[string]map[string]file.Pin{}
	for _, t := range o.Tasks {
		pins[t.Spec().Name] = map[string]file.Pin{}
		for split := range t.Data {
			if _, _, err := opened.Rows(t.Spec().Dataset, split); err != nil && slices.Contains(t.Splits(), split) {
				return nil, 0, err
			}
		}
	}
	for _, f := range opened.Files() {
		pins[strings.TrimPrefix(f.Dataset, file.DatasetPrefix)][f.Split] = file.Pin{SHA256: f.SHA256, Rows: f.Rows}
		files++
	}
	content, err = file.Pinned(o.Path, o.Content, pins)
	return content, files, err
}
