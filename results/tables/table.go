// Package tables shows runs as the published tables do: on a terminal, as CSV, and as the tables of the model cards in Markdown and LaTeX,
// every number with the notes without which it would be misread.
package tables

import (
	"fmt"
	"io"
	"strconv"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// Write prints the run as the published tables do, Japanese tasks first: a table a language, one row a task, the
// value on the published scale (0 to 1) with its standard error, and under it every note without which the
// numbers would be misread.
func Write(w io.Writer, r results.Run) error {
	title := fmt.Sprintf("%s   model %s   %s (numerics %s)", results.ProfileName(r)+onInvented(r), textsafe.Terminal(r.Model.Name), textsafe.Terminal(r.Model.DType), textsafe.Terminal(r.Model.Numerics))
	if _, err := fmt.Fprintln(w, title); err != nil {
		return err
	}
	for _, lang := range languagesOf(r.Scores) {
		if err := writeLanguage(w, r, lang); err != nil {
			return err
		}
	}
	if err := writeGroups(w, r); err != nil {
		return err
	}
	for _, note := range notes.Of(r) {
		if _, err := fmt.Fprintln(w, "* "+note); err != nil {
			return err
		}
	}
	return nil
}

// onInvented goes wherever a run's profile is named.
func onInvented(r results.Run) string {
	if r.InventedData == "" {
		return ""
	}
	return " on invented data (" + textsafe.Terminal(r.InventedData) + ")"
}

func writeLanguage(w io.Writer, r results.Run, lang string) error {
	table := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: []tw.Align{
			tw.AlignLeft, tw.AlignRight, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight,
		}}),
	)
	table.Header(languageName(lang), "shots", "metric", "score", "± stderr", "n")
	for _, s := range r.Scores {
		if s.Language != lang {
			continue
		}
		if err := table.Append(row(s)); err != nil {
			return err
		}
	}
	return table.Render()
}

func row(s results.Score) []string {
	n := strconv.Itoa(s.N)
	if s.N != s.Total {
		n = fmt.Sprintf("%d of %d", s.N, s.Total)
	}
	cells := []string{textsafe.Terminal(s.Name()), strconv.Itoa(s.Shots), "", cellOf(s), "", n}
	if s.Hole == "" && len(s.Values) > 0 {
		v := s.Values[0]
		cells[2] = textsafe.Terminal(v.Metric)
		cells[4] = shownHole
		if v.StdErr != nil {
			cells[4] = "± " + onScale(v, *v.StdErr)
		}
	}
	return cells
}
