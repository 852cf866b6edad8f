package series

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Scorer is what the formats share while they score stored outputs: the profile, the data and what files beside a file
// record of it. It remembers the result files of what it scored.
type Scorer struct {
	// Profile is the profile's name, Tasks are its tasks in table order.
	Profile string
	Tasks   []tasks.Task
	// Other finds the tasks of another profile, the one that a run of ours recorded; nil knows no other.
	Other func(run results.Run) ([]tasks.Task, error)
	// Data opens the benchmark files; nil where there are none.
	Data func() tasks.Source
	// Missing says why a task has no metric, "" where it has.
	Missing func(tasks.Spec) string

	documents map[string][]tasks.Doc // those read so far
	recorded  []*recordedFile
}

// Fresh is the scorer without what it remembers of files.
func (s *Scorer) Fresh() *Scorer {
	fresh := *s
	fresh.recorded = nil
	return &fresh
}

// Under is the scorer under another profile. What files record it remembers with this one.
func (s *Scorer) Under(profile string, known []tasks.Task) *Scorer {
	other := *s
	other.Profile, other.Tasks, other.documents = profile, known, nil
	return &other
}

// Task returns the profile's task that a harness knows by that name.
func (s *Scorer) Task(reference string, harness tasks.Protocol) (tasks.Task, bool) {
	return s.Find(func(spec tasks.Spec) bool { return spec.Reference == reference && spec.Protocol == harness })
}

// Find returns the profile's first task of which is says so.
func (s *Scorer) Find(is func(tasks.Spec) bool) (tasks.Task, bool) {
	for _, t := range s.Tasks {
		if is(t.Spec()) {
			return t, true
		}
	}
	return nil, false
}

// Docs returns a task's documents in evaluation order, from Data, which must be there.
func (s *Scorer) Docs(t tasks.Task) ([]tasks.Doc, error) {
	name := t.Spec().Name
	if docs, ok := s.documents[name]; ok {
		return docs, nil
	}
	docs, err := t.Docs(s.Data(), 0, tasks.Unlimited{})
	if err != nil {
		return nil, fmt.Errorf("--data-dir: %w", err)
	}
	if s.documents == nil {
		s.documents = map[string][]tasks.Doc{}
	}
	s.documents[name] = docs
	return docs, nil
}

// Begin begins the series of a foreign task. It is one of ours where its name and the harness are.
func (s *Scorer) Begin(path string, kind Kind, source string, harness tasks.Protocol, why string) Series {
	out := Series{File: path, Format: kind, Protocol: string(harness), Source: source, Values: []Value{}, Hole: why}
	if t, ok := s.Task(Result{Name: source}.Task(), harness); ok {
		out.Task, out.Title = t.Spec().Name, t.Spec().Title
	}
	return out
}

// Result is one task of a harness's result file: what it records, without the documents' details.
type Result struct {
	// Name is the harness's key, for example "mgsm-1.0-0.4": task, task version, prompt version.
	Name string
	// Metrics are the recorded values by key; lm-eval 0.4 appends a comma and the filter's name to a key.
	Metrics map[string]Recorded
	// Details counts the documents whose details the file carries.
	Details int
	// Group tells that it is an average over tasks, of a file of lm-eval 0.4.
	Group bool
}

// versions end a name of the JP harness.
var versions = regexp.MustCompile(`-[0-9][0-9.]*-[0-9][0-9.]*$`)

// Task is the name without versions.
func (r Result) Task() string { return versions.ReplaceAllString(r.Name, "") }

// recordedFile is a harness's result file and which of its tasks a series was compared with.
type recordedFile struct {
	path  string
	tasks []Result
	used  map[string]bool
}

// Remember keeps what a result file records of tasks whose outputs are in other files.
func (s *Scorer) Remember(path string, list []Result) {
	s.recorded = append(s.recorded, &recordedFile{path, list, map[string]bool{}})
}

// Recorded returns what the result files beside a file record of a task: the file's own run's, else one without a date.
func (s *Scorer) Recorded(path, task string) func(key string) Recorded {
	var best *Result
	for _, a := range s.recorded {
		i := slices.IndexFunc(a.tasks, func(r Result) bool { return r.Name == task })
		if i < 0 || filepath.Dir(a.path) != filepath.Dir(path) {
			continue
		}
		if date := DateOf(a.path); date == DateOf(path) || date == "" && best == nil {
			a.used[task] = true
			best = &a.tasks[i]
		}
	}
	return func(key string) Recorded {
		if best != nil {
			if r, ok := best.Metrics[key]; ok {
				return r
			}
		}
		return ParseRecorded(nil)
	}
}

// Without is the hole of what is recorded in files that hold no outputs.
const Without = "the file holds no outputs to score"

// OfGroup is the hole of a recorded average over tasks.
const OfGroup = "an average over tasks, which are scored one by one"

// WithoutOutputs lists the recorded tasks that no file holds outputs of.
func (s *Scorer) WithoutOutputs() []Series {
	var list []Series
	for _, a := range s.recorded {
		for _, t := range a.tasks {
			if !a.used[t.Name] {
				out := s.Begin(a.path, KindHarness, t.Name, "", Without)
				out.Totals = t.Metrics
				if out.Group = t.Group; t.Group {
					out.Hole = OfGroup
				}
				list = append(list, out)
			}
		}
	}
	return list
}

// dates end the names of lm-eval's files: those of one run have the same.
var dates = regexp.MustCompile(`_(\d{4}-\d{2}-\d{2}T[0-9.-]+)\.jsonl?$`)

// DateOf is the date in the name of a file of lm-eval, or "".
func DateOf(path string) string {
	if m := dates.FindStringSubmatch(filepath.Base(path)); m != nil {
		return m[1]
	}
	return ""
}
