package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/catalog"
	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/results/published"
)

func newListCommand(c console) *cobra.Command {
	var format formatFlag
	var s selection
	var reference string
	var offline bool
	cmd := &cobra.Command{
		Use:   "list [tasks|models|profiles|datasets|published]",
		Short: "List what this build knows",
		Long: `list alone shows the tasks, the models and the profiles.

list datasets shows every form in which a split may lie below the data folder, what is pinned of it and what is there;
verify data checks what is there. list published shows every table of published numbers, or the one that --reference names,
as compare --reference takes it.`,
		ValidArgs: []string{"tasks", "models", "profiles", "datasets", "published"},
		Args:      takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := strings.Join(args, "")
			if err := checkListed(cmd, what); err != nil {
				return err
			}
			if what == "" {
				return listAll(c, &s, format.json())
			}
			l, err := listed(c, &s, what, reference)
			if err != nil {
				return err
			}
			if format.json() {
				return writeJSON(c.out, l.Entries)
			}
			return l.Write(c.out)
		},
	}
	format.register(cmd)
	cmd.Flags().StringVar(&s.dataDir, "data-dir", "", "folder of the benchmark files, for datasets (default: the folder fetch fills)")
	cmd.Flags().StringVar(&s.profile, "profile", c.known()[0].Name, "evaluation protocol, for tasks")
	cmd.Flags().StringVar(&reference, "reference", "", "one table of published numbers, for published: its name or a profile's (default: all)")
	registerNoNetwork(cmd, &offline)
	return cmd
}

// listAll shows what is asked for most: in JSON as the members of one object.
func listAll(c console, s *selection, asJSON bool) error {
	p, err := s.open(c)
	if err != nil {
		return err
	}
	tasks, models, profiles := catalog.Tasks(p), catalog.Models(), catalog.Profiles(c.known())
	if asJSON {
		return writeJSON(c.out, map[string]any{"tasks": tasks.Entries, "models": models.Entries, "profiles": profiles.Entries})
	}
	for _, l := range []catalog.Listing{tasks, models, profiles} {
		if err := l.Write(c.out); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.out, "more: swallow-eval list datasets, swallow-eval list published")
	return err
}

// checkListed refuses a flag that says nothing of what is listed.
func checkListed(cmd *cobra.Command, what string) error {
	for _, f := range []struct {
		name string
		of   []string
	}{{"profile", []string{"tasks", ""}}, {"data-dir", []string{"datasets"}}, {"reference", []string{"published"}}} {
		if cmd.Flags().Changed(f.name) && !slices.Contains(f.of, what) {
			return fmt.Errorf("--%s is for list %s", f.name, f.of[0])
		}
	}
	return nil
}

// listed is the listing of that name. reference is the table of published numbers, "" for all.
func listed(c console, s *selection, what, reference string) (catalog.Listing, error) {
	switch what {
	case "tasks":
		p, err := s.open(c)
		return catalog.Tasks(p), err
	case "models":
		return catalog.Models(), nil
	case "profiles":
		return catalog.Profiles(c.known()), nil
	case "datasets":
		dir, err := folders.Data(s.dataDir)
		if err != nil {
			return catalog.Listing{}, err
		}
		return catalog.DataSets(c.splits(), dir)
	case "published":
		if reference == "" {
			return catalog.Published(published.All()), nil
		}
		table, err := c.runProfiles().Reference(reference)
		if err != nil {
			return catalog.Listing{}, fmt.Errorf("--reference %w", err)
		}
		return catalog.Published([]published.Table{table}), nil
	}
	return catalog.Listing{}, fmt.Errorf("list %q: choose tasks, models, profiles, datasets or published", what)
}
