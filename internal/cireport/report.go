// Package cireport shows one result in the formats that people and their machines read: a table on a terminal, Markdown for
// a summary or a comment, JUnit for a CI server, workflow commands for GitHub Actions, CSV for a spreadsheet, and JSON.
//
// It knows nothing of what it shows. Every text that it is given is taken for a stranger's: each format makes it
// harmless in its own way, and no format ever emits a control character other than line feeds between its own lines.
package cireport

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// Report is a result ready to be shown. All texts are raw; escaping is the formats' business.
type Report struct {
	// Name is what JUnit calls the suite.
	Name string
	// Title are the lines above the table, the most important first.
	Title []string
	// Head and Rows are the table for people.
	Head []string
	Rows [][]string
	// Narrow are groups of columns that a terminal shows one below the other where the whole table is wider than 80
	// columns.
	Narrow [][]int
	// Warnings are sentences that no outcome of a case tells and nobody may miss.
	Warnings []string
	// Notes are the sentences under it.
	Notes []string
	// Sections are the details, which JUnit, GitHub and CSV leave out.
	Sections []Section
	// Cases are the rows as a CI server counts them.
	Cases []Case
	// Properties are what a report tells of its circumstances, in order.
	Properties [][2]string
	// Fields and Records are the rows as numbers, for CSV.
	Fields  []string
	Records [][]string
	// Value is the complete evidence, for JSON.
	Value any
}

// Section is a table of details under a heading.
type Section struct {
	Title string
	Head  []string
	Rows  [][]string
	// More says what is left out, "" for nothing.
	More string
}

// Outcome is how a CI server counts a case.
type Outcome int

// The outcomes.
const (
	Passed Outcome = iota
	Failed
	Skipped
	Broken
)

// Case is one test case of a report.
type Case struct {
	Class, Name string
	Outcome     Outcome
	// Kind is a word for the outcome, Message one sentence, Detail the lines behind it.
	Kind, Message, Detail string
}

// Format is a way to show a cireport.
type Format string

// The formats.
const (
	Table    Format = "table"
	Markdown Format = "md"
	JSON     Format = "json"
	JUnit    Format = "junit"
	GitHub   Format = "github"
	CSV      Format = "csv"
)

// Formats are all of them.
func Formats() []Format { return []Format{Table, Markdown, JSON, JUnit, GitHub, CSV} }

// ParseFormat finds a format by its name.
func ParseFormat(name string) (Format, error) {
	if name == "markdown" {
		return Markdown, nil
	}
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	return "", fmt.Errorf("format %q: choose table, md, json, junit, github or csv", name)
}

// Write shows the cireport.
func (s Report) Write(w io.Writer, f Format) error {
	switch f {
	case Table:
		return s.table(w, true)
	case Markdown:
		return s.markdown(w)
	case JUnit:
		return s.junit(w)
	case GitHub:
		return s.github(w)
	case CSV:
		return s.csv(w)
	case JSON:
		return WriteJSON(w, s.Value)
	}
	return fmt.Errorf("unknown format %q", f)
}

// WriteJSON writes v indented, without a raw control character in any of its strings.
func WriteJSON(w io.Writer, v any) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(textsafe.JSON(nil, []byte(b.String())))
	return err
}
