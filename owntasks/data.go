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

// Places are where data that do not lie beside their task files are on this machine: by data set and by the name that messages
// call a file.
type Places map[string]map[string]Place

// Place is where such a file is, and for one of the hub the commit that it is of.
type Place struct{ Path, Commit string }

// Source opens the data of task files, and inner for all others; inner may be nil where there are none. places are those of
// the data that do not lie beside the files.
func Source(own []File, inner func() eval.Source, allowUnpinned bool, places Places) (func() eval.Source, error) {
	dirs := map[string]*datasets.Dir{}
	for _, o := range own {
		for _, t := range o.Tasks {
			d, err := Open(o, t, allowUnpinned, places)
			if err != nil {
				return nil, err
			}
			dirs[t.Spec().Dataset] = d
		}
	}
	return source.Mixed(inner, dirs), nil
}

// Open opens the data of one task. What is pinned must be what its pin says, unless unpinned data are allowed.
func Open(o File, t *file.Task, allowUnpinned bool, places Places) (*datasets.Dir, error) {
	splits, err := Splits(o.Path, t)
	if err != nil {
		return nil, err
	}
	d, err := datasets.OpenAs(splits, filepath.Dir(o.Path), allowUnpinned)
	if err != nil {
		return nil, err
	}
	d.Free()
	if elsewhere := places[t.Spec().Dataset]; elsewhere != nil {
		at := map[string]string{}
		for name, place := range elsewhere {
			at[name] = place.Path
		}
		d.Place(at)
	}
	return d, nil
}

// MostBytes bounds a data file that no pin knows.
const MostBytes = 1 << 30

// formats are those of a data file by the end of its name.
func formats() map[string]datasets.Format {
	return map[string]datasets.Format{".jsonl": datasets.JSONL, ".ndjson": datasets.JSONL, ".json": datasets.JSONArray,
		".csv": datasets.CSV, ".tsv": datasets.TSV, ".parquet": datasets.Parquet}
}

// Splits is the manifest of a task's data.
func Splits(path string, t *file.Task) (splits []datasets.Split, err error) {
	if len(t.Data) == 0 {
		return nil, fmt.Errorf("%s: task %s: data is missing: it says where the records of a split lie, as in data: {%s: rows.jsonl}", path, t.Spec().Name, t.Splits()[0])
	}
	for _, split := range t.Splits() {
		d, ok := t.Data[split]
		if !ok {
			continue // an error where it is read
		}
		name := strings.TrimSuffix(filepath.ToSlash(d.Name()), ".gz")
		format, ok := formats()[d.Extension()]
		if !ok {
			return nil, &file.Problem{File: path, Line: d.Line, Field: "data." + split, What: fmt.Sprintf("%s is none of .jsonl, .json (an array), .csv, .tsv (also with .gz), .parquet", d.Name())}
		}
		f := datasets.File{Path: name, MaxSize: MostBytes}
		if d.SHA256 != "" {
			f.Pins = []datasets.Pin{{SHA256: d.SHA256, State: datasets.Official}}
		}
		splits = append(splits, datasets.Split{Dataset: t.Spec().Dataset, Name: split, Layouts: []datasets.Layout{{Format: format, Files: []datasets.File{f}, Rows: d.Rows}}})
	}
	return splits, nil
}

// Pin is a task file with the digests and numbers of records of its data written into it, and how many data files those are.
func Pin(o File, places Places) (content []byte, files int, err error) {
	src, err := Source([]File{o}, nil, true, places)
	if err != nil {
		return nil, 0, err
	}
	opened := src()
	pins, said := map[string]map[string]file.Pin{}, map[string]map[string]file.DataFile{}
	for _, t := range o.Tasks {
		pins[t.Spec().Name], said[t.Spec().Name] = map[string]file.Pin{}, t.Data
		for split := range t.Data {
			if _, _, err := opened.Rows(t.Spec().Dataset, split); err != nil && slices.Contains(t.Splits(), split) {
				return nil, 0, err
			}
		}
	}
	for _, f := range opened.Files() {
		name := strings.TrimPrefix(f.Dataset, file.DatasetPrefix)
		pin := file.Pin{SHA256: f.SHA256, Rows: f.Rows}
		if d := said[name][f.Split]; d.Hub != "" {
			pin.Revision = places[f.Dataset][d.Name()].Commit
		}
		pins[name][f.Split] = pin
		files++
	}
	content, err = file.Pinned(o.Path, o.Content, pins)
	return content, files, err
}
