package lmeval

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// named are the tasks of lm-eval 0.4 that correspond to one of ours: those it says, or the one of its own name, which
// export writes where lm-eval has none.
func named(spec tasks.Spec) []tasks.LMEvalTask {
	if list := spec.Known().LMEval; len(list) > 0 {
		return list
	}
	return []tasks.LMEvalTask{{Name: spec.Name}}
}

// NameOf is the name that lm-eval has for a task, under which it is exported.
func NameOf(spec tasks.Spec) string { return named(spec)[0].Name }

// taskNamed finds our task of lm-eval's name and how it corresponds.
func taskNamed(s *series.Scorer, name string) (tasks.Task, tasks.LMEvalTask, bool) {
	for _, t := range s.Tasks {
		for _, how := range named(t.Spec()) {
			if how.Name == name {
				return t, how, true
			}
		}
	}
	return nil, tasks.LMEvalTask{}, false
}

// Filtered says whether recorded metrics are lm-eval 0.4's, whose keys end in the filter's name.
func Filtered(recorded map[string]series.Recorded) bool {
	for key := range recorded {
		if strings.Contains(key, ",") {
			return true
		}
	}
	return false
}

// nameOf is the task that the file's name tells: samples_<task>_<date>.jsonl, or <model>_<task>.jsonl until 0.4.2.
func nameOf(s *series.Scorer, path string) string {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if name, ok := strings.CutPrefix(base, "samples_"); ok {
		if date := series.DateOf(path); date != "" {
			return strings.TrimSuffix(name, "_"+date)
		}
		return name
	}
	best := ""
	for _, t := range s.Tasks {
		for _, how := range named(t.Spec()) {
			if (base == how.Name || strings.HasSuffix(base, "_"+how.Name)) && len(how.Name) > len(best) {
				best = how.Name
			}
		}
	}
	return best
}

// contentOf is the task that a document's row tells, or "".
func contentOf(s *series.Scorer, doc json.RawMessage) string {
	var row map[string]json.RawMessage
	if json.Unmarshal(doc, &row) != nil {
		return ""
	}
	for _, t := range s.Tasks {
		for _, how := range named(t.Spec()) {
			if how.Holds != nil && how.Holds(row) {
				return how.Name
			}
		}
	}
	return ""
}
