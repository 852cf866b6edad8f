package compare

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/sheet"
)

// Sheet is the comparison ready to be shown, with so many changed documents a task; below 0 all.
func (c Comparison) Sheet(documents int) sheet.Sheet {
	s := sheet.Sheet{
		Name: c.A.Name + " -> " + c.B.Name,
		Title: []string{
			fmt.Sprintf("%s, profile %s", c.Tier, cmp.Or(c.Profile, "not recorded")),
			"A " + c.A.String(), "B " + c.B.String(),
			fmt.Sprintf("alpha %v over %s (%s), seed %d; interval and MDE are at the level that leaves each task", c.Alpha, tasksOf(len(c.Tasks)), c.Adjustment, c.Seed),
		},
		Head:  []string{"task", "n", "A", "B", "Δ", "CI", "lost/won", "p(" + c.adjustmentName() + ")", "MDE", "verdict"},
		Value: c,
		Fields: []string{
			"task", "title", "language", "metric", "n", "clusters", "a", "b", "difference", "ci_low", "ci_high", "ci_level", "lost", "won", "flipped",
			"test", "p", "p_adjusted", "alpha", "detectable_drop", "margin", "underpowered", "verdict", "reason",
		},
		Properties: [][2]string{
			{"tier", c.Tier.String()}, {"profile", c.Profile}, {"a", c.A.String()}, {"b", c.B.String()}, {"alpha", number(c.Alpha)},
			{"adjustment", c.Adjustment}, {"seed", strconv.FormatUint(c.Seed, 10)},
		},
	}
	if c.Refused != nil {
		s.Title[0], s.Title = c.Refused.Error(), s.Title[:3]
		s.Cases = append(s.Cases, sheet.Case{
			Class: className(""), Name: "comparison", Outcome: sheet.Broken, Kind: string(Incomparable), Message: c.Refused.Error(), Detail: c.Refused.Error(),
		})
	} else if c.Tier != TierIdentical {
		s.Title[3] += c.margins()
	}
	if c.Tier == TierEquivalent && c.Refused == nil {
		s.Title[3] = fmt.Sprintf("alpha %v for each task, as every one must pass, seed %d%s", c.Alpha, c.Seed, c.margins())
	}
	for _, t := range c.Tasks {
		s.Rows = append(s.Rows, t.row(c))
		s.Records = append(s.Records, t.record())
		s.Cases = append(s.Cases, t.reportCase())
		s.Notes = append(s.Notes, t.notes(c.Tier)...)
		if section := t.section(documents); section != nil {
			s.Sections = append(s.Sections, *section)
		}
	}
	if c.Tier == TierDifferent && c.Refused == nil {
		for _, side := range []struct {
			name string
			side Side
		}{{"A", c.A}, {"B", c.B}} {
			if side.side.Model.Digest == "" {
				s.Notes = append(s.Notes, side.name+" does not identify its model by a digest: taken for another one")
			}
		}
	}
	averaged := false
	for i, a := range c.Averages {
		repeats := a.Name == "all" && i > 0 && len(a.Tasks) == len(c.Averages[0].Tasks) // of one language
		if len(a.Tasks) > 1 && !repeats {
			s.Rows = append(s.Rows, a.row(c.Alpha))
			averaged = true
		}
	}
	if averaged {
		s.Notes = append(s.Notes, "averages are reported with their own error and never gated: an average hides compensation")
	}
	for _, missing := range []struct {
		run   string
		tasks []string
	}{{"B", c.OnlyA}, {"A", c.OnlyB}} {
		for _, task := range missing.tasks {
			why := fmt.Sprintf("%s lacks the task", missing.run)
			s.Notes = append(s.Notes, task+": "+why)
			s.Cases = append(s.Cases, sheet.Case{Class: className(""), Name: task, Outcome: sheet.Skipped, Kind: string(Incomparable), Message: why})
			s.Records = append(s.Records, append([]string{task, ""}, blank(len(s.Fields)-4, string(Incomparable), why)...))
		}
	}
	return s
}

// blank is n empty cells but for the last two.
func blank(n int, verdict, reason string) []string {
	return append(make([]string, n), verdict, reason)
}

func tasksOf(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

// margins names the margin in force, where there is one for all.
func (c Comparison) margins() string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, t := range c.Tasks {
		if t.Verdict != Incomparable {
			low, high = min(low, t.Margin), max(high, t.Margin)
		}
	}
	switch {
	case low > high:
		return ""
	case low == high:
		return ", margin " + points(low)
	}
	return ", margin " + points(low) + " to " + points(high)
}

func (c Comparison) adjustmentName() string {
	if c.Adjustment == "holm" {
		return "Holm"
	}
	return "BH"
}

// String is the run's name with what it says of its model.
func (s Side) String() string {
	parts := []string{s.Name}
	if s.Model.Name != "" {
		parts = append(parts, "model "+s.Model.Name)
	}
	if s.Model.DType != "" {
		parts = append(parts, s.Model.DType)
	}
	if s.Model.Numerics != "" {
		parts = append(parts, "numerics "+s.Model.Numerics)
	}
	if s.Limit != "" {
		parts = append(parts, "limit "+s.Limit)
	}
	if s.InventedData != "" {
		parts = append(parts, "invented data ("+s.InventedData+")")
	}
	return strings.Join(parts, ", ")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

func points(v float64) string { return strconv.FormatFloat(100*v, 'f', 2, 64) + "pt" }

func (i Interval) String() string { return fmt.Sprintf("%+.4f … %+.4f", i.Low, i.High) }

// difference is "~" where the tests see none, as in benchstat.
func difference(d float64, significant bool) string {
	if !significant {
		return "~"
	}
	return fmt.Sprintf("%+.4f", d)
}

// row is the task's line of the table.
func (t TaskComparison) row(c Comparison) []string {
	name := t.Title
	if name == "" {
		name = t.Task
	}
	if t.LowerIsBetter {
		name += " " + t.Metric + " ↓"
	}
	if t.Verdict == Incomparable {
		return []string{name, "", "—", "—", "", "", "", "", "", string(t.Verdict)}
	}
	n := strconv.Itoa(t.N)
	if t.Clusters > 0 {
		n += fmt.Sprintf(" in %d", t.Clusters)
	}
	return []string{
		name, n, decimal(t.A), decimal(t.B), difference(t.Difference, t.PAdjusted <= c.Alpha || t.Verdict == Changed), t.Interval.String(),
		fmt.Sprintf("%d/%d", t.Lost, t.Won), pValue(t.PAdjusted), points(t.DetectableDrop), t.verdictCell(),
	}
}

// verdictCell is the verdict, with "underpowered" where it rests on a comparison that could not have found a loss beyond
// the margin.
func (t TaskComparison) verdictCell() string {
	if t.Verdict == NoEvidence && t.Underpowered {
		return string(t.Verdict) + ", underpowered"
	}
	return string(t.Verdict)
}

func pValue(p float64) string { return strconv.FormatFloat(p, 'g', 3, 64) }

func (a Average) row(alpha float64) []string {
	return []string{
		"average " + a.Name, fmt.Sprintf("%d tasks", len(a.Tasks)), decimal(a.A), decimal(a.B), difference(a.Difference, a.P <= alpha), a.Interval.String(),
		"", pValue(a.P) + " alone", "", fmt.Sprintf("± %.4f, not gated", a.StdErr),
	}
}

// record is the task's numbers in the order of Fields.
func (t TaskComparison) record() []string {
	if t.Verdict == Incomparable {
		return append([]string{t.Task, t.Title, t.Language, t.Metric}, blank(18, string(t.Verdict), t.reason())...)
	}
	return []string{
		t.Task, t.Title, t.Language, t.Metric, strconv.Itoa(t.N), strconv.Itoa(t.Clusters), number(t.A), number(t.B), number(t.Difference),
		number(t.Interval.Low), number(t.Interval.High), number(t.Interval.Level), strconv.Itoa(t.Lost), strconv.Itoa(t.Won), strconv.Itoa(t.Flipped),
		t.Test, number(t.P), number(t.PAdjusted), number(t.Alpha), number(t.DetectableDrop), number(t.Margin), strconv.FormatBool(t.Underpowered),
		string(t.Verdict), t.reason(),
	}
}

func (t TaskComparison) reason() string {
	if t.Mismatch != nil {
		return t.Mismatch.Error()
	}
	return strings.Join(t.Warnings, "; ")
}

// notes are the sentences without which the row would be misread.
func (t TaskComparison) notes(tier Tier) []string {
	var notes []string
	if t.Mismatch != nil {
		notes = append(notes, t.Mismatch.Error())
	}
	for _, w := range t.Warnings {
		notes = append(notes, t.Task+": "+w)
	}
	if d := t.Drift; d != nil && tier != TierDifferent && t.Verdict != Identical {
		note := fmt.Sprintf("%s: %d of %d documents flipped", t.Task, t.Flipped, t.N)
		if d.Requests > 0 {
			note += fmt.Sprintf("; log-probabilities differ by at most %.3g, %.3g on average of %d, top-1 agreement %.2f%%", d.Max, d.Mean, d.Requests, 100*d.Top1Agreement)
		}
		if d.Generations > 0 {
			note += fmt.Sprintf("; %d of %d generated texts are the same", d.SameGenerations, d.Generations)
		}
		notes = append(notes, note)
	}
	return notes
}

func className(language string) string {
	if language == "" {
		return "swallow-eval"
	}
	return "swallow-eval." + language
}

// reportCase is the task as a CI server counts it: harm fails, what shows nothing either way is skipped, a task without
// a number is an error.
func (t TaskComparison) reportCase() sheet.Case {
	c := sheet.Case{Class: className(t.Language), Name: t.Task, Kind: string(t.Verdict)}
	if t.Verdict == Incomparable {
		c.Outcome, c.Message = sheet.Skipped, t.reason()
		if t.Mismatch != nil && t.Mismatch.Field == fieldHole {
			c.Outcome, c.Kind = sheet.Broken, "no number"
		}
		return c
	}
	switch {
	case t.Verdict.fails():
		c.Outcome = sheet.Failed
	case !t.Verdict.safe():
		c.Outcome = sheet.Skipped
		c.Kind = t.verdictCell()
	}
	c.Message = fmt.Sprintf("%s: %s -> %s, %+.2f points, interval %s; %d documents lost, %d won of %d; p %s adjusted, MDE %s, margin %s",
		t.Verdict, decimal(t.A), decimal(t.B), 100*t.Difference, t.Interval, t.Lost, t.Won, t.N, pValue(t.PAdjusted), points(t.DetectableDrop), points(t.Margin))
	c.Detail = c.Message + "\n" + t.Test
	for _, w := range t.Warnings {
		c.Detail += "\n" + w
	}
	return c
}

// section lists the task's changed documents side by side.
func (t TaskComparison) section(documents int) *sheet.Section {
	if len(t.Changes) == 0 || documents == 0 {
		return nil
	}
	other := len(t.Changes) - t.Lost - t.Won
	s := sheet.Section{
		Title: fmt.Sprintf("%s: %d documents lost, %d won, %d changed with the same score", t.Task, t.Lost, t.Won, other),
		Head:  []string{"", "document", "A", "B", "target", "differs in"},
	}
	for i, ch := range t.Changes {
		if i == documents {
			s.More = fmt.Sprintf("%s: %d more changed documents (--samples all)", t.Task, len(t.Changes)-i)
			break
		}
		s.Rows = append(s.Rows, ch.row())
	}
	return &s
}

func (ch Change) row() []string {
	a, b := ch.OutputA, ch.OutputB
	switch {
	case a != b && ch.ChoiceA != "" && ch.ChoiceB != "":
		a, b = a+": "+ch.ChoiceA, b+": "+ch.ChoiceB
	case a == b: // what was scored is the same: show what is not
		a, b = ch.ValueA, ch.ValueB
	default:
		a, b = parting(a, b)
	}
	outcome := ch.Outcome
	if ch.ScoreA != 0 && ch.ScoreA != 1 || ch.ScoreB != 0 && ch.ScoreB != 1 {
		outcome += fmt.Sprintf(" %.2f -> %.2f", ch.ScoreA, ch.ScoreB)
	}
	return []string{outcome, string(ch.DocID), a, b, strings.Join(ch.Targets, " / "), ch.Field}
}

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

// fieldHole is the field of a mismatch where a run has no number for a task.
const fieldHole = "hole"
