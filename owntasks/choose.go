package owntasks

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Choose takes the task files out of names, which may be several between commas, with the tasks of the files in the folder
// includePath that they name. rest are the names that are left for the profile. Errors name the flags --tasks and --include-path.
func Choose(names []string, includePath string) (rest []string, chosen []tasks.Task, own []File, err error) {
	included, err := included(includePath)
	if err != nil {
		return nil, nil, nil, err
	}
	take := func(o File, only string) {
		if !slices.ContainsFunc(own, func(had File) bool { return had.Path == o.Path }) {
			own = append(own, o)
		}
		for _, t := range o.Tasks {
			if (only == "" || t.Spec().Name == only) && !slices.ContainsFunc(chosen, func(had tasks.Task) bool { return had == tasks.Task(t) }) {
				chosen = append(chosen, t)
			}
		}
	}
	read := map[string]File{}
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if o, ok := included[name]; ok {
				for _, member := range o.members(name) {
					take(o, member)
				}
				continue
			}
			if !IsFile(name) {
				rest = append(rest, name)
				continue
			}
			o, ok := read[name]
			if !ok {
				if o, err = Read(name); err != nil {
					return nil, nil, nil, fmt.Errorf("--tasks: %w", err)
				}
				read[name] = o
			}
			take(o, "")
		}
	}
	had := map[string]bool{}
	for _, t := range chosen {
		if n := t.Spec().Name; had[n] {
			return nil, nil, nil, fmt.Errorf("--tasks: two task files have a task %s", n)
		}
		had[t.Spec().Name] = true
	}
	for _, o := range own {
		for _, g := range o.Groups {
			if had[g.Name] {
				return nil, nil, nil, fmt.Errorf("--tasks: two task files have a task or a group %s", g.Name)
			}
			had[g.Name] = true
		}
	}
	return rest, chosen, own, nil
}

// included are the tasks of the files in a folder by name.
func included(folder string) (map[string]File, error) {
	if folder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("--include-path: %w", err)
	}
	byName := map[string]File{}
	for _, e := range entries {
		if e.IsDir() || !IsFile(e.Name()) {
			continue
		}
		o, err := Read(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("--include-path: %w", err)
		}
		for _, name := range o.names() {
			if had, twice := byName[name]; twice {
				return nil, fmt.Errorf("--include-path: %s and %s both have a task or a group %s", had.Path, o.Path, name)
			}
			byName[name] = o
		}
	}
	return byName, nil
}

// names are those of a file's tasks and groups.
func (o File) names() (names []string) {
	for _, t := range o.Tasks {
		names = append(names, t.Spec().Name)
	}
	for _, g := range o.Groups {
		names = append(names, g.Name)
	}
	return names
}

// members are the tasks of a group, or the task itself.
func (o File) members(name string) []string {
	for _, g := range o.Groups {
		if g.Name == name {
			return g.Tasks
		}
	}
	return []string{name}
}
