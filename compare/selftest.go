package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// SelfTestReport is what the gate found about itself.
type SelfTestReport struct {
	Seed uint64 `json:"seed"`
	// Fakes are comparisons without a true difference, FalseAlarms those called one; at most Bound may be, and one must.
	Fakes       int `json:"fakes"`
	FalseAlarms int `json:"false_alarms"`
	Bound       int `json:"bound"`
	// Caught are the seeded regressions, in flipped answers, that failed the gate; Passed those too small to.
	Caught []int `json:"caught"`
	Passed []int `json:"passed"`
	// Average and Equivalence are the false alarms among so many comparisons of averages, and of the same model in other
	// arithmetic whose answers flip at the tolerated rate.
	Average     SelfTestAlarms `json:"average"`
	Equivalence SelfTestAlarms `json:"equivalence"`
}

// SelfTestAlarms are comparisons in which nothing is wrong, how many failed the gate, and how many may.
type SelfTestAlarms struct {
	Fakes       int `json:"fakes"`
	FalseAlarms int `json:"false_alarms"`
	Bound       int `json:"bound"`
}

// The self-test's size: documents of its one task, the share of them discordant in a fake, and the chance per side that
// a sound gate fails its own test.
const (
	selfTestDocuments  = 250
	selfTestDiscordant = 0.1
	selfTestFakes      = 200
	selfTestChance     = 1e-6
)

// SelfTest runs the whole way from samples to exit code on made-up runs: a run beside itself is tier 0 and passes every
// gate, one changed answer does not; 200 pairs without a true difference raise about alpha false alarms; losses of 5, 6
// and 20 answers fail the gate, the same gains and a loss of 4 do not. A loss that no task shows fails the gate through
// its average, and flips of the same model in other arithmetic are counted. It takes well under a second. The error says which part of the
// gate cannot be trusted.
func SelfTest(seed uint64) (SelfTestReport, error) {
	r := SelfTestReport{Seed: seed, Fakes: selfTestFakes}
	const alpha = 0.05
	r.Bound = binomialBound(selfTestFakes, alpha, selfTestChance)
	random := newCounter(seed, "self-test", "runs")
	answers := alternating(selfTestDocuments)
	a := fakeRun("A", answers)
	if err := expect(a, a, TierIdentical, exitcode.OK); err != nil {
		return r, fmt.Errorf("a run beside itself: %w", err)
	}
	if err := expect(a, fakeRun("A", flipped(answers, true, 1)), TierIdentical, exitcode.Gate); err != nil {
		return r, fmt.Errorf("one changed answer of the same model: %w", err)
	}
	for trial := range selfTestFakes {
		left, right := append([]bool(nil), answers...), append([]bool(nil), answers...)
		for i := range answers {
			if random.uniform(trial, 2*i) < selfTestDiscordant { // a coin says which of the two runs is right
				left[i] = random.word(trial, 2*i+1)&1 == 1
				right[i] = !left[i]
			}
		}
		c, err := compareFakes(fakeRun("A", left), fakeRun("B", right))
		if err != nil {
			return r, err
		}
		if v := c.Tasks[0].Verdict; v == Regressed || v == Improved {
			r.FalseAlarms++
		}
	}
	switch {
	case r.FalseAlarms > r.Bound:
		return r, fmt.Errorf("%d of %d comparisons without a difference were called one; at most %d may be", r.FalseAlarms, r.Fakes, r.Bound)
	case r.FalseAlarms == 0:
		return r, fmt.Errorf("none of %d comparisons at level %v was a false alarm: the test does not test", r.Fakes, alpha)
	}
	for _, n := range []int{4, 5, 6, 20} {
		worse := fakeRun("B", flipped(answers, true, n))
		code := exitcode.Gate
		if n < 5 {
			code = exitcode.OK
		}
		if err := expect(a, worse, TierDifferent, code); err != nil {
			return r, fmt.Errorf("%d answers lost: %w", n, err)
		}
		if err := expect(worse, a, TierDifferent, exitcode.OK); err != nil {
			return r, fmt.Errorf("%d answers won: %w", n, err)
		}
		if code == exitcode.OK {
			r.Passed = append(r.Passed, n)
		} else {
			r.Caught = append(r.Caught, n)
		}
	}
	if err := r.testAverage(); err != nil {
		return r, err
	}
	return r, r.testEquivalence()
}

// expect compares two runs and says how tier or exit code differ from the expected ones.
func expect(a, b RunData, tier Tier, code int) error {
	c, err := compareFakes(a, b)
	if err != nil {
		return err
	}
	if c.Tier != tier {
		return fmt.Errorf("found %s, want %s", c.Tier, tier)
	}
	if got, cause := c.ExitCode(true, false); got != code {
		return fmt.Errorf("the gate gives %d (%s), want %d", got, cause, code)
	}
	return nil
}

func compareFakes(a, b RunData) (Comparison, error) { return compareFakesAs(a, b, false) }

func compareFakesAs(a, b RunData, gateAverage bool) (Comparison, error) {
	p, err := Pair(a, b)
	if err != nil {
		return Comparison{}, err
	}
	o := Defaults(func(string, string) (metrics.Metric, bool) { return metrics.Accuracy("acc"), true })
	o.GateAverage = gateAverage
	c, err := Compare(p, o)
	if err == nil && len(c.Tasks) != len(a.Run.Scores) {
		err = errors.New("a fake task is gone")
	}
	return c, err
}

// flipped turns the first n answers that are right, or wrong, into the opposite.
func flipped(answers []bool, right bool, n int) []bool {
	out := append([]bool(nil), answers...)
	for i := range out {
		if out[i] == right && n > 0 {
			out[i], n = !right, n-1
		}
	}
	return out
}

// fakeRun is a run of one task in which the given answers are right. model stands for weights.
func fakeRun(model string, answers []bool) RunData {
	d := emptyFake(model)
	d.addFake("fake", answers)
	return d
}

func emptyFake(model string) RunData {
	return RunData{Name: model, Samples: map[string][]results.Sample{}, Run: results.Run{
		SchemaVersion: results.SchemaVersion, Profile: "self-test", Status: "complete",
		Model: results.Model{Name: model, Digest: "sha256:" + model, TokenizerDigest: "none", DType: "float32", Numerics: "1"},
	}}
}

// addFake adds a task in which the given answers are right.
func (d *RunData) addFake(task string, answers []bool) {
	m := metrics.Accuracy("acc")
	var stats []metrics.Stat
	for i, right := range answers {
		output := "no"
		if right {
			output = "yes"
		}
		stat := m.Each(output, []string{"yes"})
		stats = append(stats, stat)
		id := strconv.Itoa(i)
		d.Samples[task] = append(d.Samples[task], results.Sample{
			Task: task, Position: i, DocID: json.RawMessage(id), DocHash: task + " document " + id, Target: "yes", Targets: []string{"yes"},
			Exchanges: []results.Exchange{{Kind: "generate", Prompt: "question " + id, Text: &output}},
			Marks:     []results.Mark{{Metric: m.Name, Output: output, Stat: stat}},
		})
	}
	d.Run.Scores = append(d.Run.Scores, results.Score{
		Task: task, Title: strings.ToUpper(task[:1]) + task[1:], N: len(answers), Total: len(answers),
		Values: []results.Value{{Metric: m.Name, Signature: m.Signature, Value: m.Score(stats), Max: m.Max}},
	})
}

// binomialBound is the smallest k for which more than k of n events of chance p have at most the given chance.
func binomialBound(n int, p, chance float64) int {
	term := math.Pow(1-p, float64(n))
	above := 1 - term
	for k := 0; ; k++ {
		if above <= chance || k == n {
			return k
		}
		term *= float64(n-k) / float64(k+1) * p / (1 - p)
		above -= term
	}
}

// String is what was found, as one sentence.
func (r SelfTestReport) String() string {
	return fmt.Sprintf("the gate can be trusted: a run beside itself passes; %d of %d comparisons without a true difference raised an alarm (at most %d may); losses of %v answers fail, %v pass; a small loss of every task fails through its average (false alarms %d of %d); in other arithmetic flips beyond the tolerated rate fail and none passes (false alarms %d of %d)",
		r.FalseAlarms, r.Fakes, r.Bound, r.Caught, r.Passed, r.Average.FalseAlarms, r.Average.Fakes, r.Equivalence.FalseAlarms, r.Equivalence.Fakes)
}
