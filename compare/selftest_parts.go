package compare

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
)

// The sizes of the self-test's averages and equivalences.
const (
	selfTestTasks   = 12  // that an average is of
	selfTestSmall   = 120 // documents a task
	selfTestDrawn   = 40  // comparisons without anything wrong
	selfTestTooMany = 4   // flips of selfTestSmall documents that are shown to be more than one in a hundred
)

// testAverage holds the average to its promises: four answers lost of each task, which no task's test can reject, are one
// warning without --gate-average and fail the gate with it; the same won, or half of the tasks lost and half won, pass;
// and answers that change by a coin's fall raise no more alarms than the level says.
func (r *SelfTestReport) testAverage() error {
	answers := alternating(selfTestSmall)
	a, worse, mixed := emptyFake("A"), emptyFake("B"), emptyFake("C")
	for k := range selfTestTasks {
		task := "task " + strconv.Itoa(k)
		a.addFake(task, answers)
		worse.addFake(task, flipped(answers, true, 4))
		mixed.addFake(task, flipped(answers, k%2 == 0, 4))
	}
	for _, c := range []struct {
		what  string
		a, b  RunData
		gated bool
		code  int
		warns bool
	}{
		{"a loss of every task, its average not gated", a, worse, false, exitcode.OK, true},
		{"a loss of every task, its average gated", a, worse, true, exitcode.Gate, false},
		{"a gain of every task, its average gated", worse, a, true, exitcode.OK, false},
		{"losses and gains that make up for each other, their average gated", a, mixed, true, exitcode.OK, false},
	} {
		got, err := compareFakesAs(c.a, c.b, c.gated)
		if err != nil {
			return err
		}
		if code, cause := got.ExitCode(true, false); code != c.code {
			return fmt.Errorf("%s: the gate gives %d (%s), want %d", c.what, code, cause, c.code)
		}
		if warned := len(got.Warnings()) > 0; warned != c.warns {
			return fmt.Errorf("%s: the comparison warns: %v, want %v", c.what, warned, c.warns)
		}
	}
	random := newCounter(r.Seed, "self-test", "averages")
	r.Average = SelfTestAlarms{Fakes: selfTestDrawn, Bound: binomialBound(selfTestDrawn, 0.05, selfTestChance)}
	for trial := range selfTestDrawn {
		a, b := emptyFake("A"), emptyFake("B")
		for k := range 3 {
			left, right := discordantAnswers(random, 3*trial+k)
			task := "task " + strconv.Itoa(k)
			a.addFake(task, left)
			b.addFake(task, right)
		}
		c, err := compareFakesAs(a, b, true)
		if err != nil {
			return err
		}
		if len(c.Averages) == 0 || !c.Averages[0].Gated {
			return errors.New("the average of three tasks is not among the gate's hypotheses")
		}
		if v := c.Averages[0].Verdict; v == Regressed || v == Improved {
			r.Average.FalseAlarms++
		}
	}
	return r.Average.sound("averages")
}

// discordantAnswers are two runs' answers, some of which a coin gives to one or the other.
func discordantAnswers(random counter, trial int) (left, right []bool) {
	left, right = alternating(selfTestSmall), alternating(selfTestSmall)
	for i := range left {
		if random.uniform(trial, 2*i) < selfTestDiscordant {
			left[i] = random.word(trial, 2*i+1)&1 == 1
			right[i] = !left[i]
		}
	}
	return left, right
}

// testEquivalence holds tier 1 to its promises: an answer in other words, none of which flips, passes the strict gate on a
// small task; one flip more is never a better verdict; as many as no tolerated rate explains fail; and flips at the
// tolerated rate raise no more alarms than the level says.
func (r *SelfTestReport) testEquivalence() error {
	answers := alternating(selfTestSmall)
	a := fakeRun("A", answers)
	other := func(answers []bool) RunData {
		b := fakeRun("A", answers)
		b.Run.Model.DType = "bfloat16"
		return b
	}
	b, words := other(answers), "in other words"
	b.Samples["fake"][3].Exchanges[0].Text = &words
	worst := -1
	rank := map[Verdict]int{Identical: 0, Equivalent: 1, NoEvidence: 2, NotEquivalent: 3}
	for count := range 2 * selfTestTooMany {
		if count > 0 {
			b = other(flipped(answers, true, count))
		}
		c, err := compareFakes(a, b)
		if err != nil {
			return err
		}
		v := c.Tasks[0].Verdict
		strict, _ := c.ExitCode(true, true)
		code, cause := c.ExitCode(true, false)
		switch place, ok := rank[v]; {
		case c.Tier != TierEquivalent:
			return fmt.Errorf("the same model in another dtype: found %s, want %s", c.Tier, TierEquivalent)
		case count == 0 && (v != Equivalent || strict != exitcode.OK):
			return fmt.Errorf("other words and no flip: %s, the strict gate gives %d", v, strict)
		case !ok || place < worst:
			return fmt.Errorf("%d flips are %q, a better verdict than fewer", count, v)
		case (code == exitcode.Gate) != (count >= selfTestTooMany) || (v == NotEquivalent) != (count >= selfTestTooMany):
			return fmt.Errorf("%d of %d documents flipped: %s, the gate gives %d (%s)", count, selfTestSmall, v, code, cause)
		default:
			worst = place
		}
	}
	return r.alarmsOfEquivalence(a, other)
}

// alarmsOfEquivalence counts the alarms at the tolerated rate itself, to which level and bound belong.
func (r *SelfTestReport) alarmsOfEquivalence(a RunData, other func(answers []bool) RunData) error {
	random := newCounter(r.Seed, "self-test", "flips")
	r.Equivalence = SelfTestAlarms{Fakes: selfTestDrawn, Bound: binomialBound(selfTestDrawn, 0.05, selfTestChance)}
	for trial := range selfTestDrawn {
		right := alternating(selfTestSmall)
		for i := range right {
			if random.uniform(trial, i) < flippedShare {
				right[i] = !right[i]
			}
		}
		c, err := compareFakes(a, other(right))
		if err != nil {
			return err
		}
		if c.Tasks[0].Verdict == NotEquivalent {
			r.Equivalence.FalseAlarms++
		}
	}
	return r.Equivalence.sound("comparisons of the same model at the tolerated rate of flips")
}

// sound says where more alarms were raised than may be.
func (s SelfTestAlarms) sound(what string) error {
	if s.FalseAlarms > s.Bound {
		return fmt.Errorf("%d of %d %s failed the gate; at most %d may", s.FalseAlarms, s.Fakes, what, s.Bound)
	}
	return nil
}

// alternating are n answers of which every other is right.
func alternating(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = i%2 == 0
	}
	return out
}
