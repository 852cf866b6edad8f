package lmeval

import (
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// Files are where a run's files lie, named as lm-eval names them.
type Files struct {
	// Dir is the model's folder, Results the file of results in it.
	Dir, Results string
	date         string
}

// FilesAt are those below a folder or, where output ends in .json, those beside that file, whose name then begins with its.
func FilesAt(output string, run results.Run) Files {
	f := Files{Dir: filepath.Join(output, SanitizedModelName(run.Model.Name)), date: Date(run)}
	prefix := "results_"
	if filepath.Ext(output) == ".json" {
		f.Dir = filepath.Dir(output)
		prefix = strings.TrimSuffix(filepath.Base(output), ".json") + "_"
	}
	f.Results = filepath.Join(f.Dir, prefix+f.date+".json")
	return f
}

// Samples is the file of a task's samples.
func (f Files) Samples(task string) string {
	return filepath.Join(f.Dir, "samples_"+task+"_"+f.date+".jsonl")
}
