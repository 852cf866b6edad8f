package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/results"
)

// Report is the comparison with a published table ready to be shown.
func (r Reference) Report() cireport.Report {
	s := cireport.Report{
		Name: r.Run + " beside " + r.Model + " of " + r.Table,
		Title: []string{
			fmt.Sprintf("fidelity: %s beside %s, table %s", r.Run, r.Model, r.Table),
			"reference: " + r.Source,
			fmt.Sprintf("near: within %d standard deviations of what %v %% flipped documents make, and %d documents", nearDeviations, 100*nearFlips, nearLeast),
			"floor: how far the team's own runs of one model lie apart (re-runs of 91 models: 0.002 in most columns, 0.01 in MGSM and JEMHopQA)",
		},
		Head:       []string{"task", "shots", "n", "ours", "published", "documents apart, near", "floor", "verdict"},
		Fields:     []string{"task", "title", "shots", "n", "ours", "published", "documents", "verdict", "note", "documents_apart", "documents_near", "floor", "within_floor"},
		Properties: [][2]string{{"table", r.Table}, {"profile", r.Profile}, {"reference", r.Source}, {"published model", r.Model}, {"run", r.Run}},
		Value:      r,
		Notes:      slices.Clone(r.Notes),
	}
	for _, d := range r.Cells {
		ours, raw, apart, count, verdict := decimal(d.Ours), number(d.Ours), fmt.Sprintf("%+.4f, %+.1f of %.1f", d.Ours-d.Published, d.Apart, d.Near), "", d.Verdict
		published := strconv.FormatFloat(d.Published, 'f', d.Digits, 64)
		record := published
		if d.Verdict == "hole" {
			ours, raw, apart = "—", "", ""
		}
		if d.NoColumn {
			apart, published, record = "", "—", ""
		}
		if d.Documents != nil {
			count = strconv.Itoa(*d.Documents)
			apart = fmt.Sprintf("%+d of %.0f", *d.Documents, math.Floor(d.Near))
		}
		floor := ""
		if d.Floor > 0 {
			floor = map[bool]string{true: "within ", false: "beyond "}[d.WithinFloor] + number(d.Floor)
		}
		shots, documents := counted(d.Shots, UnknownShots), counted(d.N, results.UnknownDocuments)
		c := cireport.Case{Class: className(d.Language), Name: d.Task, Kind: d.Verdict}
		c.Message = fmt.Sprintf("%s: ours %s, published %s", d.Verdict, ours, published)
		if apart != "" {
			c.Message += ", " + apart
		}
		c.Message += fmt.Sprintf("; %s shots, %s documents", shots, documents)
		if d.Note != "" {
			s.Notes = append(s.Notes, "† "+d.Title+": "+d.Note)
			verdict += "†"
			c.Message += "; " + d.Note
		}
		c.Detail = c.Message
		switch d.Verdict {
		case "off":
			c.Outcome = cireport.Failed
		case "hole", noColumn:
			c.Outcome = cireport.Skipped
		}
		s.Cases = append(s.Cases, c)
		s.Rows = append(s.Rows, []string{d.Title, shots, documents, ours, published, apart, floor, verdict})
		s.Records = append(s.Records, append([]string{d.Task, d.Title, shots, documents, raw, record, count, d.Verdict, d.Note}, d.far()...))
	}
	return s
}

// far are the fields of the distance itself, empty where there is none.
func (d Distance) far() []string {
	if !d.measured() {
		return []string{"", "", "", ""}
	}
	return []string{number(d.Apart), number(d.Near), number(d.Floor), strconv.FormatBool(d.WithinFloor)}
}

// counted writes a number that a file may not record.
func counted(n, unknown int) string {
	if n == unknown {
		return "?"
	}
	return strconv.Itoa(n)
}
