package sheet

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

// table writes the sheet for a terminal.
func (s Sheet) table(w io.Writer, sections bool) error {
	var b bytes.Buffer
	for _, line := range s.Title {
		b.WriteString(textsafe.Terminal(line) + "\n")
	}
	if err := grid(&b, s.Head, s.Rows, 0); err != nil {
		return err
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
