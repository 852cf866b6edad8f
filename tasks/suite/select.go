package suite

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/nearest"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ErrUnknown is returned, wrapped, where a name is no task's, or only that of a task this build does not have.
var ErrUnknown = errors.New("unknown task")

// Select returns the tasks of p that names ask for, each once, in the profile's order. A name is that of a task (ours,
// the reference harness's or the published column's, in any case), a group, or a pattern as path.Match takes them;
// several may stand in one string, between commas. The error names every name that found nothing, on one line.
func Select(p tasks.Profile, names []string) ([]tasks.Task, error) {
	chosen := make([]bool, len(p.Tasks))
	asked := false
	var problems []string
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			asked = true
			found, err := match(p, name)
			if err != nil {
				problems = append(problems, err.Error())
			}
			for _, i := range found {
				chosen[i] = true
			}
		}
	}
	switch {
	case len(problems) > 0:
		return nil, fmt.Errorf("%w: %s", ErrUnknown, strings.Join(problems, "; "))
	case !asked:
		return nil, fmt.Errorf("%w: no task is named; there are %s", ErrUnknown, strings.Join(known(p), ", "))
	}
	var ts []tasks.Task
	for i, t := range p.Tasks {
		if chosen[i] {
			ts = append(ts, t)
		}
	}
	return ts, nil
}

// match returns the indices of the tasks that one name stands for.
func match(p tasks.Profile, name string) ([]int, error) {
	if members, ok := p.Group(name); ok {
		var found []int
		for i, t := range p.Tasks {
			if slices.Contains(members, t.Spec().Name) {
				found = append(found, i)
			}
		}
		return found, nil
	}
	lower := strings.ToLower(name)
	glob := strings.ContainsAny(name, `*?[\`)
	var found []int
	for i, t := range p.Tasks {
		for _, alias := range aliases(t.Spec()) {
			hit := alias == lower
			if glob {
				var err error
				if hit, err = path.Match(lower, alias); err != nil {
					return nil, fmt.Errorf("%q is not a pattern (%w)", name, err)
				}
			}
			if hit {
				found = append(found, i)
				break
			}
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	for _, m := range p.Missing {
		if lower == m.Name || lower == strings.ToLower(m.Title) {
			return nil, fmt.Errorf("%s is a column of %s that this build does not have", m.Name, p.Name)
		}
	}
	if glob {
		return nil, fmt.Errorf("no task matches %q; there are %s", name, strings.Join(known(p), ", "))
	}
	if near := nearestTask(p, lower); near != nil {
		return nil, fmt.Errorf("%q, did you mean %s?", name, strings.Join(near, " or "))
	}
	return nil, fmt.Errorf("%q; there are %s", name, strings.Join(known(p), ", "))
}

// aliases are the names a task answers to, in lower case: its own, the reference's, the column's, and those under which
// it is exported.
func aliases(s tasks.Spec) []string {
	all := []string{strings.ToLower(s.Name), strings.ToLower(s.Reference), strings.ToLower(s.Title)}
	known := s.Known()
	if len(known.LMEval) > 0 {
		all = append(all, strings.ToLower(known.LMEval[0].Name))
	}
	if known.JPHarness.Name != "" {
		all = append(all, strings.ToLower(known.JPHarness.Name))
	}
	return all
}

// known lists the groups, largest last, and the tasks.
func known(p tasks.Profile) []string {
	groups := p.AllGroups()
	slices.SortFunc(groups, func(a, b tasks.Group) int {
		if d := len(a.Tasks) - len(b.Tasks); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	var all []string
	for _, g := range groups {
		all = append(all, g.Name)
	}
	return append(all, names(p.Tasks)...)
}

// nearestTask returns the groups and tasks whose names have the fewest edits to name.
func nearestTask(p tasks.Profile, name string) []string {
	canonical := map[string]string{}
	var candidates []string
	add := func(alias, name string) {
		candidates = append(candidates, alias)
		canonical[alias] = name
	}
	for _, g := range p.AllGroups() {
		add(g.Name, g.Name)
	}
	for _, t := range p.Tasks {
		for _, alias := range aliases(t.Spec()) {
			add(alias, t.Spec().Name)
		}
	}
	near := nearest.Of(name, candidates)
	for i, alias := range near {
		near[i] = canonical[alias]
	}
	slices.Sort(near)
	return slices.Compact(near)
}
