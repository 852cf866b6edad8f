package runs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/owntasks"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// Profiles are those of the program, the default first.
type Profiles []tasks.Profile

// Of is the profile that a run recorded. A run that names none of this build's, as those of other programs, has the
// default's metrics where it has their names; one of task files that this build cannot read has none.
func (p Profiles) Of(run results.Run) tasks.Profile {
	found, err := p.Recorded(run)
	switch {
	case err == nil:
		return found
	case strings.Contains(run.Profile, owntasks.Prefix):
		return tasks.Profile{Name: run.Profile}
	}
	return p[0]
}

// unread is a warning about a run of task files that this build cannot read, "" for any other.
func (p Profiles) unread(name string, run results.Run) string {
	if !strings.Contains(run.Profile, owntasks.Prefix) {
		return ""
	}
	if _, err := p.Recorded(run); err != nil {
		return name + ": its task files cannot be read here, so that only what needs no metric of theirs is compared: " + jsonwords.Text(err)
	}
	return ""
}

// Recorded is the profile that a run recorded, under the run's name for it. How the prompts were shown is no part of what
// the answers are scored by.
func (p Profiles) Recorded(run results.Run) (tasks.Profile, error) {
	name, _, _ := strings.Cut(run.Profile, tasks.ChatSuffix)
	if base, _, isOwn := strings.Cut(name, owntasks.Prefix); isOwn {
		var beside *tasks.Profile
		if base = strings.TrimSuffix(base, "+"); base != "" {
			found, err := suite.Find(p, base)
			if err != nil {
				return found, err
			}
			beside = &found
		}
		return owntasks.Recorded(run, beside)
	}
	found, err := suite.Find(p, name)
	if name != run.Profile {
		found.Name = run.Profile
	}
	return found, err
}

// ColumnMetric finds a metric of a profile's task. Only the scores of stored statistics are asked of it, so that what
// pieces or words it counts in does not matter.
func ColumnMetric(p tasks.Profile) func(task, metric string) (metrics.Metric, bool) {
	return func(task, metric string) (metrics.Metric, bool) {
		if t, ok := p.Task(task); ok {
			for _, m := range t.Spec().Metrics {
				if m.Name == metric {
					return m, true
				}
			}
		}
		return metrics.Metric{}, false
	}
}

// Metric returns the metric of an imported task, or else that of the run's profile.
func (p Profiles) Metric(all ...Side) func(task, metric string) (metrics.Metric, bool) {
	return func(task, metric string) (metrics.Metric, bool) {
		for _, d := range all {
			if m, ok := d.Metrics[[2]string{task, metric}]; ok {
				return m, true
			}
		}
		for _, d := range all {
			if m, ok := ColumnMetric(p.Of(d.Run))(task, metric); ok {
				return m, true
			}
		}
		return metrics.Metric{}, false
	}
}

// Reference finds a table of published numbers by its own name, or as that of a profile.
func (p Profiles) Reference(name string) (published.Table, error) {
	table := name
	if profile, err := suite.Find(p, name); err == nil {
		if table = profile.Reference; table == "" {
			return published.Table{}, fmt.Errorf("%q: the profile has no published numbers", name)
		}
	}
	for _, t := range published.All() {
		if t.Name == table {
			return t, nil
		}
	}
	return published.Table{}, fmt.Errorf("%q: this build knows the published numbers of %s", name, strings.Join(p.References(), " and "))
}

// References are the names that Reference knows: those of the tables, and of the profiles that have one.
func (p Profiles) References() []string {
	var known []string
	for _, t := range published.All() {
		known = append(known, t.Name)
	}
	for _, profile := range p {
		if profile.Reference != "" && !slices.Contains(known, profile.Name) {
			known = append(known, profile.Name)
		}
	}
	return known
}
