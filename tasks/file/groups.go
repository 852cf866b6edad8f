package file

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// Group is an average over several tasks of a file. Its keys are those of lm-eval's groups (lm_eval/api/group.py at 0c44a15).
type Group struct {
	Name, Title string
	// Tasks are the names of its tasks in the order of the file; those of a group among its members stand in its place.
	Tasks   []string
	Metrics []GroupMetric
	// Line is where it begins in the file.
	Line int

	members []string
}

// GroupMetric is a metric that is averaged.
type GroupMetric struct {
	// Name is the metric's in each of the tasks, with the filter that it is under.
	Name string
	// BySize weighs every task by its documents, so that each document counts alike; without it each task does.
	BySize bool
}

// aggregate is an entry of aggregate_metric_list as the file has it.
type aggregate struct {
	metric  string
	filters []string // nil for every one
	bySize  bool
	line    int
	field   string
}

// Groups reads the groups of a file whose tasks are known.
func (r *Reader) Groups(e Entry, tasks []*Config) ([]*Group, error) {
	if e.Node.Kind != yaml.SequenceNode {
		return nil, r.Problem(e.Line, e.Key, "a list of groups is needed, this is %s", kindOf(e.Node))
	}
	var all []*Group
	asked := map[*Group][]aggregate{}
	x := expansion{Reader: r, tasks: tasks, at: map[string]int{}, has: map[*Config]map[string]bool{}, averaged: map[[2]string]bool{}}
	for i, c := range tasks {
		x.at[c.Name], x.has[c] = i, map[string]bool{}
		for _, name := range c.metricNames() {
			x.has[c][name] = true
		}
	}
	for i, n := range e.Node.Content {
		g, list, err := r.group(n, fmt.Sprintf("%s[%d]", e.Key, i))
		if err != nil {
			return nil, err
		}
		if _, twice := x.at[g.Name]; twice {
			return nil, r.Problem(g.Line, "group", "a task or another group is named %s, too", g.Name)
		}
		x.at[g.Name] = -1 - len(all)
		all, asked[g] = append(all, g), list
	}
	x.groups = all
	for _, g := range all {
		chosen := map[string]bool{}
		if err := x.expand(g, g, chosen, 0); err != nil {
			return nil, err
		}
		for _, a := range asked[g] {
			if err := x.average(g, a); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// group reads one group.
func (r *Reader) group(n *yaml.Node, at string) (*Group, []aggregate, error) {
	entries, err := r.Entries(n, at)
	if err != nil {
		return nil, nil, err
	}
	g := &Group{Line: n.Line}
	var list []aggregate
	p := &parser{Reader: r}
	for _, e := range entries {
		key := e.Key
		e.Key = join(at, key)
		switch key {
		case "group":
			g.Name, err = p.text(e)
		case "group_alias":
			g.Title, err = p.text(e)
		case "task":
			g.members, err = r.texts(e)
		case "aggregate_metric_list":
			list, err = r.aggregates(e)
		case "metadata", "tag", "about":
		default:
			err = r.Problem(e.Line, e.Key, "unknown key")
		}
		if err != nil {
			return nil, nil, err
		}
	}
	switch {
	case g.Name == "" || strings.ContainsAny(g.Name, noName):
		return nil, nil, r.Problem(g.Line, join(at, "group"), "%q is no name of a group", g.Name)
	case len(g.members) == 0:
		return nil, nil, r.Problem(g.Line, join(at, "task"), "the group %s has no tasks", g.Name)
	case len(list) == 0:
		return nil, nil, r.Problem(g.Line, join(at, "aggregate_metric_list"), "the group %s averages no metric", g.Name)
	}
	if g.Title == "" {
		g.Title = g.Name
	}
	return g, list, nil
}

// texts is a text or a list of texts.
func (r *Reader) texts(e Entry) ([]string, error) {
	v, err := r.Value(e.Node, e.Key)
	if err != nil {
		return nil, err
	}
	if one, ok := v.(string); ok {
		return []string{one}, nil
	}
	values, ok := v.([]any)
	var list []string
	for _, value := range values {
		text, isText := value.(string)
		list, ok = append(list, text), ok && isText
	}
	if !ok {
		return nil, r.Problem(e.Line, e.Key, "a text or a list of texts is needed")
	}
	return list, nil
}

// aggregates are the metrics to average, as lm-eval's AggMetricConfig has them.
func (r *Reader) aggregates(e Entry) ([]aggregate, error) {
	nodes := e.Node.Content
	if e.Node.Kind == yaml.MappingNode {
		nodes = []*yaml.Node{e.Node}
	} else if e.Node.Kind != yaml.SequenceNode {
		return nil, r.Problem(e.Line, e.Key, "a list of metrics is needed, this is %s", kindOf(e.Node))
	}
	var list []aggregate
	for i, n := range nodes {
		a := aggregate{bySize: true, line: n.Line, field: fmt.Sprintf("%s[%d]", e.Key, i)}
		v, err := r.Value(n, a.field)
		if err != nil {
			return nil, err
		}
		o, ok := v.(python.Object)
		if !ok {
			return nil, r.Problem(n.Line, a.field, "a mapping is needed, this is %s", kindOf(n))
		}
		for _, m := range o {
			if err := a.set(m); err != nil {
				return nil, r.Problem(n.Line, join(a.field, m.Name), "%v", err)
			}
		}
		if a.metric == "" {
			return nil, r.Problem(n.Line, join(a.field, "metric"), "a metric's name is needed")
		}
		list = append(list, a)
	}
	return list, nil
}

func (a *aggregate) set(m python.Member) error {
	ok := true
	switch m.Name {
	case "metric":
		a.metric, ok = m.Value.(string)
	case "weight_by_size":
		if a.bySize, ok = m.Value.(bool); !ok {
			return fmt.Errorf("true or false is needed")
		}
	case "aggregation":
		if m.Value != "mean" {
			return fmt.Errorf("%v is no way to average: there is mean", m.Value)
		}
	case "filter_list":
		switch v := m.Value.(type) {
		case nil:
		case string:
			a.filters = []string{v}
		case []any:
			for _, f := range v {
				text, isText := f.(string)
				a.filters, ok = append(a.filters, text), ok && isText
			}
		default:
			ok = false
		}
	case "higher_is_better":
	default:
		return fmt.Errorf("unknown key")
	}
	if !ok {
		return fmt.Errorf("text is needed")
	}
	return nil
}

// maxGroups is how deep groups may stand in groups.
const maxGroups = 20

// expansion finds the tasks of groups.
type expansion struct {
	*Reader
	groups []*Group
	tasks  []*Config
	at     map[string]int              // of a task its place, of a group -1 less its place
	has    map[*Config]map[string]bool // names of metrics
	// averaged are groups and metrics that are theirs already.
	averaged map[[2]string]bool
	steps    int
}

// step counts what is looked at, so that no small file takes long.
func (x *expansion) step(g *Group) error {
	if x.steps++; x.steps > maxNodes {
		return x.Problem(g.Line, "task", "more than %d tasks and metrics, those of groups in groups counted", maxNodes)
	}
	return nil
}

// expand gives g the tasks of a group, which is g or in it, in the order of the file.
func (x *expansion) expand(g, of *Group, chosen map[string]bool, depth int) error {
	if depth > maxGroups {
		return x.Problem(of.Line, "task", "the group %s is in itself, or groups are more than %d deep", of.Name, maxGroups)
	}
	for _, name := range of.members {
		if err := x.step(g); err != nil {
			return err
		}
		at, ok := x.at[name]
		switch {
		case !ok:
			return &Problem{File: x.File, Line: of.Line, Field: "task", Unknown: name,
				What: fmt.Sprintf("the group %s has the task %q, which the file does not have%s", of.Name, name, meant(name, x.at))}
		case at >= 0:
			chosen[name] = true
		default:
			if err := x.expand(g, x.groups[-1-at], chosen, depth+1); err != nil {
				return err
			}
		}
	}
	if depth == 0 {
		g.Tasks = slices.SortedFunc(maps.Keys(chosen), func(a, b string) int { return x.at[a] - x.at[b] })
	}
	return nil
}

// average adds a metric of the group under each filter. Each task must have it: an average over some would be another number.
func (x *expansion) average(g *Group, a aggregate) error {
	names, err := x.under(g, a)
	if err != nil {
		return err
	}
	metrics := func(task string) string { return strings.Join(x.tasks[x.at[task]].metricNames(), ", ") }
	if names == nil {
		return x.Problem(a.line, join(a.field, "metric"), "no task of %s has a metric %q: %s has %s", g.Name, a.metric, g.Tasks[0], metrics(g.Tasks[0]))
	}
	for _, name := range names {
		for _, task := range g.Tasks {
			if err := x.step(g); err != nil {
				return err
			}
			if !x.has[x.tasks[x.at[task]]][name] {
				return x.Problem(a.line, join(a.field, "metric"), "the task %s has no %s, only %s: filter_list names those to average", task, name, metrics(task))
			}
		}
		if x.averaged[[2]string{g.Name, name}] {
			return x.Problem(a.line, join(a.field, "metric"), "%s is there twice", name)
		}
		x.averaged[[2]string{g.Name, name}] = true
		g.Metrics = append(g.Metrics, GroupMetric{name, a.bySize})
	}
	return nil
}

// under are the names of a metric under the filters asked for, or under all that some task has.
func (x *expansion) under(g *Group, a aggregate) (names []string, err error) {
	for _, f := range a.filters {
		names = append(names, under(a.metric, f))
	}
	if a.filters != nil {
		return names, nil
	}
	seen := map[string]bool{}
	for _, task := range g.Tasks {
		for _, name := range x.tasks[x.at[task]].metricNames() {
			if err := x.step(g); err != nil {
				return nil, err
			}
			if base, _, _ := strings.Cut(name, ","); base == a.metric && !seen[name] {
				names, seen[name] = append(names, name), true
			}
		}
	}
	return names, nil
}

// under is the name of a metric under a filter.
func under(metric, filter string) string {
	if filter == "none" {
		return metric
	}
	return metric + "," + filter
}

// metricNames are the names of a task's metrics, as New makes them.
func (c *Config) metricNames() (names []string) {
	for _, f := range c.Filters {
		for _, m := range c.Metrics {
			names = append(names, under(m.Name, f.Name))
		}
	}
	return names
}
