package runs

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/interop/swallow"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Numbers reads a run for its numbers alone, to be set beside printed ones of columns: ours, whose samples must give them, another
// program's, scored again, or a table of the Swallow project.
func (l Loader) Numbers(path string, columns []tasks.Task) (run results.Run, warnings []string, err error) {
	kind, err := kindOf(path)
	if err != nil {
		return run, nil, err
	}
	if kind == series.KindAggregate {
		file, err := os.Open(path)
		if err != nil {
			return run, nil, err
		}
		run, err := swallow.Read(path, file, columns)
		return run, nil, errors.Join(err, file.Close())
	}
	l.Columns = columns
	s, err := l.Load(path)
	if err != nil {
		return run, nil, err
	}
	if kind == series.KindRun {
		s.Warnings = nil // of task files that cannot be read here: no printed table has their tasks
	}
	run, warnings = Vouched(s, l.Profiles.Metric(s))
	return run, warnings, nil
}

// kindOf is what a path holds; of a folder it is known only whether it is a result directory of ours.
func kindOf(path string) (series.Kind, error) {
	info, err := os.Stat(path)
	if err != nil {
		return series.KindUnknown, err
	}
	if !info.IsDir() {
		return interop.DetectFile(path)
	}
	if _, err := os.Stat(filepath.Join(path, results.RunFile)); err != nil {
		return series.KindUnknown, nil
	}
	return series.KindRun, nil
}
