package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
)

// Verdict is what a comparison says of one task.
type Verdict string

// The verdicts. Regressed, Changed and NotEquivalent fail a gate.
const (
	// Identical: not a bit of any answer differs.
	Identical Verdict = "identical"
	// Changed: the same model in the same arithmetic gave another answer.
	Changed Verdict = "changed"
	// Equivalent: in other arithmetic, the difference is shown to be within the margin and few documents flipped.
	Equivalent Verdict = "equivalent"
	// NotEquivalent: in other arithmetic, too many documents flipped or the difference is shown to exceed the margin.
	NotEquivalent Verdict = "not equivalent"
	// Regressed: the loss is significant and shown to exceed the margin.
	Regressed Verdict = "regressed"
	// Improved: the gain is significant and shown to exceed the margin.
	Improved Verdict = "improved"
	// OK: a loss beyond the margin is ruled out.
	OK Verdict = "ok"
	// NoEvidence: nothing is shown; the detectable effect says how little that means.
	NoEvidence Verdict = "no evidence"
	// Incomparable: the two sides were not asked the same, or one has no answers.
	Incomparable Verdict = "incomparable"
)

// fails says whether the verdict is evidence of harm.
func (v Verdict) fails() bool { return v == Regressed || v == Changed || v == NotEquivalent }

// safe says whether the verdict is evidence of safety.
func (v Verdict) safe() bool { return v == Identical || v == Equivalent || v == Improved || v == OK }

// ParseMargin reads a margin in points of a hundred, "1pt" or "0.5pt", and returns it as a share.
func ParseMargin(s string) (float64, error) {
	number, ok := strings.CutSuffix(s, "pt")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || math.IsNaN(v) || v < 0 || v > 100 {
		return 0, fmt.Errorf("margin %q is not a number of points from 0pt to 100pt", s)
	}
	return v / 100, nil
}

// margin is the margin in force for a task of n documents.
func margin(given *float64, tier Tier, n int, alpha float64) float64 {
	switch {
	case given != nil:
		return *given
	case tier == TierEquivalent:
		return equivalentMarginOf(n, alpha)
	}
	return 0
}

// ExitCode is the process's exit code (internal/exitcode) and, where it is not 0, the one line that names its cause. Incomplete evidence is
// 3 with or without a gate. With gate, harm is 1. With gate and strict, so is any verdict that does not show safety,
// but where the reason is that the comparison could not have found a loss beyond the margin it is 4; the worst wins in
// the order 3, 1, 4.
func (c Comparison) ExitCode(gate, strict bool) (code int, cause string) {
	if cause := c.incomplete(); cause != "" {
		return exitcode.Incomplete, cause
	}
	if !gate {
		return exitcode.OK, ""
	}
	var f findings
	for _, t := range c.Tasks {
		reason := t.Reason
		if c.Tier == TierDifferent && t.Margin == 0 {
			reason = "without a --margin nothing can be shown to be ok"
		}
		f.add(t.Task, t.Verdict, reason, t.Underpowered)
	}
	for _, a := range c.Averages {
		if a.Gated && a.Verdict.fails() {
			f.add("average "+a.Name, a.Verdict, "", false)
		}
	}
	switch {
	case len(f.harm) > 0:
		return exitcode.Gate, "gate: " + strings.Join(f.harm, ", ")
	case strict && len(f.unshown) > 0:
		return exitcode.Gate, "gate: a loss beyond the margin is not ruled out for " + strings.Join(f.unshown, ", ")
	case strict && len(f.weak) > 0:
		return exitcode.NotShown, "gate: underpowered: " + strings.Join(f.weak, "; ")
	}
	return exitcode.OK, ""
}

// incomplete is why the comparison does not say of every task what it should, "" where it does.
func (c Comparison) incomplete() string {
	if c.Refused != nil {
		return c.Refused.Error()
	}
	for _, t := range c.Tasks {
		if t.Verdict == Incomparable {
			return t.Mismatch.Error()
		}
	}
	for _, missing := range []struct {
		run   string
		tasks []string
	}{{"B", c.OnlyA}, {"A", c.OnlyB}} {
		if len(missing.tasks) > 0 {
			return fmt.Sprintf("%s: %s lacks %s", ErrIncomparable, missing.run, strings.Join(missing.tasks, ", "))
		}
	}
	for _, side := range []struct {
		name string
		side Side
	}{{"A", c.A}, {"B", c.B}} {
		if s := side.side.Status; s != "" && s != "complete" && !c.Chosen {
			return fmt.Sprintf("%s: %s is a run that is %s: --tasks names what is to be compared of it", ErrIncomparable, side.name, s)
		}
	}
	return ""
}

// findings are what a gate holds against a comparison: harm that is shown, safety that is not shown, and safety that so
// few documents could not have shown.
type findings struct{ harm, unshown, weak []string }

func (f *findings) add(name string, v Verdict, reason string, underpowered bool) {
	switch {
	case v == NotEquivalent && reason != "":
		f.harm = append(f.harm, name+": "+reason)
	case v.fails():
		f.harm = append(f.harm, name+" "+string(v))
	case v.safe():
	case underpowered:
		f.weak = append(f.weak, name+": "+reason)
	default:
		f.unshown = append(f.unshown, name)
	}
}
