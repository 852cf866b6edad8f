package cireport

import (
	"fmt"
	"io"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// summaryLimit is what GitHub takes as a step's summary, a mebibyte; more is refused as a whole. Some room is left for
// what the user's own steps write there.
const summaryLimit = 1<<20 - 1<<14

// markdown writes the report as GitHub-flavoured Markdown. Details that would pass the limit are left out, and it says so.
func (s Report) markdown(w io.Writer) error {
	var b strings.Builder
	for i, line := range s.Title {
		if i == 0 {
			b.WriteString("### " + markdownText(line) + "\n\n")
			continue
		}
		b.WriteString(markdownText(line) + "  \n")
	}
	b.WriteString("\n")
	for _, warning := range s.Warnings {
		b.WriteString("**warning:** " + markdownText(warning) + "\n\n")
	}
	pipes(&b, s.Head, s.Rows, summaryLimit)
	if len(s.Notes) > 0 {
		b.WriteString("\n")
	}
	for i, note := range s.Notes {
		if b.Len() > summaryLimit/2 {
			fmt.Fprintf(&b, "- %d more notes: see the JSON\n", len(s.Notes)-i)
			break
		}
		b.WriteString("- " + markdownText(note) + "\n")
	}
	for i, section := range s.Sections {
		if b.Len() > summaryLimit-1<<13 {
			fmt.Fprintf(&b, "\n%d more tasks with details do not fit into a summary: see the JSON\n", len(s.Sections)-i)
			break
		}
		b.WriteString("\n<details><summary>" + markdownText(section.Title) + "</summary>\n\n")
		left := pipes(&b, section.Head, section.Rows, summaryLimit-1<<13)
		if left > 0 {
			fmt.Fprintf(&b, "\n%d more do not fit into a summary: see the JSON\n", left)
		}
		if section.More != "" {
			b.WriteString("\n" + markdownText(section.More) + "\n")
		}
		b.WriteString("\n</details>\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// pipes writes a table as long as the text stays below the limit and returns how many rows are left out.
func pipes(b *strings.Builder, head []string, rows [][]string, limit int) (left int) {
	if len(rows) == 0 {
		return 0
	}
	row := func(cells []string) string {
		padded := make([]string, len(head))
		copy(padded, cells)
		return "| " + strings.Join(safe(padded, markdownText), " | ") + " |\n"
	}
	b.WriteString(row(head) + "|" + strings.Repeat(" --- |", len(head)) + "\n")
	for i, r := range rows {
		line := row(r)
		if b.Len()+len(line) > limit {
			return len(rows) - i
		}
		b.WriteString(line)
	}
	return 0
}

// markdownText is s as literal text; a line break is a space, since a cell and a list's item have one line.
func markdownText(s string) string { return textsafe.Markdown(lineBreaks.Replace(s)) }

var lineBreaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")
