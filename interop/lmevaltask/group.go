package lmevaltask

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// Source is what a YAML file stands for: one task, or a group with its tasks.
type Source struct {
	Tasks []*Task

	group []entry // nil of a single task
}

// Open reads a YAML file of a task or of a group. The members of a group are looked for by name in and below folder, "" for
// the group's own.
func Open(path, folder string) (*Source, error) {
	entries, err := load(path, map[string]bool{}, 0)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(entries, func(e entry) bool { return e.Key == "group" }) {
		t, err := Load(path)
		return &Source{Tasks: []*Task{t}}, err
	}
	s := &Source{group: entries}
	members, err := s.members()
	if err != nil {
		return nil, err
	}
	if folder == "" {
		folder = filepath.Dir(path)
	}
	if err := s.find(members, folder); err != nil {
		return nil, err
	}
	return s, s.check()
}

// members are the names of the group's tasks, which are plain texts, with their lines.
func (s *Source) members() (list []*yaml.Node, err error) {
	for _, e := range s.group {
		switch e.Key {
		case "group", "group_alias", "aggregate_metric_list", "metadata", "tag", "include":
		case "task":
			nodes := e.Node.Content
			if e.Node.Kind == yaml.ScalarNode {
				nodes = []*yaml.Node{e.Node}
			}
			for _, n := range nodes {
				if n.Kind != yaml.ScalarNode {
					return nil, e.reader.Problem(n.Line, e.Key, "a member that is written out, or changed, in the group: give it a file of its own")
				}
				list = append(list, n)
			}
		default:
			return nil, e.reader.Problem(e.Line, e.Key, "a group has no such key here")
		}
	}
	if list == nil {
		return nil, s.group[0].reader.Problem(s.group[0].Line, "task", "the group has no tasks")
	}
	return list, nil
}

// mostFiles is how many YAML files are looked into for a group's members.
const mostFiles = 50_000

// find loads the members.
func (s *Source) find(members []*yaml.Node, folder string) error {
	reader := s.group[0].reader
	wanted := map[string]string{} // to the file
	for _, n := range members {
		wanted[n.Value] = ""
	}
	groups := map[string]string{}
	files := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path)) {
			return err
		}
		if files++; files > mostFiles {
			return fmt.Errorf("%s: more than %d YAML files: --include-path names a smaller folder", folder, mostFiles)
		}
		task, group := nameIn(path)
		if group != "" {
			groups[group] = path
		}
		if had, ok := wanted[task]; ok && task != "" {
			if had != "" {
				return fmt.Errorf("%s and %s both are the task %s", had, path, task)
			}
			wanted[task] = path
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, n := range members {
		path := wanted[n.Value]
		switch {
		case path == "" && groups[n.Value] != "":
			return reader.Problem(n.Line, "task", "%s is a group itself (%s): import that one", n.Value, groups[n.Value])
		case path == "":
			return reader.Problem(n.Line, "task", "no YAML file in or below %s is the task %s: --include-path names the folder", folder, n.Value)
		}
		t, err := Load(path)
		if err != nil {
			return err
		}
		s.Tasks = append(s.Tasks, t)
	}
	return nil
}

// nameIn is the name of the task or the group that a YAML file says it is, "" where it says none. A file that cannot be read is
// nobody's member.
func nameIn(path string) (task, group string) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", ""
	}
	r := &file.Reader{File: path, Repeated: true}
	root, err := r.Root(content)
	if err != nil {
		return "", ""
	}
	entries, err := r.Entries(root, "")
	if err != nil {
		return "", ""
	}
	for _, e := range entries {
		switch {
		case e.Node.Kind != yaml.ScalarNode:
		case e.Key == "task":
			task = e.Node.Value
		case e.Key == "group":
			group = e.Node.Value
		}
	}
	if group != "" {
		task = ""
	}
	return task, group
}

// averages says whether the group has a number of its own.
func (s *Source) averages() bool {
	return slices.ContainsFunc(s.group, func(e entry) bool { return e.Key == "aggregate_metric_list" && e.Node.Tag != "!!null" })
}

// check reads the group as a task file would, with the lines of its own file.
func (s *Source) check() error {
	if !s.averages() {
		return nil
	}
	var configs []*file.Config
	for _, t := range s.Tasks {
		c, err := (&file.Reader{File: s.group[0].reader.File, Repeated: true}).Task(t.mapping(nil))
		if err != nil {
			return err
		}
		configs = append(configs, c)
	}
	r := &file.Reader{File: s.group[0].reader.File, Repeated: true}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{s.mapping()}}
	_, err := r.Groups(file.Entry{Key: "groups", Line: s.group[0].Line, Node: list}, configs)
	return err
}

func key(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

// mapping is the group's YAML.
func (s *Source) mapping() *yaml.Node { return (&Task{entries: s.group}).mapping(nil) }

// File is the task file. data are the paths of records by task and split; those of the task "" are of every task.
func (s *Source) File(name string, data map[string]map[string]string) ([]byte, error) {
	of := func(t *Task) map[string]string {
		paths := map[string]string{}
		for _, key := range []string{"", t.Name()} {
			for split, path := range data[key] {
				paths[split] = path
			}
		}
		return paths
	}
	for task := range data {
		if task != "" && !slices.ContainsFunc(s.Tasks, func(t *Task) bool { return t.Name() == task }) {
			return nil, fmt.Errorf("--data %s:…: %s has no such task", task, filepath.Base(name))
		}
	}
	if s.group == nil {
		return s.Tasks[0].File(name, of(s.Tasks[0]))
	}
	for split := range data[""] {
		if !slices.ContainsFunc(s.Tasks, func(t *Task) bool { return slices.Contains(t.Splits, split) }) {
			return nil, fmt.Errorf("--data %s=: no task of %s names such a split", split, filepath.Base(name))
		}
	}
	tasks := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, t := range s.Tasks {
		paths := of(t)
		for split := range data[t.Name()] {
			if !slices.Contains(t.Splits, split) {
				return nil, fmt.Errorf("--data %s:%s=: the task names no such split, only %s", t.Name(), split, strings.Join(t.Splits, ", "))
			}
		}
		tasks.Content = append(tasks.Content, t.mapping(paths))
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if s.averages() {
		groups := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{s.mapping()}}
		root.Content = append(root.Content, key("groups"), groups)
	}
	root.Content = append(root.Content, key("tasks"), tasks)
	comment := "The keys are lm-eval's; data says where the records lie."
	if !s.averages() {
		comment += " The group averages nothing, so its tasks stand alone."
	}
	return encode(name, comment, root)
}
