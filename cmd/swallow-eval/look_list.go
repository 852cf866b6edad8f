package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/fetch"
	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func newListCommand(c console) *cobra.Command {
	var format formatFlag
	var s selection
	var offline bool
	cmd := &cobra.Command{
		Use:   "list [tasks|models|profiles|datasets|published]",
		Short: "List what this build knows",
		Long: `list alone shows the tasks, the models and the profiles.

list datasets shows every form in which a split may lie below the data folder, what is pinned of it and what is there;
verify data checks what is there.`,
		ValidArgs: []string{"tasks", "models", "profiles", "datasets", "published"},
		Args:      takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listAll(c, &s, format.json())
			}
			switch args[0] {
			case "tasks":
				p, err := s.open(c)
				if err != nil {
					return err
				}
				return listTasks(c.out, p, format.json())
			case "models":
				return listModels(c.out, format.json())
			case "profiles":
				return listProfiles(c, format.json())
			case "datasets":
				return listDatasets(c, &s, format.json())
			case "published":
				return listPublished(c, format.json())
			}
			return fmt.Errorf("list %q: choose tasks, models, profiles, datasets or published", args[0])
		},
	}
	format.register(cmd)
	cmd.Flags().StringVar(&s.dataDir, "data-dir", "", "folder of the benchmark files, for datasets (default: the folder fetch fills)")
	cmd.Flags().StringVar(&s.profile, "profile", c.known()[0].Name, "evaluation protocol, for tasks")
	registerNoNetwork(cmd, &offline)
	return cmd
}

// listAll shows what is asked for most: in JSON as the members of one object.
func listAll(c console, s *selection, asJSON bool) error {
	p, err := s.open(c)
	if err != nil {
		return err
	}
	parts := []struct {
		name string
		list func(c console) error
	}{
		{"tasks", func(c console) error { return listTasks(c.out, p, asJSON) }},
		{"models", func(c console) error { return listModels(c.out, asJSON) }},
		{"profiles", func(c console) error { return listProfiles(c, asJSON) }},
	}
	all := map[string]json.RawMessage{}
	for _, part := range parts {
		if !asJSON {
			if err := part.list(c); err != nil {
				return err
			}
			continue
		}
		var b bytes.Buffer
		into := c
		into.out = &b
		if err := part.list(into); err != nil {
			return err
		}
		all[part.name] = b.Bytes()
	}
	if asJSON {
		return writeJSON(c.out, all)
	}
	_, err = fmt.Fprintln(c.out, "more: swallow-eval list datasets, swallow-eval list published")
	return err
}

type taskEntry struct {
	Name      string   `json:"name"`
	Reference string   `json:"reference_task"`
	Title     string   `json:"title"`
	Language  string   `json:"language"`
	Shots     int      `json:"shots"`
	Metrics   []string `json:"metrics"`
	Version   string   `json:"version"`
	Protocol  string   `json:"protocol"`
	Dataset   string   `json:"dataset"`
	Source    string   `json:"source"`
	Missing   bool     `json:"missing,omitempty"`
}

func listTasks(w io.Writer, p tasks.Profile, asJSON bool) error {
	var entries []taskEntry
	for _, t := range p.Tasks {
		s := t.Spec()
		var names []string
		for _, m := range s.Metrics {
			names = append(names, m.Name)
		}
		entries = append(entries, taskEntry{s.Name, s.Reference, s.Title, s.Language, s.Shots, names, s.Version, string(s.Protocol), s.Dataset, s.Source, false})
	}
	for _, m := range p.Missing {
		entries = append(entries, taskEntry{Name: m.Name, Title: m.Title, Missing: true})
	}
	if asJSON {
		return writeJSON(w, entries)
	}
	rows := [][]string{}
	for _, e := range entries {
		if e.Missing {
			rows = append(rows, []string{e.Name, e.Title, "", "not in this build", ""})
			continue
		}
		rows = append(rows, []string{e.Name, e.Title, strconv.Itoa(e.Shots), strings.Join(e.Metrics, ", "), e.Protocol})
	}
	if err := terminal.Table(w, []string{"task", "column", "shots", "metrics", "protocol"}, rows); err != nil {
		return err
	}
	for _, g := range p.AllGroups() {
		if err := terminal.Folded(w, fmt.Sprintf("%-7s", g.Name), g.Tasks); err != nil {
			return err
		}
	}
	return nil
}

func listModels(w io.Writer, asJSON bool) error {
	type entry struct {
		locate.Alias
		Within bool `json:"within_program,omitempty"`
	}
	var entries []entry
	for _, name := range smokemodel.Names() {
		entries = append(entries, entry{locate.Alias{Name: name, Title: smokemodel.Title(name)}, true})
	}
	for _, a := range locate.Aliases() {
		entries = append(entries, entry{Alias: a})
	}
	if asJSON {
		return writeJSON(w, entries)
	}
	rows := [][]string{}
	for _, name := range smokemodel.Names() {
		rows = append(rows, []string{name, smokemodel.Title(name), "(within this program)"})
	}
	for _, a := range locate.Aliases() {
		rows = append(rows, []string{a.Name, a.Title, a.HubID})
	}
	if err := terminal.Table(w, []string{"alias", "model", "hub id"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "not supported, mixtures of experts: %s\n", strings.Join(locate.Mixtures(), ", "))
	return err
}

func listProfiles(c console, asJSON bool) error {
	if asJSON {
		entries := []map[string]string{}
		for _, p := range c.known() {
			entries = append(entries, map[string]string{"name": p.Name, "about": p.About})
		}
		return writeJSON(c.out, entries)
	}
	for _, p := range c.known() {
		if _, err := fmt.Fprintf(c.out, "%s  %s\n", p.Name, p.About); err != nil {
			return err
		}
	}
	return nil
}

// splitEntry is a split with what the data folder holds of it.
type splitEntry struct {
	datasets.Split
	Present []fetch.File `json:"present"`
}

func listDatasets(c console, s *selection, asJSON bool) error {
	dir, err := s.dataFolder()
	if err != nil {
		return err
	}
	own, err := smokedata.Manifest()
	if err != nil {
		return err
	}
	entries := []splitEntry{}
	rows := [][]string{{"(--data-dir " + smokedata.Name + ")", "all", "in this program", "", "invented", "", own[0].Licence}}
	for _, split := range c.splits() {
		e := splitEntry{Split: split, Present: []fetch.File{}}
		for _, layout := range split.Layouts {
			present := fetch.Files(dir, split, layout)
			e.Present = append(e.Present, present...)
			rows = append(rows, layoutRows(split, layout, present)...)
		}
		entries = append(entries, e)
	}
	if asJSON {
		return writeJSON(c.out, entries)
	}
	if err := terminal.Table(c.out, []string{"data set", "split", "file below the data folder", "rows", "pinned", "there", "licence"}, rows); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "data folder: %s\n", textsafe.Terminal(dir))
	return err
}

// manyFiles is from how many files on a layout is one row.
const manyFiles = 5

// layoutRows are a layout's rows of the table: one a file, or one where there are many.
func layoutRows(split datasets.Split, layout datasets.Layout, present []fetch.File) [][]string {
	row := func(path string, f datasets.File, here string) []string {
		return []string{split.Dataset, split.Name, path, strconv.Itoa(layout.Rows), states(f), here, split.Licence}
	}
	said := func(bytes int64, read bool) string {
		if read {
			return terminal.MiB(bytes)
		}
		return terminal.MiB(bytes) + ", not read"
	}
	if n := len(layout.Files); n >= manyFiles {
		here, total, first := "", int64(0), layout.Files[0]
		for _, p := range present {
			total += p.Bytes
		}
		if len(present) > 0 {
			here = fmt.Sprintf("%d of %d files, %s", len(present), n, said(total, present[0].Read))
		}
		return [][]string{row(fmt.Sprintf("%s and %d more", first.Path, n-1), first, here)}
	}
	var rows [][]string
	for _, f := range layout.Files {
		here := ""
		for _, p := range present {
			if p.Path == f.Path || p.Path == f.Path+".gz" {
				here = said(p.Bytes, p.Read)
			}
		}
		rows = append(rows, row(f.Path, f, here))
	}
	return rows
}

// states names what the manifest pins of a file: the original, a rebuilt or a stand-in copy, or nothing.
func states(f datasets.File) string {
	var list []string
	for _, p := range f.Pins {
		list = append(list, string(p.State))
	}
	if len(list) == 0 {
		return "no"
	}
	return strings.Join(list, ", ")
}
