package cireport

import (
	"bytes"
	"io"

	"github.com/mattn/go-runewidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// sectionCell is how many columns of a terminal a cell of a section takes at most.
const sectionCell = 48

// table writes the report for a terminal.
func (s Report) table(w io.Writer, sections bool) error {
	var b bytes.Buffer
	for _, line := range s.Title {
		b.WriteString(textsafe.Terminal(line) + "\n")
	}
	if err := s.main(&b); err != nil {
		return err
	}
	for _, warning := range s.Warnings {
		b.WriteString("warning: " + textsafe.Terminal(warning) + "\n")
	}
	for _, note := range s.Notes {
		b.WriteString("* " + textsafe.Terminal(note) + "\n")
	}
	if sections {
		for _, section := range s.Sections {
			b.WriteString("\n" + textsafe.Terminal(section.Title) + "\n")
			if err := grid(&b, section.Head, section.Rows, sectionCell); err != nil {
				return err
			}
			if section.More != "" {
				b.WriteString("* " + textsafe.Terminal(section.More) + "\n")
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// terminalWidth is what a terminal, a log or a mail shows without breaking lines.
const terminalWidth = 80

// main draws the table, in parts where it is too wide and there are parts.
func (s Report) main(w io.Writer) error {
	var whole bytes.Buffer
	if err := grid(&whole, s.Head, s.Rows, 0); err != nil {
		return err
	}
	first, _, _ := bytes.Cut(whole.Bytes(), []byte("\n"))
	if runewidth.StringWidth(string(first)) <= terminalWidth || s.Narrow == nil {
		_, err := w.Write(whole.Bytes())
		return err
	}
	for _, columns := range s.Narrow {
		var rows [][]string
		for _, r := range s.Rows {
			rows = append(rows, pick(r, columns))
		}
		if err := grid(w, pick(s.Head, columns), rows, 0); err != nil {
			return err
		}
	}
	return nil
}

func pick(cells []string, columns []int) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		if c < len(cells) {
			out[i] = cells[c]
		}
	}
	return out
}

// grid draws a table whose cells are at most width columns wide, 0 for any width.
func grid(w io.Writer, head []string, rows [][]string, width int) error {
	if len(rows) == 0 {
		return nil
	}
	t := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithHeaderAlignment(tw.AlignLeft), tablewriter.WithRowAutoWrap(tw.WrapNone))
	t.Header(safe(head, textsafe.Terminal))
	for _, r := range rows {
		cells := safe(r, textsafe.Terminal)
		for i, c := range cells {
			if width > 0 {
				cells[i] = runewidth.Truncate(c, width, "…")
			}
		}
		if err := t.Append(cells); err != nil {
			return err
		}
	}
	return t.Render()
}

// safe escapes every cell.
func safe(cells []string, escape func(string) string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = escape(c)
	}
	return out
}
