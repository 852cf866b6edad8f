package cireport

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// The elements of a JUnit report that servers agree on.
type (
	suitesXML struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Suites   []suiteXML `xml:"testsuite"`
	}
	suiteXML struct {
		Name       string         `xml:"name,attr"`
		Tests      int            `xml:"tests,attr"`
		Failures   int            `xml:"failures,attr"`
		Errors     int            `xml:"errors,attr"`
		Skipped    int            `xml:"skipped,attr"`
		Properties *propertiesXML `xml:"properties"`
		Cases      []caseXML      `xml:"testcase"`
	}
	propertiesXML struct {
		Property []propertyXML `xml:"property"`
	}
	propertyXML struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	caseXML struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Time    string     `xml:"time,attr"`
		Skipped *resultXML `xml:"skipped"`
		Error   *resultXML `xml:"error"`
		Failure *resultXML `xml:"failure"`
		Out     string     `xml:"system-out,omitempty"`
	}
	resultXML struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// junit writes the cases as a JUnit report of one suite. It is a projection: the numbers behind it are in the JSON.
func (s Report) junit(w io.Writer) error {
	suite := suiteXML{Name: textsafe.XML(s.Name), Tests: len(s.Cases)}
	if len(s.Properties)+len(s.Warnings) > 0 {
		suite.Properties = &propertiesXML{}
	}
	properties := s.Properties
	for _, warning := range s.Warnings {
		properties = append(properties[:len(properties):len(properties)], [2]string{"warning", warning})
	}
	for _, p := range properties {
		suite.Properties.Property = append(suite.Properties.Property, propertyXML{textsafe.XML(p[0]), textsafe.XML(p[1])})
	}
	for _, c := range s.Cases {
		x := caseXML{Class: textsafe.XML(c.Class), Name: textsafe.XML(c.Name), Time: "0"}
		// An attribute has no lines, and what is in one is read as one sentence.
		result := &resultXML{textsafe.XML(textsafe.Terminal(c.Message)), textsafe.XML(c.Kind), textsafe.XML(c.Detail)}
		switch c.Outcome {
		case Failed:
			x.Failure = result
			suite.Failures++
		case Skipped:
			x.Skipped = result
			suite.Skipped++
		case Broken:
			x.Error = result
			suite.Errors++
		default:
			x.Out = textsafe.XML(c.Detail)
		}
		suite.Cases = append(suite.Cases, x)
	}
	b, err := xml.MarshalIndent(suitesXML{
		Name: "swallow-eval", Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Skipped: suite.Skipped, Suites: []suiteXML{suite},
	}, "", "  ")
	if err != nil {
		return err
	}
	// encoding/xml writes line feeds of texts as character references.
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}

// annotations is how many errors and how many warnings of a step GitHub shows.
const annotations = 10

// github writes workflow commands for failed and skipped cases and below them the table, whose lines begin with none.
// Model output has no place in this format: a line that begins with two colons would be obeyed.
func (s Report) github(w io.Writer) error {
	var b strings.Builder
	for _, level := range []struct {
		command  string
		outcomes []Outcome
	}{{"error", []Outcome{Failed, Broken}}, {"warning", []Outcome{Skipped}}} {
		shown := 0
		if level.command == "warning" {
			for _, warning := range s.Warnings {
				if shown < annotations {
					shown++
					fmt.Fprintf(&b, "::warning title=not gated::%s\n", textsafe.GitHub(warning))
				}
			}
		}
		for _, outcome := range level.outcomes {
			for _, c := range s.Cases {
				if c.Outcome != outcome || shown == annotations {
					continue
				}
				shown++
				fmt.Fprintf(&b, "::%s title=%s::%s\n", level.command, textsafe.GitHubProperty(c.Name+" "+c.Kind), textsafe.GitHub(c.Message))
			}
		}
	}
	var rest strings.Builder
	if err := s.table(&rest, false); err != nil {
		return err
	}
	for line := range strings.Lines(rest.String()) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			line = "| " + line
		}
		b.WriteString(strings.ReplaceAll(line, "##[", `#\#[`))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// csv writes the records with their fields' names above them.
func (s Report) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	for _, r := range append([][]string{s.Fields}, s.Records...) {
		if err := c.Write(safe(r, csvCell)); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// csvCell leaves numbers as they are.
func csvCell(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return textsafe.CSV(s)
}
