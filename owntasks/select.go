package owntasks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// Selection is what names choose of a profile and of task files.
type Selection struct {
	// Profile is named after the task files among what was chosen, if any.
	Profile tasks.Profile
	// Tasks are the profile's in the order of its table, then those of Files.
	Tasks []tasks.Task
	Files []File
}

// Select finds the tasks of p, and those of task files, that names choose: tasks, groups, patterns, and files; a task or group of the
// files in the folder includePath goes by its name. Where p has not what is named, the error says which of the known profiles have.
// Errors name the flags --tasks and --include-path.
func Select(p tasks.Profile, known []tasks.Profile, names []string, includePath string) (s Selection, err error) {
	if err := notBoth(p, names, includePath); err != nil {
		return s, err
	}
	rest, own, files, err := Choose(names, includePath)
	if err != nil {
		return s, err
	}
	s.Files = files
	if len(rest) == 0 && own != nil {
		s.Profile, s.Tasks = With(p, files, own, true), own
		return s, nil
	}
	if s.Tasks, err = suite.Select(p, rest); err != nil {
		return s, elsewhere(known, rest, err)
	}
	had := tasks.Names(s.Tasks)
	for _, t := range own { // samples lie under the task's name
		if name := t.Spec().Name; slices.Contains(had, name) {
			return s, fmt.Errorf("--tasks: %s and a task file both have a task %s", p.Name, name)
		}
	}
	s.Profile, s.Tasks = With(p, files, own, false), append(s.Tasks, own...)
	return s, nil
}

// notBoth refuses a name that is the profile's and that of a task or group of the folder includePath: "all" would be one task.
func notBoth(p tasks.Profile, names []string, includePath string) error {
	for name := range strings.SplitSeq(strings.Join(names, ","), ",") {
		rest, own, _, err := Choose([]string{name}, includePath)
		if name = strings.TrimSpace(name); err != nil || len(rest) > 0 || len(own) == 0 || IsFile(name) {
			continue
		}
		if _, err := suite.Select(p, []string{name}); err == nil {
			return fmt.Errorf("--tasks: %q is known to %s and to a task file of --include-path: name the file", name, p.Name)
		}
	}
	return nil
}

// elsewhere adds to an error about names which profiles have all of them.
func elsewhere(known []tasks.Profile, names []string, err error) error {
	var have []string
	for _, p := range known {
		if _, other := suite.Select(p, names); other == nil {
			have = append(have, "--profile "+p.Name)
		}
	}
	if len(have) == 0 {
		return err
	}
	return fmt.Errorf("%w; found with %s", err, strings.Join(have, " and with "))
}
