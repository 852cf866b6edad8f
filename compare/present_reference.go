package compare

import (
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/sheet"
)

// Sheet is the comparison with a published table ready to be shown.
func (r Reference) Sheet() sheet.Sheet {
	s := sheet.Sheet{
		Name: r.Run + " beside " + r.Model + " of " + r.Profile,
		Title: []string{
			fmt.Sprintf("fidelity: %s beside %s, profile %s", r.Run, r.Model, r.Profile),
			"reference: " + r.Source,
		},
		Head:       []string{"task", "shots", "n", "ours", "published", "apart", "verdict"},
		Fields:     []string{"task", "title", "shots", "n", "ours", "published", "documents", "verdict", "note"},
		Properties: [][2]string{{"profile", r.Profile}, {"reference", r.Source}, {"published model", r.Model}, {"run", r.Run}},
		Value:      r,
	}
	for _, d := range r.Cells {
		ours, raw, apart, count, verdict := decimal(d.Ours), number(d.Ours), fmt.Sprintf("%+.4f", d.Ours-d.Published), "", d.Verdict
		if d.Verdict == "hole" {
			ours, raw, apart = "—", "", ""
		}
		if d.Documents != nil {
			count = strconv.Itoa(*d.Documents)
			apart = fmt.Sprintf("%+d documents", *d.Documents)
		}
		c := sheet.Case{Class: className(d.Language), Name: d.Task, Kind: d.Verdict}
		c.Message = fmt.Sprintf("%s: ours %s, published %s, %s; %d shots, %d documents", d.Verdict, ours, decimal(d.Published), apart, d.Shots, d.N)
		if d.Note != "" {
			s.Notes = append(s.Notes, "† "+d.Title+": "+d.Note)
			verdict += "†"
			c.Message += "; " + d.Note
		}
		c.Detail = c.Message
		switch d.Verdict {
		case "off":
			c.Outcome = sheet.Failed
		case "hole":
			c.Outcome = sheet.Skipped
		}
		s.Cases = append(s.Cases, c)
		s.Rows = append(s.Rows, []string{d.Title, strconv.Itoa(d.Shots), strconv.Itoa(d.N), ours, decimal(d.Published), apart, verdict})
		s.Records = append(s.Records, []string{d.Task, d.Title, strconv.Itoa(d.Shots), strconv.Itoa(d.N), raw, decimal(d.Published), count, d.Verdict, d.Note})
	}
	return s
}
