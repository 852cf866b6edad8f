package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// Folded prints a name and words on as many lines as the terminal's width takes.
func Folded(w io.Writer, name string, words []string) error {
	width, line := Width(w), name
	for _, word := range words {
		if width > 0 && len(line)+1+len(word) > width && line != name {
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
			line = strings.Repeat(" ", len(name))
		}
		line += " " + word
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// Table prints a plain table.
func Table(w io.Writer, head []string, rows [][]string) error {
	if width := Width(w); width > 0 && narrowest(head, rows) > width {
		return stacked(w, head, rows)
	}
	table := tablewriter.NewTable(w, tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithMaxWidth(max(0, Width(w)-2*len(head)))) // the library does not count the cells' padding
	table.Header(head)
	for _, r := range rows {
		if err := table.Append(r); err != nil {
			return err
		}
	}
	return table.Render()
}

// narrowest is the least width of a table whose cells are folded between words.
func narrowest(head []string, rows [][]string) int {
	total := 3*len(head) + 1
	for i := range head {
		longest := 0
		for _, r := range append([][]string{head}, rows...) {
			for _, word := range strings.Fields(r[i]) {
				longest = max(longest, runewidth.StringWidth(word))
			}
		}
		total += longest
	}
	return total
}

// stacked prints a row's cells under each other, for a terminal too narrow for the table: the first cell, and below
// it every other that is not empty with its column's name.
func stacked(w io.Writer, head []string, rows [][]string) error {
	for _, r := range rows {
		if _, err := fmt.Fprintln(w, textsafe.Terminal(r[0])); err != nil {
			return err
		}
		for i := 1; i < len(r); i++ {
			if r[i] == "" {
				continue
			}
			if _, err := fmt.Fprintf(w, "  %s: %s\n", head[i], textsafe.Terminal(r[i])); err != nil {
				return err
			}
		}
	}
	return nil
}
