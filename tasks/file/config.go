package file

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/internal/nearest"
	"github.com/swallow-eval/swallow-eval/internal/python"
)

// The kinds of task.
const (
	Generate       = "generate_until"
	MultipleChoice = "multiple_choice"
	LogLikelihood  = "loglikelihood"
	Rolling        = "loglikelihood_rolling"
)

// Config is a task as its file says it. Keys and their meaning are those of lm-evaluation-harness 0.4
// (lm_eval/config/task.py and api/task.py at 4e7e0d4), with data, doc_id, doc_cluster and filter_docs of our own.
type Config struct {
	Name, Title, Language, About, Version string
	Type                                  string
	// Test, Validation, Training and FewshotSplit name splits, "" for none.
	Test, Validation, Training        string
	Text, Target, Choice              *Field
	Description, GenPrefix            *Field
	ID, Cluster, Keep                 *Field
	TargetDelimiter, FewshotDelimiter string
	Fewshot                           Fewshot
	// NumFewshot is nil where the file has none; 0 cannot be overridden, as in lm-eval.
	NumFewshot *int
	Seed       int
	// Generation holds all generation_kwargs; Until and MaxTokens are of it. Drawing says how answers are drawn.
	Generation python.Object
	Until      []string
	MaxTokens  int
	Drawing    Drawing
	Repeats    int
	Filters    []Pipeline
	Metrics    []MetricSpec
	Data       map[string]DataFile
}

// The samplers: lm-eval's two, and shuffled, which is the harness of 2023.
const (
	drawn    = "default"
	firstN   = "first_n"
	shuffled = "shuffled"
)

// Fewshot are the settings of the examples; what is nil is the task's own.
type Fewshot struct {
	Sampler string
	Split   string
	Samples []row
	// Indices are the records that examples are taken from, nil for all.
	Indices          []int
	Text             *Field
	Target, Choice   *Field
	GenPrefix        *Field
	FewshotDelimiter string
	TargetDelimiter  string
}

// keys are the keys that a task may have, by what reads them.
func (c *Config) keys() map[string]func(p *parser, e Entry) error {
	text := func(to *string) func(*parser, Entry) error {
		return func(p *parser, e Entry) (err error) { *to, err = p.text(e); return err }
	}
	field := func(to **Field) func(*parser, Entry) error {
		return func(p *parser, e Entry) (err error) { *to, err = p.field(e); return err }
	}
	ignore := func(*parser, Entry) error { return nil }
	return map[string]func(*parser, Entry) error{
		"task": text(&c.Name), "task_alias": text(&c.Title), "title": text(&c.Title), "language": text(&c.Language), "about": text(&c.About),
		"output_type": text(&c.Type), "test_split": text(&c.Test), "validation_split": text(&c.Validation), "training_split": text(&c.Training),
		"fewshot_split": text(&c.Fewshot.Split), "doc_to_text": field(&c.Text), "doc_to_target": field(&c.Target), "doc_to_choice": field(&c.Choice),
		"description": field(&c.Description), "gen_prefix": field(&c.GenPrefix), "doc_id": field(&c.ID), "doc_cluster": field(&c.Cluster),
		"target_delimiter": text(&c.TargetDelimiter), "fewshot_delimiter": text(&c.FewshotDelimiter),
		"filter_docs": (*parser).keep, "fewshot_config": (*parser).fewshot, "num_fewshot": (*parser).shots, "fewshot_seed": (*parser).seed,
		"generation_kwargs": (*parser).generation, "repeats": (*parser).repeats, "filter_list": (*parser).filters, "metric_list": (*parser).metrics,
		"data": (*parser).data, "metadata": (*parser).metadata, "$schema": ignore, "should_decontaminate": ignore, "doc_to_decontamination_query": ignore,
		"dataset_path": ignore, "dataset_name": ignore, "dataset_kwargs": ignore, "tag": ignore,
	}
}

// parser reads one task.
type parser struct {
	*Reader
	c     *Config
	given map[string]int // lines of the keys that are there
}

// Parse reads the tasks of a file of one or several.
func Parse(name string, content []byte) ([]*Config, error) {
	all, _, err := ParseAll(name, content)
	return all, err
}

// ParseAll reads a file's tasks and its averages over them.
func ParseAll(name string, content []byte) ([]*Config, []*Group, error) {
	r := &Reader{File: name}
	root, err := r.Root(content)
	if err != nil {
		return nil, nil, err
	}
	var groups Entry
	if root.Kind == yaml.MappingNode {
		entries, err := r.Entries(root, "")
		if err != nil {
			return nil, nil, err
		}
		for _, e := range entries {
			if e.Key == "groups" {
				groups = e
			}
			if e.Key == "group" || e.Key == "aggregate_metric_list" {
				return nil, nil, r.Problem(e.Line, e.Key, "a group stands in the list groups, beside the list tasks of its tasks")
			}
		}
		if i := slices.IndexFunc(entries, func(e Entry) bool { return e.Key == "tasks" }); i >= 0 {
			beside := []string{"tasks", "groups", "$schema"}
			if extra := slices.IndexFunc(entries, func(e Entry) bool { return !slices.Contains(beside, e.Key) }); extra >= 0 {
				return nil, nil, r.Problem(entries[extra].Line, entries[extra].Key, "stands beside tasks: put it into each of them")
			}
			root = entries[i].Node
		}
	}
	all, err := r.tasks(root)
	if err != nil || groups.Node == nil {
		return all, nil, err
	}
	list, err := r.Groups(groups, all)
	return all, list, err
}

// tasks reads one task or a list of tasks.
func (r *Reader) tasks(root *yaml.Node) ([]*Config, error) {
	nodes := []*yaml.Node{root}
	if root.Kind == yaml.SequenceNode {
		nodes = root.Content
	}
	var all []*Config
	names := map[string]bool{}
	for _, n := range nodes {
		c, err := r.Task(n)
		if err != nil {
			return nil, err
		}
		if names[c.Name] {
			return nil, r.Problem(n.Line, "task", "two tasks are named %s", c.Name)
		}
		names[c.Name] = true
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, r.Problem(root.Line, "tasks", "there is no task")
	}
	return all, nil
}

// Task reads one task of a mapping.
func (r *Reader) Task(n *yaml.Node) (*Config, error) {
	entries, err := r.Entries(n, "")
	if err != nil {
		return nil, err
	}
	c := &Config{Type: Generate, TargetDelimiter: " ", FewshotDelimiter: "\n\n", Repeats: 1, Version: "1", Language: "own", Seed: 1234}
	p := &parser{r, c, map[string]int{}}
	keys := c.keys()
	// The delimiters are what other keys fall back to.
	slices.SortStableFunc(entries, func(a, b Entry) int { return rank(a.Key) - rank(b.Key) })
	for _, e := range entries {
		read, ok := keys[e.Key]
		if !ok {
			return nil, r.Problem(e.Line, e.Key, "unknown key%s", meant(e.Key, keys))
		}
		p.given[e.Key] = e.Line
		if n := e.Node; n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
			continue // as if it were not there
		}
		if err := read(p, e); err != nil {
			return nil, err
		}
	}
	return c, p.complete(n.Line)
}

func rank(key string) int { return btoi(!strings.HasSuffix(key, "_delimiter")) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// meant says which of the known keys a wrong one may be.
func meant[V any](key string, known map[string]V) string {
	var names []string
	for k := range known {
		names = append(names, k)
	}
	slices.Sort(names)
	if near := nearest.Of(key, names); near != nil {
		return ", did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}

// noName are the characters that no name of a task or a group has.
const noName = "/\\,:*?[]\x00 \t\n"

// complete checks what keys say together and fills in what lm-eval does.
func (p *parser) complete(line int) error {
	c := p.c
	at := func(key string) int {
		if l := p.given[key]; l > 0 {
			return l
		}
		return line
	}
	switch {
	case c.Name == "":
		return p.Problem(line, "task", "the task has no name")
	case strings.ContainsAny(c.Name, noName) || c.Name == "." || c.Name == "..":
		return p.Problem(at("task"), "task", "%q is no name: it becomes part of file names", c.Name)
	case !slices.Contains([]string{Generate, MultipleChoice, LogLikelihood, Rolling}, c.Type):
		return p.Problem(at("output_type"), "output_type", "%q is none of generate_until, multiple_choice, loglikelihood, loglikelihood_rolling", c.Type)
	case c.Test == "" && c.Validation == "":
		return p.Problem(line, "test_split", "neither test_split nor validation_split says which documents are evaluated")
	case c.Text == nil && c.Type != Rolling:
		return p.Problem(line, "doc_to_text", "the task has no question")
	case c.Target == nil:
		return p.Problem(line, "doc_to_target", "the task has no answer")
	case c.Choice == nil && c.Type == MultipleChoice:
		return p.Problem(line, "doc_to_choice", "multiple_choice needs choices")
	}
	if c.Title == "" {
		c.Title = c.Name
	}
	f := &c.Fewshot
	for _, d := range []struct{ to, from **Field }{{&f.Text, &c.Text}, {&f.Target, &c.Target}, {&f.Choice, &c.Choice}, {&f.GenPrefix, &c.GenPrefix}} {
		if *d.to == nil {
			*d.to = *d.from
		}
	}
	if _, ok := p.given["fewshot_config.target_delimiter"]; !ok {
		f.TargetDelimiter = c.TargetDelimiter
	}
	if _, ok := p.given["fewshot_config.fewshot_delimiter"]; !ok {
		f.FewshotDelimiter = c.FewshotDelimiter
	}
	if f.Sampler == "" {
		f.Sampler = drawn
	}
	if f.Indices != nil && f.Samples != nil && f.Split == "" {
		return p.Problem(at("fewshot_config.fewshot_indices"), "fewshot_config.fewshot_indices", "they are of a split, and samples are written out")
	}
	if c.Generation == nil && c.Type == Generate {
		c.Generation = python.Object{{Name: "temperature", Value: 0.0}, {Name: "do_sample", Value: false}, {Name: "max_gen_toks", Value: defaultMaxTokens}}
		c.MaxTokens = defaultMaxTokens
	}
	if c.Type == Generate && c.Until == nil {
		c.Until = []string{c.FewshotDelimiter}
		c.Generation = append(c.Generation, python.Member{Name: "until", Value: []string{c.FewshotDelimiter}})
	}
	return p.completeScoring()
}

// defaultMaxTokens is what lm-eval's models generate at most where a task does not say.
const defaultMaxTokens = 256

func (p *parser) text(e Entry) (string, error) {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return "", err
	}
	text, ok := v.(string)
	if !ok {
		return "", p.Problem(e.Line, e.Key, "text is needed, this is %s", kindOf(e.Node))
	}
	return text, nil
}

func (p *parser) field(e Entry) (*Field, error) {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return nil, err
	}
	f, err := newField(v)
	if err != nil {
		return nil, p.Problem(e.Line, e.Key, "%v", err)
	}
	return f, nil
}

func (p *parser) count(e Entry, least int) (int, error) {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return 0, err
	}
	n, ok := v.(int)
	if !ok || n < least || n > math.MaxInt32 {
		return 0, p.Problem(e.Line, e.Key, "a whole number from %d on is needed, this is %s", least, kindOf(e.Node))
	}
	return n, nil
}

func (p *parser) shots(e Entry) error {
	n, err := p.count(e, 0)
	p.c.NumFewshot = &n
	return err
}

func (p *parser) seed(e Entry) (err error) {
	p.c.Seed, err = p.count(e, 0)
	return err
}

// mostRepeats bounds the answers to one question.
const mostRepeats = 10_000

func (p *parser) repeats(e Entry) (err error) {
	p.c.Repeats, err = p.count(e, 1)
	if err == nil && p.c.Repeats > mostRepeats {
		return p.Problem(e.Line, e.Key, "%d answers to one question, more than %d", p.c.Repeats, mostRepeats)
	}
	return err
}

// metadata keeps the version alone.
func (p *parser) metadata(e Entry) error {
	v, err := p.Value(e.Node, e.Key)
	if o, ok := v.(python.Object); ok {
		if version, has := o.Get("version"); has {
			p.c.Version = fmt.Sprint(version)
		}
	}
	return err
}

// keep makes a condition of an expression.
func (p *parser) keep(e Entry) error {
	text, err := p.text(e)
	if err != nil {
		return err
	}
	if p.c.Keep, err = newField("{% if " + text + " %}1{% endif %}"); err != nil {
		return p.Problem(e.Line, e.Key, "%v", err)
	}
	return nil
}
