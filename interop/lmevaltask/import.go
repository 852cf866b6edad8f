// Package lmevaltask makes task files of lm-evaluation-harness's YAML. What lies outside the plain subset is refused with
// the key and the line: nothing is left out in silence, and no code is run.
//
// Source: lm_eval/tasks/_yaml_loader.py and config/task.py of EleutherAI/lm-evaluation-harness at 4e7e0d4.
package lmevaltask

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// entry is a key with the file that it came from.
type entry struct {
	file.Entry
	reader *file.Reader
}

// maxIncludes is the longest chain of files that include each other.
const maxIncludes = 20

// Task is a YAML file with what it includes.
type Task struct {
	entries []entry
	// Splits are the splits that it names, in the order of test, validation, training, few-shot.
	Splits []string
}

// Name is the task's.
func (t *Task) Name() string {
	for _, e := range t.entries {
		if e.Key == "task" {
			return e.Node.Value
		}
	}
	return ""
}

// outside are keys that lm-eval knows and a task file cannot have, with the reason.
func outside() map[string]string {
	return map[string]string{
		"class": "the task is a Python class", "process_docs": "records are changed by a Python function", "process_results": "answers are scored by a Python function",
		"custom_dataset": "the data are made by a Python function", "doc_to_image": "images are not supported", "doc_to_audio": "audio is not supported",
		"unsafe_code": "code that a model writes is not run", "use_prompt": "promptsource is not supported",
		"task_list": "a list of tasks: import its members", "group": "a group among a group's members", "aggregate_metric_list": "an average without group: names its tasks",
	}
}

// dropped are keys that say nothing about requests or scores.
func dropped() []string { return []string{"include", "tag", "dataset_kwargs"} }

// Load reads a YAML file and what it includes.
func Load(path string) (*Task, error) {
	entries, err := load(path, map[string]bool{}, 0)
	if err != nil {
		return nil, err
	}
	t := &Task{entries: entries}
	for _, e := range entries {
		why, isOutside := outside()[e.Key]
		isFalse := e.Key == "unsafe_code" && e.Node.Value == "false"
		if isOutside && !isFalse && e.Node.Tag != "!!null" {
			if e.Key == "task_list" || e.Key == "group" {
				return nil, e.reader.Problem(e.Line, e.Key, "%s", why)
			}
			if tag := e.Node.Tag; strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
				why = tag + " " + e.Node.Value + ": " + why
			}
			return nil, e.reader.Problem(e.Line, e.Key, "%s", why)
		}
		if e.Key == "task" && e.Node.Kind == yaml.SequenceNode {
			return nil, e.reader.Problem(e.Line, e.Key, "a list of tasks without group: import its members")
		}
	}
	return t, t.check()
}

// load returns the keys of a file over those of what it includes.
func load(path string, seen map[string]bool, depth int) ([]entry, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if seen[absolute] || depth > maxIncludes {
		return nil, fmt.Errorf("%s is included twice, or by itself", path)
	}
	seen[absolute] = true
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &file.Reader{File: path, Repeated: true}
	root, err := r.Root(content)
	if err != nil {
		return nil, err
	}
	own, err := r.Entries(root, "")
	if err != nil {
		return nil, err
	}
	var merged []entry
	for _, e := range own {
		if e.Key != "include" {
			continue
		}
		parents, err := includes(r, e)
		if err != nil {
			return nil, err
		}
		for _, parent := range parents {
			if !filepath.IsAbs(parent) {
				parent = filepath.Join(filepath.Dir(path), parent)
			}
			inherited, err := load(parent, seen, depth+1)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: include: %w", path, e.Line, err)
			}
			for _, i := range inherited {
				if i.Key != "task_list" {
					merged = put(merged, i)
				}
			}
		}
	}
	for _, e := range own {
		if e.Key != "include" {
			merged = put(merged, entry{e, r})
		}
	}
	return merged, nil
}

func includes(r *file.Reader, e file.Entry) ([]string, error) {
	v, err := r.Value(e.Node, e.Key)
	if err != nil {
		return nil, err
	}
	if one, ok := v.(string); ok {
		return []string{one}, nil
	}
	list, ok := v.([]any)
	var paths []string
	for _, p := range list {
		text, isText := p.(string)
		ok = ok && isText
		paths = append(paths, text)
	}
	if !ok {
		return nil, r.Problem(e.Line, e.Key, "a path or a list of paths is needed")
	}
	return paths, nil
}

// put sets a key: the last file that has it counts, as a whole.
func put(list []entry, e entry) []entry {
	if i := slices.IndexFunc(list, func(o entry) bool { return o.Key == e.Key }); i >= 0 {
		list[i] = e
		return list
	}
	return append(list, e)
}

// check reads the task as a task file would, so that what is wrong is told with the line of the file that says it.
func (t *Task) check() error {
	var readers []*file.Reader
	for _, e := range t.entries {
		if !slices.Contains(readers, e.reader) {
			readers = append(readers, e.reader)
		}
	}
	root := t.mapping(nil)
	c, err := (&file.Reader{File: readers[len(readers)-1].File, Repeated: true}).Task(root)
	if err != nil {
		return t.inFile(err)
	}
	if _, err := file.New(c); err != nil {
		return err
	}
	for _, s := range []string{c.Test, c.Validation, c.Training, c.Fewshot.Split} {
		if s != "" && !slices.Contains(t.Splits, s) {
			t.Splits = append(t.Splits, s)
		}
	}
	return nil
}

// inFile names the file of the key that a problem is of.
func (t *Task) inFile(err error) error {
	var p *file.Problem
	if errors.As(err, &p) {
		key, _, _ := strings.Cut(p.Field, ".")
		key, _, _ = strings.Cut(key, "[")
		for _, e := range t.entries {
			if e.Key == key {
				p.File = e.reader.File
				if p.Line == 0 {
					p.Line = e.Line
				}
			}
		}
	}
	return err
}

// mapping is the task's YAML with where its data lie.
func (t *Task) mapping(data map[string]string) *yaml.Node {
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	add := func(key string, n *yaml.Node) {
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, n)
	}
	for _, e := range t.entries {
		if !slices.Contains(dropped(), e.Key) {
			n := *e.Node
			n.HeadComment, n.LineComment, n.FootComment = "", "", ""
			add(e.Key, &n)
			root.Content[len(root.Content)-2].Line = e.Line
		}
	}
	if data != nil {
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, split := range t.Splits {
			if data[split] != "" {
				n.Content = append(n.Content, text(split), text(data[split]))
			}
		}
		add("data", n)
	}
	return root
}

func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

// File is the task file: one YAML mapping without includes. data are the paths of the splits' records.
func (t *Task) File(name string, data map[string]string) ([]byte, error) {
	for split := range data {
		if !slices.Contains(t.Splits, split) {
			return nil, fmt.Errorf("--data %s=: the task names no such split, only %s", split, strings.Join(t.Splits, ", "))
		}
	}
	return encode(name, "The keys are lm-eval's; data says where the records lie.", t.mapping(data))
}

// encode writes YAML without includes, and makes sure that it says what root does.
func encode(name, comment string, root *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Imported from lm-evaluation-harness's %s. %s\n", filepath.Base(name), comment)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(plain(root, 0)); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), same(b.Bytes(), root)
}

// plain is a node without anchors and comments, its texts in quotes where YAML leaves room for doubt.
func plain(n *yaml.Node, depth int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	c := *n
	c.Anchor, c.HeadComment, c.LineComment, c.FootComment = "", "", "", ""
	c.Content = nil
	at := map[string]int{}
	for i, e := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if had, twice := at[e.Value]; twice { // of a key that is there twice the last counts
				c.Content[had+1] = plain(n.Content[i+1], depth+1)
				continue
			}
			at[e.Value] = len(c.Content)
		}
		if n.Kind == yaml.MappingNode && i%2 == 1 && at[n.Content[i-1].Value]+1 < len(c.Content) {
			continue
		}
		c.Content = append(c.Content, plain(e, depth+1))
	}
	isKey := c.Style == 0 && c.Tag == "!!str"
	if c.Kind == yaml.ScalarNode && c.Tag == "!!str" && (n.Style != 0 || !isKey || strings.ContainsAny(c.Value, "\n\r\t\"'{}[]#:&*!|>%@`")) {
		c.Style = yaml.DoubleQuotedStyle
	}
	return &c
}

// same makes sure that the file says what the YAML read says.
func same(content []byte, wanted *yaml.Node) error {
	r := &file.Reader{File: "the imported file"}
	root, err := r.Root(content)
	if err != nil {
		return err
	}
	got, err := r.Value(root, "")
	if err != nil {
		return err
	}
	want, err := (&file.Reader{File: "the task", Repeated: true}).Value(wanted, "")
	if err != nil {
		return err
	}
	if !file.Equal(got, want) {
		return errors.New("the imported file does not say what the task does: please report it")
	}
	return nil
}
