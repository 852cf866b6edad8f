package compare

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
)

// Report is the comparison ready to be shown, with so many changed documents a task; below 0 all.
func (c Comparison) Report(documents int) cireport.Report {
	head, narrow := c.columns()
	s := cireport.Report{
		Name: c.A.Name + " -> " + c.B.Name,
		Title: []string{
			c.Headline(), fmt.Sprintf("%s, profile %s", c.Tier, cmp.Or(c.Across, c.Profile, "not recorded")), "A " + c.A.String(), "B " + c.B.String(), c.levels(),
		},
		Head: head, Narrow: narrow, Value: c, Fields: fields, Warnings: c.Warnings(),
		Properties: [][2]string{
			{"tier", c.Tier.String()}, {"profile", cmp.Or(c.Across, c.Profile)}, {"a", c.A.String()}, {"b", c.B.String()}, {"alpha", number(c.Alpha)},
			{"adjustment", c.Adjustment}, {"seed", strconv.FormatUint(c.Seed, 10)},
		},
	}
	if c.Refused != nil {
		s.Title = s.Title[:4]
		s.Cases = append(s.Cases, cireport.Case{
			Class: className(""), Name: "comparison", Outcome: cireport.Broken, Kind: string(Incomparable), Message: c.Refused.Error(), Detail: c.Refused.Error(),
		})
	}
	for _, t := range c.Tasks {
		s.Rows = append(s.Rows, t.row())
		s.Records = append(s.Records, t.record())
		s.Cases = append(s.Cases, t.reportCase())
		s.Notes = append(s.Notes, t.notes(c.Tier)...)
		if section := t.section(documents); section != nil {
			s.Sections = append(s.Sections, *section)
		}
	}
	c.addAverages(&s)
	s.Notes = append(s.Notes, c.notes()...)
	c.addMissing(&s)
	return s
}

// addAverages adds the averages that repeat no row; those that are gated are cases of their own.
func (c Comparison) addAverages(s *cireport.Report) {
	averaged := false
	for i, a := range c.Averages {
		repeats := a.Name == "all" && !a.Group && i > 0 && len(a.Tasks) == len(c.Averages[0].Tasks) // of one language
		if len(a.Tasks) < 2 || repeats {
			continue
		}
		s.Rows = append(s.Rows, a.row())
		averaged = averaged || !a.Gated
		if a.Gated {
			o := cireport.Passed
			switch {
			case a.Verdict.fails():
				o = cireport.Failed
			case !a.Verdict.safe():
				o = cireport.Skipped
			}
			message := fmt.Sprintf("%s: %s -> %s, %+.2f points, interval %s; p %s adjusted", a.Verdict, decimal(a.A), decimal(a.B), 100*a.Difference, a.Interval, pValue(a.PAdjusted))
			s.Cases = append(s.Cases, cireport.Case{Class: className(""), Name: "average " + a.Name, Outcome: o, Kind: string(a.Verdict), Message: message, Detail: message})
		}
	}
	s.Notes = append(s.Notes, c.Untested...)
	switch {
	case averaged && c.Tier != TierDifferent:
		s.Notes = append(s.Notes, "averages are not gated between runs of one model: what may differ there is bounded task by task")
	case averaged:
		s.Notes = append(s.Notes, "averages are not gated (--gate-average): one hides a loss that another task makes up for, and finds what every task lost a little of")
	}
}

// addMissing names the tasks that one run lacks.
func (c Comparison) addMissing(s *cireport.Report) {
	for _, missing := range []struct {
		run   string
		tasks []string
	}{{"B", c.OnlyA}, {"A", c.OnlyB}} {
		for _, task := range missing.tasks {
			why := fmt.Sprintf("%s lacks the task", missing.run)
			s.Notes = append(s.Notes, task+": "+why)
			s.Cases = append(s.Cases, cireport.Case{Class: className(""), Name: task, Outcome: cireport.Skipped, Kind: string(Incomparable), Message: why})
			s.Records = append(s.Records, incomparableRecord(task, "", "", "", why))
		}
	}
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
