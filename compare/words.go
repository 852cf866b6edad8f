package compare

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/results/notes"
)

// Headline is the comparison in one sentence for people: what decided, and the largest of it.
func (c Comparison) Headline() string {
	if c.Refused != nil {
		return c.Refused.Error()
	}
	var compared, same, failed, gained, open []TaskComparison
	for _, t := range c.Tasks {
		if t.Verdict == Incomparable {
			continue
		}
		compared = append(compared, t)
		switch {
		case t.Verdict == Identical:
			same = append(same, t)
		case t.Verdict.fails():
			failed = append(failed, t)
		case t.Verdict == Improved:
			gained = append(gained, t)
		case t.Verdict == NoEvidence:
			open = append(open, t)
		}
	}
	var sentence string
	switch {
	case len(compared) == 0:
		return "no task could be compared"
	case len(same) == len(compared):
		sentence = fmt.Sprintf("%s: every answer is the same", tasksOf(len(compared)))
	case c.Tier == TierIdentical && sameTexts(failed):
		sentence = fmt.Sprintf("%s scored the same answers otherwise; most: %s", ofTasks(failed, compared), most(failed))
	case c.Tier == TierIdentical:
		sentence = fmt.Sprintf("%s changed an answer, though model and arithmetic are the same; most: %s", ofTasks(failed, compared), most(failed))
	case c.Tier == TierEquivalent:
		sentence = equivalenceSentence(failed, open, compared)
	default:
		sentence = c.lossSentence(failed, gained, compared)
	}
	if left := len(c.Tasks) - len(compared); left > 0 {
		sentence += fmt.Sprintf("; %d could not be compared", left)
	}
	return sentence
}

func equivalenceSentence(failed, open, compared []TaskComparison) string {
	switch {
	case len(failed) > 0:
		worst := failed[0]
		return fmt.Sprintf("%s not equivalent: %s, %s", areTasks(failed, compared), worst.name(), worst.Reason)
	case len(open) > 0:
		return fmt.Sprintf("%s not shown to be equivalent, and none is shown not to be", areTasks(open, compared))
	}
	return fmt.Sprintf("%s: equivalent", tasksOf(len(compared)))
}

func (c Comparison) lossSentence(failed, gained, compared []TaskComparison) string {
	beyond := "chance explains"
	if m := c.margins(); m != "" && !strings.HasSuffix(m, " "+points(0)) {
		beyond = "chance and the" + strings.TrimPrefix(m, ",") + " explain"
	}
	sentence := fmt.Sprintf("none of %s lost more than %s", tasksOf(len(compared)), beyond)
	if len(compared) == 1 {
		sentence = fmt.Sprintf("%s did not lose more than %s", compared[0].name(), beyond)
	}
	if len(failed) > 0 {
		worst := failed[0]
		for _, t := range failed {
			if t.loss() > worst.loss() {
				worst = t
			}
		}
		sentence = fmt.Sprintf("%s lost more than %s; largest: %s %+.1f points", ofTasks(failed, compared), beyond, worst.name(), 100*worst.Difference)
	}
	if len(gained) > 0 {
		sentence += fmt.Sprintf("; %d gained", len(gained))
	}
	for _, a := range c.Averages {
		if a.Gated && a.Verdict == Regressed || !a.Gated && a.Lost {
			sentence += fmt.Sprintf("; the average of %s fell by %.1f points", a.Name, -100*a.Difference)
		}
	}
	return sentence
}

// loss is what was lost, whatever direction is better.
func (t TaskComparison) loss() float64 {
	if t.LowerIsBetter {
		return t.Difference
	}
	return -t.Difference
}

// ofTasks counts some of all.
func ofTasks(some, all []TaskComparison) string {
	if len(all) == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d of %d tasks", len(some), len(all))
}

// areTasks is ofTasks with its verb.
func areTasks(some, all []TaskComparison) string {
	if len(some) == 1 {
		return ofTasks(some, all) + " is"
	}
	return ofTasks(some, all) + " are"
}

// most names the task with the most changed documents.
func most(failed []TaskComparison) string {
	worst := failed[0]
	for _, t := range failed {
		if len(t.Changes) > len(worst.Changes) {
			worst = t
		}
	}
	return fmt.Sprintf("%s, %d of %d documents", worst.name(), len(worst.Changes), worst.N)
}

// sameTexts tells whether every text of the tasks is the same in both runs, so that what changed is how they were judged.
func sameTexts(failed []TaskComparison) bool {
	for _, t := range failed {
		if d := t.Drift; d == nil || d.Generations == 0 || d.SameGenerations < d.Generations || d.Requests > 0 {
			return false
		}
	}
	return len(failed) > 0
}

func tasksOf(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

// Warnings are what a gate does not decide on and a reader must not miss.
func (c Comparison) Warnings() []string {
	var out []string
	if c.Across != "" {
		out = append(out, fmt.Sprintf("two profiles (%s): their prompts, examples and metrics differ, so a difference between the numbers says nothing of the models alone", c.Across))
	}
	for _, side := range []struct {
		name string
		side Side
	}{{"A", c.A}, {"B", c.B}} {
		if s := side.side.Status; s != "" && s != "complete" {
			out = append(out, fmt.Sprintf("%s is a run that is %s: what it lacks is not compared", side.name, s))
		}
	}
	for _, a := range c.Averages {
		if a.Lost && !a.Gated {
			out = append(out, fmt.Sprintf("the average of %s (%s) fell by %.2f points, more than chance explains (p %s alone), and no gate looks at it: --gate-average does",
				a.Name, tasksOf(len(a.Tasks)), -100*a.Difference, pValue(a.P)))
		}
	}
	return out
}

// levels says at which levels what is shown was decided.
func (c Comparison) levels() string {
	switch c.Tier {
	case TierIdentical:
		return "any answer that changed fails the gate"
	case TierEquivalent:
		return fmt.Sprintf("alpha %v: that more than %s %% flipped, or more than the margin was lost or won, over %s (Holm); that it was not, for each task%s, seed %d",
			c.Alpha, short(100*flippedShare), tasksOf(len(c.Tasks)), c.margins(), c.Seed)
	}
	over := len(c.Tasks)
	what := tasksOf(over)
	if gated := c.gatedAverages(); gated > 0 {
		what += fmt.Sprintf(" and %d averages", gated)
	}
	if c.Family > over+c.gatedAverages() {
		what = fmt.Sprintf("%d tests of all runs", c.Family)
	}
	return fmt.Sprintf("alpha %v over %s (%s)%s, seed %d; the gate fails on losses alone, at %v; CI and MDE are at the level that leaves each task; ok holds for its row alone, at %v",
		c.Alpha, what, c.Adjustment, c.margins(), c.Seed, c.Alpha/2, c.Alpha)
}

func (c Comparison) gatedAverages() (n int) {
	for _, a := range c.Averages {
		if a.Gated {
			n++
		}
	}
	return n
}

// notes are the sentences about the whole comparison.
func (c Comparison) notes() []string {
	var out []string
	for _, side := range []struct {
		name string
		side Side
	}{{"A", c.A}, {"B", c.B}} {
		for _, note := range notes.OfModel(side.side.Model) {
			out = append(out, side.name+": "+note)
		}
	}
	if c.Tier != TierDifferent || c.Refused != nil {
		return out
	}
	for _, side := range []struct {
		name string
		side Side
	}{{"A", c.A}, {"B", c.B}} {
		if side.side.Model.Digest == "" {
			out = append(out, side.name+" does not identify its model by a digest: taken for another one")
		}
	}
	return out
}

// notes are the sentences without which the row would be misread.
func (t TaskComparison) notes(tier Tier) []string {
	var out []string
	if t.Mismatch != nil {
		out = append(out, t.Mismatch.Error())
	}
	if t.Reason != "" {
		out = append(out, t.Task+": "+t.Reason)
	}
	if c := t.Common; c != nil {
		out = append(out, fmt.Sprintf("%s: only the %d documents of both runs are compared: A has %d more, B %d more", t.Task, t.N, c.OnlyA, c.OnlyB))
	}
	for _, w := range t.Warnings {
		out = append(out, t.Task+": "+w)
	}
	if t.Drawn != "" {
		out = append(out, t.Drawn)
	}
	if d := t.Drift; d != nil && tier != TierDifferent && t.Verdict != Identical {
		note := fmt.Sprintf("%s: %d of %d documents flipped", t.Task, t.Flipped, t.N)
		if d.Requests > 0 {
			note += fmt.Sprintf("; log-probabilities differ by at most %.3g, %.3g on average of %d, top-1 agreement %.2f%%", d.Max, d.Mean, d.Requests, 100*d.Top1Agreement)
		}
		if d.Generations > 0 {
			note += fmt.Sprintf("; %d of %d generated texts are the same", d.SameGenerations, d.Generations)
		}
		out = append(out, note)
	}
	return out
}
