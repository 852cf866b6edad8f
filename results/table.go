package results

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// WriteTable prints the run as the published tables do, Japanese tasks first: one row a column of the published
// table, the value on the published scale (0 to 1) with its standard error, and under it every note without which the
// numbers would be misread.
func WriteTable(w io.Writer, r Run) error {
	title := fmt.Sprintf("%s   model %s   %s (numerics %s)", ProfileName(r)+onInvented(r), textsafe.Terminal(r.Model.Name), textsafe.Terminal(r.Model.DType), textsafe.Terminal(r.Model.Numerics))
	if _, err := fmt.Fprintln(w, title); err != nil {
		return err
	}
	for _, lang := range []string{"ja", "en"} {
		if err := writeLanguage(w, r, lang); err != nil {
			return err
		}
	}
	for _, note := range Notes(r) {
		if _, err := fmt.Fprintln(w, "* "+note); err != nil {
			return err
		}
	}
	return nil
}

// onInvented goes wherever a run's profile is named.
func onInvented(r Run) string {
	if r.InventedData == "" {
		return ""
	}
	return " on invented data (" + textsafe.Terminal(r.InventedData) + ")"
}

// ProfileName is the name of the run's profile, marked where the number of examples is not the profile's.
func ProfileName(r Run) string {
	name := textsafe.Terminal(r.Profile)
	if r.ShotsOverride != nil {
		name += "*"
	}
	return name
}

func writeLanguage(w io.Writer, r Run, lang string) error {
	table := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: []tw.Align{
			tw.AlignLeft, tw.AlignRight, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight,
		}}),
	)
	head := map[string]string{"ja": "Japanese", "en": "English"}[lang]
	table.Header(head, "shots", "metric", "score", "± stderr", "n")
	rows := 0
	for _, s := range r.Scores {
		if s.Language != lang {
			continue
		}
		rows++
		if err := table.Append(row(s)); err != nil {
			return err
		}
	}
	if rows == 0 {
		return nil
	}
	return table.Render()
}

func row(s Score) []string {
	n := strconv.Itoa(s.N)
	if s.N != s.Total {
		n = fmt.Sprintf("%d of %d", s.N, s.Total)
	}
	cells := []string{textsafe.Terminal(s.Title), strconv.Itoa(s.Shots), "", "—", "", n}
	if s.Hole == "" && len(s.Values) > 0 {
		v := s.Values[0]
		cells[2] = textsafe.Terminal(v.Metric)
		cells[3], cells[4] = strconv.FormatFloat(v.Value/v.Max, 'f', 4, 64), "—"
		if v.StdErr != nil {
			cells[4] = "± " + strconv.FormatFloat(*v.StdErr/v.Max, 'f', 4, 64)
		}
	}
	return cells
}

// Notes are the sentences that belong under the run's table, in the order of its rows.
func Notes(r Run) []string {
	var notes []string
	add := func(format string, a ...any) { notes = append(notes, textsafe.Terminal(fmt.Sprintf(format, a...))) }
	for _, note := range ModelNotes(r.Model) {
		add("%s", note)
	}
	if r.Status == "interrupted" {
		add("interrupted: the tasks below the last number were not evaluated")
	}
	if r.InventedData != "" {
		add("the questions were invented to try the program: the numbers measure nothing and compare with no published ones")
	}
	if r.Limit != "" {
		add("--limit %s: first documents only, not comparable with published numbers", r.Limit)
	}
	if r.Samples {
		add("--samples: chosen documents only, not comparable with published numbers")
	}
	if r.ShotsOverride != nil {
		add("--num-fewshot %d: not the profile's number of examples", *r.ShotsOverride)
	}
	for _, s := range r.Scores {
		if s.Hole != "" {
			add("%s: no number: %s", s.Title, s.Hole)
		}
		if line := segmenterNote(s); line != "" && r.InventedData != "" {
			add("%s", line)
		}
		c := s.Cuts
		if c.FaultDocs > 0 {
			add("%s: %d of %d documents on which the reference itself fails (%s)", s.Title, c.FaultDocs, s.N, c.Fault)
		}
		if c.DroppedDocs > 0 {
			add("%s: %d of %d prompts exceed the model's window of %d: %d tokens dropped from their left, as the reference does",
				s.Title, c.DroppedDocs, s.N, r.Model.Window, c.DroppedTokens)
		}
		if c.LostDocs > 0 {
			add("%s: in %d of %d documents the reference's wrapper discards the first generated tokens after an over-long prompt",
				s.Title, c.LostDocs, s.N)
		}
		if c.PastWindowDocs > 0 {
			add("%s: %d of %d prompts run past the model's window of %d positions: the reference does not truncate them",
				s.Title, c.PastWindowDocs, s.N, r.Model.Window)
		}
	}
	if note := GenerationNote(r.Model.Generation); note != "" {
		add("%s", textsafe.Terminal(note))
	}
	if r.AllowUnpinnedData {
		for _, line := range unpinned(r) {
			add("%s", line)
		}
	}
	for _, line := range standIns(r) {
		add("%s", line)
	}
	return notes
}

// segmenterNote names the segmenter of a column that was published with another.
func segmenterNote(s Score) string {
	if len(s.Values) == 0 || s.Task != "wmt20-en-ja" || strings.Contains(s.Values[0].Signature, "nagisa") {
		return ""
	}
	return fmt.Sprintf("%s: %s; the published column's segmenter, nagisa, is not in this program", s.Title, textsafe.Terminal(s.Values[0].Signature))
}

// unpinned names the data files that are not the pinned originals, each once.
func unpinned(r Run) []string {
	return dataNotes(r, "unpinned", "%s: data file %s is not the pinned original (--allow-unpinned-data)%s")
}

func standIns(r Run) []string {
	return dataNotes(r, "stand-in", "%s: %s stands in for the original file%s")
}

func dataNotes(r Run, state, format string) []string {
	var lines []string
	for _, s := range r.Scores {
		for _, f := range s.Data {
			if f.State == state {
				rows := ""
				if f.Rows != f.ExpectedRows {
					rows = fmt.Sprintf(": %d records in place of %d", f.Rows, f.ExpectedRows)
				}
				lines = append(lines, fmt.Sprintf(format, s.Title, f.Path, rows))
			}
		}
	}
	return lines
}
