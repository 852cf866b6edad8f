// Package source gives the loop the records of data sets, of benchmarks and of task files, and tells results what files they were.
package source

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
)

// Of opens a folder of data once a task.
func Of(d *datasets.Dir) func() eval.Source {
	return func() eval.Source { return source{d.Recorder()} }
}

// Mixed reads the data sets of that name from the folders beside them, and all others from inner, which may be nil.
func Mixed(inner func() eval.Source, own map[string]*datasets.Dir) func() eval.Source {
	return func() eval.Source {
		src := &mixed{own: map[string]source{}}
		if inner != nil {
			src.inner = inner()
		}
		for name, d := range own {
			src.own[name] = source{d.Recorder()}
		}
		return src
	}
}

// source adapts the data sets' record of files to the results' words.
type source struct{ *datasets.Recorder }

func (s source) Files() []results.DataFile {
	var files []results.DataFile
	for _, f := range s.Recorder.Files() {
		files = append(files, results.DataFile{
			Dataset: f.Dataset, Split: f.Split, Path: f.Path, SHA256: f.SHA256, Rows: f.Rows, ExpectedRows: f.Expected, State: string(f.State),
		})
	}
	return files
}

// mixed reads the data of task files beside those of benchmarks.
type mixed struct {
	inner eval.Source
	own   map[string]source
}

func (m *mixed) Rows(dataset, split string) (string, []json.RawMessage, error) {
	if own, ok := m.own[dataset]; ok {
		return own.Rows(dataset, split)
	}
	if m.inner == nil {
		return "", nil, errors.New("no data folder is open")
	}
	return m.inner.Rows(dataset, split)
}

// Files has those of the data folder first, then those of task files in the order of their data sets' names.
func (m *mixed) Files() []results.DataFile {
	var all []results.DataFile
	if m.inner != nil {
		all = m.inner.Files()
	}
	for _, name := range slices.Sorted(maps.Keys(m.own)) {
		all = append(all, m.own[name].Files()...)
	}
	return all
}
