// Package catalog is what this build knows by name: tasks, profiles, models, data sets and published numbers, for people as tables
// and for programs as JSON.
package catalog

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Listing is all that the build knows of one kind.
type Listing struct {
	// Entries are a list that encoding/json writes as an array.
	Entries any
	write   func(w io.Writer) error
}

// Write shows the listing to people.
func (l Listing) Write(w io.Writer) error { return l.write(w) }

// Task is a task as programs read it. Of one that this build has not, Missing, there are name and title alone.
type Task struct {
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

// Tasks lists a profile's tasks in the order of its table, with its groups below.
func Tasks(p tasks.Profile) Listing {
	var entries []Task
	for _, t := range p.Tasks {
		s := t.Spec()
		var names []string
		for _, m := range s.Metrics {
			names = append(names, m.Name)
		}
		entries = append(entries, Task{s.Name, s.Reference, s.Title, s.Language, s.Shots, names, s.Version, string(s.Protocol), s.Dataset, s.Source, false})
	}
	for _, m := range p.Missing {
		entries = append(entries, Task{Name: m.Name, Title: m.Title, Missing: true})
	}
	rows := [][]string{}
	for _, e := range entries {
		if e.Missing {
			rows = append(rows, []string{e.Name, e.Title, "", "not in this build", ""})
			continue
		}
		rows = append(rows, []string{e.Name, e.Title, strconv.Itoa(e.Shots), strings.Join(e.Metrics, ", "), e.Protocol})
	}
	return Listing{entries, func(w io.Writer) error {
		if err := terminal.Table(w, []string{"task", "column", "shots", "metrics", "protocol"}, rows); err != nil {
			return err
		}
		for _, g := range p.AllGroups() {
			if err := terminal.Folded(w, fmt.Sprintf("%-7s", g.Name), g.Tasks); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Model is a model that has a short name.
type Model struct {
	locate.Alias
	// Within tells that the model is part of the program.
	Within bool `json:"within_program,omitempty"`
}

// Models lists the models within the program and the aliases of those on the hub.
func Models() Listing {
	var entries []Model
	rows := [][]string{}
	for _, name := range smokemodel.Names() {
		entries = append(entries, Model{locate.Alias{Name: name, Title: smokemodel.Title(name)}, true})
		rows = append(rows, []string{name, smokemodel.Title(name), "(within this program)"})
	}
	for _, a := range locate.Aliases() {
		entries = append(entries, Model{Alias: a})
		rows = append(rows, []string{a.Name, a.Title, a.HubID})
	}
	return Listing{entries, func(w io.Writer) error {
		if err := terminal.Table(w, []string{"alias", "model", "hub id"}, rows); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "not supported, mixtures of experts: %s\n", strings.Join(locate.Mixtures(), ", "))
		return err
	}}
}

// Profile is an evaluation protocol by its name.
type Profile struct {
	About string `json:"about"`
	Name  string `json:"name"`
}

// Profiles lists evaluation protocols, the default first.
func Profiles(known []tasks.Profile) Listing {
	entries := []Profile{}
	for _, p := range known {
		entries = append(entries, Profile{p.About, p.Name})
	}
	return Listing{entries, func(w io.Writer) error {
		for _, p := range entries {
			if _, err := fmt.Fprintf(w, "%s  %s\n", p.Name, p.About); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Published lists tables of published numbers, of each a table a language.
func Published(all []published.Table) Listing {
	return Listing{all, func(w io.Writer) error {
		for _, p := range all {
			if err := writePublished(w, p); err != nil {
				return err
			}
		}
		return nil
	}}
}

func writePublished(w io.Writer, p published.Table) error {
	var codes []string
	for _, t := range p.Tasks {
		codes = append(codes, t.Language)
	}
	for _, lang := range results.Languages(codes) {
		head := []string{"alias", "model"}
		rows := make([][]string, len(p.Models))
		for i, m := range p.Models {
			rows[i] = []string{m.Alias, m.Title}
		}
		for k, t := range p.Tasks {
			if t.Language != lang {
				continue
			}
			head = append(head, t.Title)
			for i, m := range p.Models {
				cell := "—"
				if !math.IsNaN(m.Scores[k]) {
					cell = strconv.FormatFloat(m.Scores[k], 'f', p.Digits, 64)
				}
				rows[i] = append(rows[i], cell)
			}
		}
		if err := terminal.Table(w, head, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", p.Name, p.Source)
	return err
}
