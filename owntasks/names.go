package owntasks

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/tasks/file"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// CheckNames refuses names that mean something else to every --tasks of this program: a group's that is a task's or a group's of
// some profile, and a task's that is a group's. A task may be named as one of a profile, of which it is then another form: the
// two are never in one run. Errors name the file and the line.
func (o File) CheckNames() error {
	for _, p := range suite.Profiles() {
		for _, g := range o.Groups {
			what := "a task of " + p.Name
			if _, ok := p.Group(g.Name); ok {
				what = "a group of " + p.Name
			} else if _, err := suite.Select(p, []string{g.Name}); err != nil {
				continue
			}
			return &file.Problem{File: o.Path, Line: g.Line, Field: "group", What: fmt.Sprintf("%s is the name of %s: give the group another", g.Name, what)}
		}
		for _, t := range o.Tasks {
			name := t.Spec().Name
			if _, ok := p.Group(name); ok {
				return &file.Problem{File: o.Path, Field: "task", What: fmt.Sprintf("%s is the name of a group of %s: give the task another", name, p.Name)}
			}
		}
	}
	return nil
}
