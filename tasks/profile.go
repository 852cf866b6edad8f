package tasks

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// Profile is a named evaluation protocol whose published numbers a run must reproduce. It is a value: everything by
// which two profiles differ is a field of it, or of its tasks' Specs.
type Profile struct {
	Name string
	// About says in one line what the profile reproduces.
	About string
	// SharesTexts names the profile whose tasks of the same names ask the very same, so that what is on record of those
	// requests holds for this one; "" is the profile itself.
	SharesTexts string
	// Tasks are in the order of the published table's columns. A task's Spec says which wrapper answers it, how many
	// examples it is asked with and which metric its column shows; Under changes these for a profile.
	Tasks []Task
	// Groups may be named in place of their tasks, beside those that AllGroups adds.
	Groups []Group
	// SharedFraction names the protocols whose harness overwrites a fractional limit with the count that it gave for the
	// first task, in the order of the reference's names: all its tasks then get that same count.
	SharedFraction []Protocol
	// Reference names the published table to compare with, "" where there is none.
	Reference string
	// Missing names the columns of the published table that this build cannot run yet, with their group.
	Missing []MissingTask
}

// MissingTask is a column of the published table that the build does not have.
type MissingTask struct{ Name, Title, Group string }

// Group is a name that stands for several tasks.
type Group struct {
	Name string
	// Tasks are the members' names in table order.
	Tasks []string
}

// TextsOf names the profile under which this one's requests are on record.
func (p Profile) TextsOf() string {
	if p.SharesTexts != "" {
		return p.SharesTexts
	}
	return p.Name
}

// AllGroups returns one group a language ("ja-all"), in the order of the first column of each, then the profile's own,
// then "all".
func (p Profile) AllGroups() []Group {
	var groups []Group
	all := Group{Name: "all"}
	for _, t := range p.Tasks {
		s := t.Spec()
		name := s.Language + "-all"
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == name })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Name: name})
		}
		groups[i].Tasks = append(groups[i].Tasks, s.Name)
		all.Tasks = append(all.Tasks, s.Name)
	}
	return append(append(groups, p.Groups...), all)
}

// Group returns the members of a group; ok is false where there is none of that name.
func (p Profile) Group(name string) (tasks []string, ok bool) {
	for _, g := range p.AllGroups() {
		if g.Name == name {
			return g.Tasks, true
		}
	}
	return nil, false
}

// Task returns the task of that name.
func (p Profile) Task(name string) (Task, bool) {
	for _, t := range p.Tasks {
		if t.Spec().Name == name {
			return t, true
		}
	}
	return nil, false
}

// Bind returns the profile with its tasks bound to e.
func (p Profile) Bind(e metrics.Env) Profile {
	return p.with(func(t Task) Task { return Bind(t, e) })
}

// Inventive is a task that takes other examples where the data are not the benchmark's own.
type Inventive interface {
	// OnInvented returns the task for data that were invented.
	OnInvented() Task
}

// OnInvented returns the profile for data that were invented, in which the reference's own examples are not to be found.
func (p Profile) OnInvented() Profile {
	return p.with(func(t Task) Task {
		if other, ok := t.(Inventive); ok {
			return other.OnInvented()
		}
		return t
	})
}

// with returns the profile with every task changed.
func (p Profile) with(change func(Task) Task) Profile {
	ts := make([]Task, len(p.Tasks))
	for i, t := range p.Tasks {
		ts[i] = change(t)
	}
	p.Tasks = ts
	return p
}
