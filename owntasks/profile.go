package owntasks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// With is a profile with the tasks of task files. Without other tasks it is theirs alone. No published table belongs to
// them.
func With(p tasks.Profile, own []File, ownTasks []tasks.Task, alone bool) tasks.Profile {
	if len(own) == 0 {
		return p
	}
	var names []string
	for _, o := range own {
		names = append(names, o.ProfileName())
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

// Records are the task files as a manifest keeps them, so that whoever has the run has its tasks.
func Records(own []File) (list []results.OwnTask) {
	for _, o := range own {
		list = append(list, results.OwnTask{File: filepath.Base(o.Path), Digest: o.Digest(), Text: string(o.Content)})
	}
	return list
}

// Groups are the averages that task files ask for, without numbers.
func Groups(own []File) (list []results.Group) {
	for _, o := range own {
		for _, g := range o.Groups {
			asked := results.Group{Name: g.Name, Title: g.Title, Tasks: g.Tasks}
			for _, m := range g.Metrics {
				asked.Values = append(asked.Values, results.GroupValue{Value: results.Value{Metric: m.Name}, BySize: m.BySize})
			}
			list = append(list, asked)
		}
	}
	return list
}

// Kept are the task files that a run's manifest keeps, as if they lay in a folder.
func Kept(run results.Run, folder string) (own []File, err error) {
	for _, r := range run.Own {
		o, err := From(filepath.Join(folder, filepath.Base(r.File)), []byte(r.Text))
		if err != nil {
			return nil, fmt.Errorf("the run's task file: %w", err)
		}
		own = append(own, o)
	}
	return own, nil
}

// Recorded is the profile of a run that asked task files, from what its manifest keeps of them. base is the one that it asked
// beside them, nil where there was none.
func Recorded(run results.Run, base *tasks.Profile) (tasks.Profile, error) {
	own, err := Kept(run, "")
	if err != nil {
		return tasks.Profile{}, err
	}
	var all []tasks.Task
	for _, o := range own {
		for _, t := range o.Tasks {
			all = append(all, t)
		}
	}
	var p tasks.Profile
	if base != nil {
		p = *base
	}
	p = With(p, own, all, base == nil)
	p.Name = run.Profile
	return p, nil
}

// Answerable refuses tasks whose answers cannot be made as generation_kwargs say.
func Answerable(chosen []tasks.Task) error {
	for _, t := range chosen {
		if own, ok := t.(*file.Task); ok && own.Drawing.Unanswered != "" {
			return fmt.Errorf("%s: generation_kwargs: %s", own.Spec().Name, own.Drawing.Unanswered)
		}
	}
	return nil
}

// Others are the tasks of this program.
func Others(all []tasks.Task) []tasks.Task {
	return slices.DeleteFunc(slices.Clone(all), func(t tasks.Task) bool { return strings.HasPrefix(t.Spec().Dataset, file.DatasetPrefix) })
}
