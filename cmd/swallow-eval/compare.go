package main

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
)

func newCompareCommand(c console) *cobra.Command {
	var reference, as string
	var gate bool
	var format formatFlag
	cmd := &cobra.Command{
		Use:   "compare --reference swallow-2023 RUN [--as MODEL]",
		Short: "Is my number the paper's number?",
		Long: `compare --reference sets a run beside the published table. Columns that count right answers are compared in answers:
0 apart is exact, up to 2 or half a percent of the documents near, more is off. Means are exact up to 0.0005 and near up
to 0.005, BLEU near up to 0.003; XL-Sum is given 0.0004 more for its bootstrap median. What is known about a cell that
cannot be reached is printed under the table.

The published row is the run's model where its directory or hub id tells, or the one that --as names
(swallow-eval list published shows them). With --gate the exit code is 1 where a cell is off.`,
		Example: "  swallow-eval compare --reference swallow-2023 results/7b --as 7b",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p := results.Swallow2023()
			if reference != p.Profile {
				if reference == "" {
					return errors.New("no --reference given: this build compares runs with the published table swallow-2023")
				}
				return fmt.Errorf("--reference %q: the published table of this build is %s", reference, p.Profile)
			}
			run, err := results.ReadRun(args[0])
			if err != nil {
				return err
			}
			model, err := publishedModel(p, run, as)
			if err != nil {
				return err
			}
			r, err := compare.WithPublished(run, p, model)
			if err != nil {
				return &codedError{exitIncomplete, err}
			}
			if format.json() {
				err = writeJSON(c.out, r)
			} else {
				err = printReference(c, r)
			}
			if err != nil {
				return err
			}
			return judgeReference(r, gate)
		},
	}
	f := cmd.Flags()
	f.StringVar(&reference, "reference", "", "published table: swallow-2023")
	f.StringVar(&as, "as", "", "row of the table, by alias or hub id")
	f.BoolVar(&gate, "gate", false, "exit with 1 where a cell is off")
	format.register(cmd)
	return cmd
}

// publishedModel finds the row that a run belongs to.
func publishedModel(p results.Published, run results.Run, as string) (results.PublishedModel, error) {
	name := as
	if name == "" {
		name = path.Base(run.Model.Name)
	}
	var known []string
	for _, m := range p.Models {
		if strings.EqualFold(name, m.Alias) || strings.EqualFold(name, m.HubID) || strings.EqualFold(name, path.Base(m.HubID)) {
			return m, nil
		}
		known = append(known, m.Alias)
	}
	if as == "" {
		return results.PublishedModel{}, fmt.Errorf("the run's model %s is no row of the table: name one with --as: %s", run.Model.Name, strings.Join(known, ", "))
	}
	return results.PublishedModel{}, fmt.Errorf("--as %s is no row of the table: there are %s", as, strings.Join(known, ", "))
}

// judgeReference turns off cells and holes into an exit code.
func judgeReference(r compare.Reference, gate bool) error {
	var off, holes []string
	for _, cell := range r.Cells {
		switch cell.Verdict {
		case "off":
			off = append(off, cell.Title)
		case "hole":
			holes = append(holes, cell.Title)
		}
	}
	if gate && len(off) > 0 {
		return &codedError{exitGate, fmt.Errorf("off the published table: %s", strings.Join(off, ", "))}
	}
	if len(holes) > 0 {
		return &codedError{exitIncomplete, fmt.Errorf("nothing to compare for %s", strings.Join(holes, ", "))}
	}
	return nil
}

func printReference(c console, r compare.Reference) error {
	if _, err := fmt.Fprintf(c.out, "%s beside %s of %s (%s)\n", textsafe.Terminal(r.Run), r.Model, r.Profile, r.Source); err != nil {
		return err
	}
	rows := [][]string{}
	var notes []string
	for _, cell := range r.Cells {
		ours, documents, verdict := decimal(cell.Ours), "", cell.Verdict
		if verdict == "hole" {
			ours = "—"
		}
		if cell.Documents != nil {
			documents = fmt.Sprintf("%+d", *cell.Documents)
		}
		if cell.Note != "" {
			notes = append(notes, cell.Title+": "+cell.Note)
			verdict += "†"
		}
		rows = append(rows, []string{cell.Title, strconv.Itoa(cell.Shots), strconv.Itoa(cell.N), ours, decimal(cell.Published), documents, verdict})
	}
	if err := writeRows(c.out, []string{"task", "shots", "n", "ours", "published", "answers", "verdict"}, rows); err != nil {
		return err
	}
	for _, n := range notes {
		if _, err := fmt.Fprintln(c.out, "† "+textsafe.Terminal(n)); err != nil {
			return err
		}
	}
	return nil
}

// listPublished prints the published tables.
func listPublished(c console, asJSON bool) error {
	p := results.Swallow2023()
	if asJSON {
		return writeJSON(c.out, p)
	}
	for _, lang := range []string{"ja", "en"} {
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
				rows[i] = append(rows[i], decimal(m.Scores[k]))
			}
		}
		if err := writeRows(c.out, head, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(c.out, "%s: %s\n", p.Profile, p.Source)
	return err
}
