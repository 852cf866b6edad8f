package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"
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

// The limits of equivalence: the default margins and the share of documents that may flip.
const (
	equivalentMargin      = 0.005
	equivalentMarginSmall = 0.01
	smallTask             = 500
	flippedShare          = 0.01
)

// margin is the margin in force for a task of n documents.
func margin(given *float64, tier Tier, n int) float64 {
	switch {
	case given != nil:
		return *given
	case tier != TierEquivalent:
		return 0
	case n < smallTask:
		return equivalentMarginSmall
	}
	return equivalentMargin
}

// judge decides a task's verdict from its numbers.
func (t *TaskComparison) judge(tier Tier, alpha float64) {
	switch {
	case t.Unchanged:
		t.Verdict = Identical
	case tier == TierIdentical:
		t.Verdict = Changed
	case tier == TierEquivalent:
		t.Verdict = t.equivalence()
	default:
		t.Verdict = t.harm(alpha)
	}
}

func (t *TaskComparison) equivalence() Verdict {
	switch {
	case float64(t.Flipped) > flippedShare*float64(t.N), t.Interval.High < -t.Margin, t.Interval.Low > t.Margin:
		return NotEquivalent
	case t.Interval.Low >= -t.Margin && t.Interval.High <= t.Margin:
		return Equivalent
	}
	return NoEvidence
}

// harm holds the adjusted p against alpha, so that the printed p and the verdict cannot disagree; with a margin the
// interval must also lie beyond it.
func (t *TaskComparison) harm(alpha float64) Verdict {
	significant := t.PAdjusted <= alpha
	m := t.Margin
	switch {
	case significant && t.tested < 0 && (m == 0 || t.Interval.High < -m):
		return Regressed
	case significant && t.tested > 0 && (m == 0 || t.Interval.Low > m):
		return Improved
	case m > 0 && t.Interval.Low >= -m:
		return OK
	}
	return NoEvidence
}

// The exit codes of a comparison that ran; 2 is the command's own, for what could not be run.
const (
	ExitOK           = 0
	ExitRegression   = 1
	ExitIncomparable = 3
	ExitUnderpowered = 4
)

// ExitCode is the process's exit code and, where it is not 0, the one line that names its cause. Incomplete evidence is
// 3 with or without a gate. With gate, harm is 1. With gate and strict, so is any verdict that does not show safety,
// but where the reason is that the comparison could not have found a loss beyond the margin it is 4; the worst wins in
// the order 3, 1, 4.
func (c Comparison) ExitCode(gate, strict bool) (code int, cause string) {
	if c.Refused != nil {
		return ExitIncomparable, c.Refused.Error()
	}
	for _, t := range c.Tasks {
		if t.Verdict == Incomparable {
			return ExitIncomparable, t.Mismatch.Error()
		}
	}
	for _, missing := range []struct {
		run   string
		tasks []string
	}{{"B", c.OnlyA}, {"A", c.OnlyB}} {
		if len(missing.tasks) > 0 {
			return ExitIncomparable, fmt.Sprintf("%s: %s lacks %s", ErrIncomparable, missing.run, strings.Join(missing.tasks, ", "))
		}
	}
	if !gate {
		return ExitOK, ""
	}
	var harm, unshown, weak []string
	for _, t := range c.Tasks {
		switch {
		case t.Verdict.fails():
			harm = append(harm, t.Task+" "+string(t.Verdict))
		case !strict || t.Verdict.safe():
		case t.Underpowered:
			weak = append(weak, fmt.Sprintf("%s (detectable %.2f points, margin %.2f)", t.Task, 100*t.DetectableDrop, 100*t.Margin))
		default:
			unshown = append(unshown, t.Task)
		}
	}
	switch {
	case len(harm) > 0:
		return ExitRegression, "gate: " + strings.Join(harm, ", ")
	case len(unshown) > 0:
		return ExitRegression, "gate: a loss beyond the margin is not ruled out for " + strings.Join(unshown, ", ")
	case len(weak) > 0:
		return ExitUnderpowered, "gate: underpowered: " + strings.Join(weak, ", ")
	}
	return ExitOK, ""
}
