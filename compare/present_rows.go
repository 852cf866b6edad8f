package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
)

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

func signed(v float64) string { return fmt.Sprintf("%+.2f", 100*v) }

// String is the interval in points, nothing where there is none.
func (i Interval) String() string {
	if i == (Interval{}) {
		return ""
	}
	return signed(i.Low) + "…" + signed(i.High)
}

func pValue(p float64) string { return strconv.FormatFloat(p, 'g', 3, 64) }

// columns are the heads of the table, narrow its two halves for a terminal of 80 columns: what a task did and what that
// proves.
func (c Comparison) columns() (head []string, narrow [][]int) {
	return []string{"task", "n", "A", "B", "Δ pt", "verdict", "CI", "lost/won", "p(" + c.adjustmentName() + ")", "MDE"}, [][]int{{0, 1, 2, 3, 4, 5}, {0, 6, 7, 8, 9}}
}

// name is the task's title as the table has it.
func (t TaskComparison) name() string {
	name := t.Title
	if name == "" {
		name = t.Task
	}
	if t.LowerIsBetter {
		name += " " + t.Metric + " ↓"
	}
	return name
}

// row is the task's line of the table.
func (t TaskComparison) row() []string {
	if t.Verdict == Incomparable {
		return []string{t.name(), "", "—", "—", "", string(t.Verdict), "", "", "", ""}
	}
	n := strconv.Itoa(t.N)
	if t.Clusters > 0 {
		n += fmt.Sprintf(" in %d", t.Clusters)
	}
	return []string{
		t.name(), n, decimal(t.A), decimal(t.B), signed(t.Difference), t.verdictCell(), t.Interval.String(),
		fmt.Sprintf("%d/%d", t.Lost, t.Won), pValue(t.PAdjusted), t.detectableCell(),
	}
}

// detectableCell is blank where there is nothing to detect, and says so where no loss would be found.
func (t TaskComparison) detectableCell() string {
	switch {
	case t.Verdict == Identical, t.Verdict == Changed, t.Verdict == Equivalent, t.Verdict == NotEquivalent, t.Alpha == 0:
		return ""
	case t.DetectableDrop == 0:
		return "none"
	}
	return points(t.DetectableDrop)
}

// verdictCell is the verdict, with "underpowered" where a run without any difference would not have been shown to be ok.
func (t TaskComparison) verdictCell() string {
	if t.Verdict == NoEvidence && t.Underpowered {
		return string(t.Verdict) + ", underpowered"
	}
	return string(t.Verdict)
}

func (a Average) row() []string {
	p, verdict := pValue(a.P)+" alone", "not gated"
	switch {
	case a.Gated:
		p, verdict = pValue(a.PAdjusted), string(a.Verdict)
	case a.Lost:
		verdict = "fell, not gated"
	}
	name := "average " + a.Name
	switch {
	case a.ByDocument:
		name += " (by document)"
	case a.Group:
		name += " (by task)"
	}
	return []string{name, fmt.Sprintf("%d tasks", len(a.Tasks)), decimal(a.A), decimal(a.B), signed(a.Difference), verdict, a.Interval.String(), "", p, ""}
}

// fields are the names of what record gives.
var fields = []string{
	"task", "title", "language", "metric", "n", "clusters", "a", "b", "difference", "ci_low", "ci_high", "ci_level", "lost", "won", "flipped",
	"test", "p", "p_adjusted", "alpha", "detectable_drop", "margin", "underpowered", "verdict", "reason", "p_beyond_margin", "documents_needed",
}

// incomparableRecord is a task's line without numbers.
func incomparableRecord(task, title, language, metric, reason string) []string {
	out := make([]string, len(fields))
	for name, v := range map[string]string{
		"task": task, "title": title, "language": language, "metric": metric, "verdict": string(Incomparable), "reason": reason,
	} {
		out[slices.Index(fields, name)] = v
	}
	return out
}

// record is the task's numbers in the order of the fields.
func (t TaskComparison) record() []string {
	if t.Verdict == Incomparable {
		return incomparableRecord(t.Task, t.Title, t.Language, t.Metric, t.reason())
	}
	low, high, level, drop, needed := "", "", "", "", ""
	if t.Interval != (Interval{}) {
		low, high, level = number(t.Interval.Low), number(t.Interval.High), number(t.Interval.Level)
	}
	if t.DetectableDrop > 0 {
		drop = number(t.DetectableDrop)
	}
	if t.DocumentsNeeded > 0 {
		needed = strconv.Itoa(t.DocumentsNeeded)
	}
	return []string{
		t.Task, t.Title, t.Language, t.Metric, strconv.Itoa(t.N), strconv.Itoa(t.Clusters), number(t.A), number(t.B), number(t.Difference),
		low, high, level, strconv.Itoa(t.Lost), strconv.Itoa(t.Won), strconv.Itoa(t.Flipped),
		t.Test, number(t.P), number(t.PAdjusted), number(t.Alpha), drop, number(t.Margin), strconv.FormatBool(t.Underpowered),
		string(t.Verdict), t.reason(), number(t.PBeyond), needed,
	}
}

// reason is why there is no number, or what the verdict rests on beyond the numbers.
func (t TaskComparison) reason() string {
	if t.Mismatch != nil {
		return t.Mismatch.Error()
	}
	parts := slices.Clone(t.Warnings)
	if t.Reason != "" {
		parts = append([]string{t.Reason}, parts...)
	}
	return strings.Join(parts, "; ")
}

func className(language string) string {
	if language == "" {
		return "swallow-eval"
	}
	return "swallow-eval." + language
}

// reportCase is the task as a CI server counts it: harm fails, what shows nothing either way is skipped, a task without
// a number is an error.
func (t TaskComparison) reportCase() cireport.Case {
	c := cireport.Case{Class: className(t.Language), Name: t.Task, Kind: string(t.Verdict)}
	if t.Verdict == Incomparable {
		c.Outcome, c.Message = cireport.Skipped, t.reason()
		if t.Mismatch != nil && t.Mismatch.Field == fieldHole {
			c.Outcome, c.Kind = cireport.Broken, "no number"
		}
		return c
	}
	switch {
	case t.Verdict.fails():
		c.Outcome = cireport.Failed
	case !t.Verdict.safe():
		c.Outcome = cireport.Skipped
		c.Kind = t.verdictCell()
	}
	c.Message = fmt.Sprintf("%s: %s -> %s, %+.2f points, interval %s; %d documents lost, %d won of %d; p %s adjusted, MDE %s, margin %s",
		t.Verdict, decimal(t.A), decimal(t.B), 100*t.Difference, blank(t.Interval.String()), t.Lost, t.Won, t.N, pValue(t.PAdjusted),
		blank(t.detectableCell()), points(t.Margin))
	if t.Reason != "" {
		c.Message += "; " + t.Reason
	}
	c.Detail = c.Message + "\n" + t.Test
	for _, w := range t.Warnings {
		c.Detail += "\n" + w
	}
	return c
}

func blank(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// fieldHole is the field of a mismatch where a run has no number for a task.
const fieldHole = "hole"
