package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// ownFile is a task file of the user's.
type ownFile struct {
	path    string
	content []byte
	tasks   []*file.Task
}

// readOwn reads a task file. None of its data is read.
func readOwn(path string) (ownFile, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return ownFile{}, err
	}
	return ownFrom(path, content)
}

func ownFrom(path string, content []byte) (ownFile, error) {
	o := ownFile{path: path, content: content}
	configs, err := file.Parse(path, content)
	if err != nil {
		return o, err
	}
	for _, c := range configs {
		t, err := file.New(c)
		if err != nil {
			return o, fmt.Errorf("%s: %w", path, err)
		}
		o.tasks = append(o.tasks, t)
	}
	return o, nil
}

// name is the task's, or for several that of the file.
func (o ownFile) name() string {
	if len(o.tasks) == 1 {
		return o.tasks[0].Spec().Name
	}
	base := filepath.Base(o.path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

func (o ownFile) digest() string {
	sum := sha256.Sum256(o.content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// profileName is the part of a profile's name that tells versions of the file apart.
func (o ownFile) profileName() string {
	return ownPrefix + o.name() + "@" + strings.TrimPrefix(o.digest(), "sha256:")[:12]
}

// ownPrefix begins the part of a profile's name that a task file has.
const ownPrefix = "own:"

// isTaskFile says whether a word of --tasks is a file's path.
func isTaskFile(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// chooseOwn takes the task files out of --tasks, with the tasks of --include-path that it names, and returns the names that
// are left for the profile.
func (s *selection) chooseOwn() (rest []string, chosen []tasks.Task, err error) {
	s.own = nil
	included, err := s.included()
	if err != nil {
		return nil, nil, err
	}
	take := func(o ownFile, only string) {
		if !slices.ContainsFunc(s.own, func(had ownFile) bool { return had.path == o.path }) {
			s.own = append(s.own, o)
		}
		for _, t := range o.tasks {
			if (only == "" || t.Spec().Name == only) && !slices.ContainsFunc(chosen, func(had tasks.Task) bool { return had == tasks.Task(t) }) {
				chosen = append(chosen, t)
			}
		}
	}
	read := map[string]ownFile{}
	for _, list := range s.tasks {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if o, ok := included[name]; ok {
				take(o, name)
				continue
			}
			if !isTaskFile(name) {
				rest = append(rest, name)
				continue
			}
			o, ok := read[name]
			if !ok {
				if o, err = readOwn(name); err != nil {
					return nil, nil, fmt.Errorf("--tasks: %w", err)
				}
				read[name] = o
			}
			take(o, "")
		}
	}
	names := map[string]bool{}
	for _, t := range chosen {
		if n := t.Spec().Name; names[n] {
			return nil, nil, fmt.Errorf("--tasks: two task files have a task %s", n)
		}
		names[t.Spec().Name] = true
	}
	return rest, chosen, nil
}

// included are the tasks of the files in --include-path by name.
func (s *selection) included() (map[string]ownFile, error) {
	if s.includePath == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(s.includePath)
	if err != nil {
		return nil, fmt.Errorf("--include-path: %w", err)
	}
	byName := map[string]ownFile{}
	for _, e := range entries {
		if e.IsDir() || !isTaskFile(e.Name()) {
			continue
		}
		o, err := readOwn(filepath.Join(s.includePath, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("--include-path: %w", err)
		}
		for _, t := range o.tasks {
			name := t.Spec().Name
			if had, twice := byName[name]; twice {
				return nil, fmt.Errorf("--include-path: %s and %s both have a task %s", had.path, o.path, name)
			}
			byName[name] = o
		}
	}
	return byName, nil
}

// withOwn is a profile with the tasks of task files. Without other tasks it is theirs alone. No published table belongs to
// them.
func withOwn(p tasks.Profile, own []ownFile, ownTasks []tasks.Task, alone bool) tasks.Profile {
	if len(own) == 0 {
		return p
	}
	var names []string
	for _, o := range own {
		names = append(names, o.profileName())
	}
	if alone {
		p = tasks.Profile{About: "task files of the user's"}
	} else {
		names = append([]string{p.Name}, names...)
	}
	p.Name, p.Reference, p.Missing = strings.Join(names, "+"), "", nil
	p.Tasks = append(slices.Clone(p.Tasks), ownTasks...)
	return p
}

// ownRecords are the task files as a manifest keeps them, so that whoever has the run has its tasks.
func ownRecords(own []ownFile) (list []results.OwnTask) {
	for _, o := range own {
		list = append(list, results.OwnTask{File: filepath.Base(o.path), Digest: o.digest(), Text: string(o.content)})
	}
	return list
}

// ownRecorded is the profile of a run that asked task files, from what its manifest keeps of them.
func (c console) ownRecorded(run results.Run, base string) (tasks.Profile, error) {
	var own []ownFile
	var all []tasks.Task
	for _, r := range run.Own {
		o, err := ownFrom(r.File, []byte(r.Text))
		if err != nil {
			return tasks.Profile{}, fmt.Errorf("the run's task file: %w", err)
		}
		own = append(own, o)
		for _, t := range o.tasks {
			all = append(all, t)
		}
	}
	var p tasks.Profile
	if base != "" {
		var err error
		if p, err = c.profile(base); err != nil {
			return p, err
		}
	}
	p = withOwn(p, own, all, base == "")
	p.Name = run.Profile
	return p, nil
}

// unsampled refuses tasks that ask for random answers where a model is to answer.
func unsampled(chosen []tasks.Task) error {
	for _, t := range chosen {
		if own, ok := t.(*file.Task); ok && own.Sampling {
			return fmt.Errorf("%s asks for sampled answers (generation_kwargs: do_sample, temperature): answers are greedy here; "+
				"a task file with do_sample: false and temperature: 0 says so itself", own.Spec().Name)
		}
	}
	return nil
}

// ownSource opens the data of task files, and inner for all others; inner may be nil where there are none.
func (s *selection) ownSource(inner func() eval.Source) (func() eval.Source, error) {
	dirs := map[string]*datasets.Dir{}
	for _, o := range s.own {
		for _, t := range o.tasks {
			splits, pinned, err := ownSplits(o.path, t)
			if err != nil {
				return nil, err
			}
			folder := filepath.Dir(o.path)
			d, err := datasets.OpenAs(splits, folder, s.allowUnpinned || !pinned)
			if err != nil {
				return nil, err
			}
			dirs[t.Spec().Dataset] = d
		}
	}
	return func() eval.Source {
		src := &mixedSource{own: map[string]source{}}
		if inner != nil {
			src.inner = inner()
		}
		for name, d := range dirs {
			src.own[name] = source{d.Recorder()}
		}
		return src
	}, nil
}

// notOwn are the tasks of this program.
func notOwn(all []tasks.Task) []tasks.Task {
	return slices.DeleteFunc(slices.Clone(all), func(t tasks.Task) bool { return isOwn(t.Spec()) })
}

// verifyOwn looks at the data of task files, and says that no reference knows their requests.
func (s *selection) verifyOwn(what string) (list []verdict, err error) {
	for _, o := range s.own {
		for _, t := range o.tasks {
			splits, _, err := ownSplits(o.path, t)
			if err != nil {
				return nil, err
			}
			d, err := datasets.OpenAs(splits, filepath.Dir(o.path), true)
			if err != nil {
				return nil, err
			}
			if what != "tasks" {
				list = append(list, verifyData(d, filepath.Dir(o.path), []tasks.Task{t})...)
			}
			if what != "data" {
				v := verifyInvented(t, d)
				if !v.failed {
					v.Detail = "a task file, " + o.profileName() + ": there is no reference"
				}
				list = append(list, v)
			}
		}
	}
	return list, nil
}

// mostOwnBytes bounds a data file that no pin knows.
const mostOwnBytes = 1 << 30

// ownSplits is the manifest of a task's data; pinned says that every file has a digest.
func ownSplits(path string, t *file.Task) (splits []datasets.Split, pinned bool, err error) {
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
		f := datasets.File{Path: strings.TrimSuffix(filepath.ToSlash(d.File), ".gz"), MaxSize: mostOwnBytes}
		if d.SHA256 != "" {
			f.Pins = []datasets.Pin{{SHA256: d.SHA256, State: datasets.Official}}
		}
		pinned = pinned && d.SHA256 != "" && d.Rows > 0
		splits = append(splits, datasets.Split{Dataset: t.Spec().Dataset, Name: split, Layouts: []datasets.Layout{{Format: format, Files: []datasets.File{f}, Rows: d.Rows}}})
	}
	return splits, pinned, nil
}

// mixedSource reads the data of task files beside those of benchmarks.
type mixedSource struct {
	inner eval.Source
	own   map[string]source
}

func (m *mixedSource) Rows(dataset, split string) (string, []json.RawMessage, error) {
	if own, ok := m.own[dataset]; ok {
		return own.Rows(dataset, split)
	}
	if m.inner == nil {
		return "", nil, errors.New("no data folder is open")
	}
	return m.inner.Rows(dataset, split)
}

func (m *mixedSource) Files() []results.DataFile {
	var all []results.DataFile
	if m.inner != nil {
		all = m.inner.Files()
	}
	for _, own := range m.own {
		all = append(all, own.Files()...)
	}
	return all
}
