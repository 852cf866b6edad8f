package suite

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Names are the groups and tasks of the profiles, each once, sorted.
func Names(profiles []tasks.Profile) []string {
	var names []string
	for _, p := range profiles {
		for _, g := range p.AllGroups() {
			names = append(names, g.Name)
		}
		names = append(names, tasks.Names(p.Tasks)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ProfileNames are the profiles' names, in their order.
func ProfileNames(profiles []tasks.Profile) []string {
	var names []string
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	return names
}
