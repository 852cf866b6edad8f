package compare

import (
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/results"
)

// askedGroups are the averages of task files that both runs have, over the same tasks.
func askedGroups(a, b results.Run) (list []results.Group) {
	for _, g := range a.Groups {
		if slices.ContainsFunc(b.Groups, func(o results.Group) bool { return o.Name == g.Name && slices.Equal(o.Tasks, g.Tasks) }) {
			list = append(list, g)
		}
	}
	return list
}

// groupAverages tests the averages that task files ask for, each with the metric by which its tasks are compared. untested says
// of the others why not.
func (c *Comparison) groupAverages(tests []taskTest, o Options) (out []Average, untested []string) {
	for _, g := range c.groups {
		members, why := membersOf(g, tests)
		if why == "" {
			why = noMetric(g, tests, members)
		}
		if why != "" {
			untested = append(untested, fmt.Sprintf("average %s: not compared: %s", g.Name, why))
			continue
		}
		var a Average
		bySizes := false
		for _, v := range g.Values {
			bySizes = bySizes || v.BySize && v.Metric == tests[members[0]].row.Metric
		}
		switch {
		case len(members) == 1:
			a = alone(g.Name, tests[members[0]].row)
		case bySizes:
			a = average(g.Name, tests, members, bySize(tests, members), o)
		default:
			a = average(g.Name, tests, members, alike(len(members)), o)
		}
		a.Group, a.Metric, a.ByDocument = true, tests[members[0]].row.Metric, bySizes
		out = append(out, a.asked(len(members) > 1 && c.Tier == TierDifferent, o))
	}
	return out, untested
}

// membersOf are the places of a group's tasks among the tests, or why one is not there.
func membersOf(g results.Group, tests []taskTest) (members []int, why string) {
	for _, task := range g.Tasks {
		at := slices.IndexFunc(tests, func(t taskTest) bool { return t.row.Task == task })
		switch {
		case at < 0:
			return nil, task + " is not compared"
		case tests[at].row.Verdict == Incomparable:
			return nil, task + " cannot be compared"
		case tests[at].row.LowerIsBetter:
			return nil, fmt.Sprintf("%s of %s is better where it is lower, and no share", tests[at].row.Metric, task)
		}
		members = append(members, at)
	}
	return members, ""
}

// noMetric is why none of a group's metrics is that by which its tasks are compared, "" where one is.
func noMetric(g results.Group, tests []taskTest, members []int) string {
	metric := tests[members[0]].row.Metric
	for _, i := range members {
		if other := tests[i].row.Metric; other != metric {
			return fmt.Sprintf("its tasks are compared by %s and by %s", metric, other)
		}
	}
	if !slices.ContainsFunc(g.Values, func(v results.GroupValue) bool { return v.Metric == metric }) {
		return fmt.Sprintf("its tasks are compared by %s, of which it is no average", metric)
	}
	return ""
}
