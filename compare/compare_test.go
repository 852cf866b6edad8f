package compare

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

func TestTierZeroFailsOnAnyChange(t *testing.T) {
	a, b := madeRun("A", 40, 0.4, 1), madeRun("A", 40, 0.4, 1)
	log, other := -1.25, math.Nextafter(-1.25, 0)
	a.Samples["acc"][7].Exchanges[0].Log, b.Samples["acc"][7].Exchanges[0].Log = &log, &other
	c := compared(t, a, b, nil)
	assert.Equal(t, Changed, c.Tasks[0].Verdict)
	assert.Equal(t, Identical, c.Tasks[1].Verdict)
	require.Len(t, c.Tasks[0].Changes, 1)
	change := c.Tasks[0].Changes[0]
	assert.Equal(t, "exchanges[0].logprob", change.Field)
	assert.Equal(t, OutcomeChanged, change.Outcome)
	assert.Equal(t, 7, change.Position)
	assert.Equal(t, []string{"-1.25", "-1.2499999999999998"}, []string{change.ValueA, change.ValueB})
	apart := other - log
	assert.Equal(t, &Drift{Requests: 1, Max: apart, Mean: apart, Top1Agreement: 1, Generations: 40, SameGenerations: 40}, c.Tasks[0].Drift)
	code, cause := c.ExitCode(true, false)
	assert.Equal(t, exitcode.Gate, code)
	assert.Equal(t, "gate: acc changed", cause)
}

func TestTierOne(t *testing.T) {
	flip := func(n int) Comparison {
		a := fakeRun("A", make([]bool, 1000))
		b := fakeRun("A", flipped(make([]bool, 1000), false, n))
		b.Run.Model.Numerics = "2"
		return compared(t, a, b, nil)
	}
	c := flip(0)
	assert.Equal(t, TierEquivalent, c.Tier)
	assert.Equal(t, Identical, c.Tasks[0].Verdict)
	c = flip(1)
	assert.Equal(t, Equivalent, c.Tasks[0].Verdict)
	assert.Equal(t, 0.005, c.Tasks[0].Margin)
	c = flip(7)
	assert.Equal(t, NoEvidence, c.Tasks[0].Verdict, "the interval leaves the margin")
	c = flip(11)
	assert.Equal(t, NoEvidence, c.Tasks[0].Verdict, "of 1000 documents 11 and more flip with a chance of 0.42 where one in a hundred does")
	code, _ := c.ExitCode(true, false)
	assert.Equal(t, exitcode.OK, code)
	code, _ = c.ExitCode(true, true)
	assert.Equal(t, exitcode.NotShown, code)
	c = flip(20)
	assert.Equal(t, NotEquivalent, c.Tasks[0].Verdict)
	assert.Equal(t, "20 of 1000 flipped: more than 1 % at 95 %", c.Tasks[0].Reason)
	code, cause := c.ExitCode(true, false)
	assert.Equal(t, exitcode.Gate, code)
	assert.Equal(t, "gate: fake: 20 of 1000 flipped: more than 1 % at 95 %", cause)
	few := fakeRun("A", flipped(make([]bool, 20000), false, 180)) // nine in a thousand, all one way
	few.Run.Model.Numerics = "2"
	for _, r := range compared(t, fakeRun("A", make([]bool, 20000)), few, nil).Tasks {
		assert.Equal(t, NotEquivalent, r.Verdict, "shown to be beyond the margin")
	}
	for _, r := range compared(t, few, fakeRun("A", make([]bool, 20000)), nil).Tasks {
		assert.Equal(t, NotEquivalent, r.Verdict)
	}
	one, two := madeRun("A", 30, 0.2, 1), madeRun("A", 30, 0.2, 2)
	two.Run.Model.DType = "bfloat16"
	for _, r := range compared(t, one, two, nil).Tasks {
		assert.Equal(t, 0.9, r.Interval.Level, "every task must pass, so none is corrected for the others")
	}
	assert.Equal(t, 0.0, margin(nil, TierDifferent, 499, 0.05))
}

func TestMarginAndStrictGate(t *testing.T) {
	compareLoss := func(n, lost, won int, margin float64) Comparison {
		right := flipped(make([]bool, n), false, n/2)
		b := flipped(flipped(right, true, lost), false, 0)
		for i := range won {
			b[n-1-i] = true
		}
		return compared(t, fakeRun("A", right), fakeRun("B", b), func(o *Options) { o.Margin = &margin })
	}
	for _, c := range []struct {
		n, lost, won int
		margin       float64
		verdict      Verdict
		gate, strict int
	}{
		{1000, 60, 0, 0.01, Regressed, 1, 1},
		{1000, 12, 0, 0.01, NoEvidence, 0, 1}, // significant, but within the margin perhaps: and there was power to see
		{1000, 0, 60, 0.01, Improved, 0, 0},
		{1000, 5, 5, 0.01, OK, 0, 0},
		{1000, 5, 5, 0, NoEvidence, 0, 4},
		{100, 5, 5, 0.01, NoEvidence, 0, 4},
		{250, 5, 0, 0, Regressed, 1, 1},
		{250, 4, 0, 0, NoEvidence, 0, 4},
	} {
		got := compareLoss(c.n, c.lost, c.won, c.margin)
		r := got.Tasks[0]
		assert.Equal(t, c.verdict, r.Verdict, "%+v: %+v, mde %v", c, r.Interval, r.DetectableDrop)
		gate, _ := got.ExitCode(true, false)
		strict, cause := got.ExitCode(true, true)
		assert.Equal(t, [2]int{c.gate, c.strict}, [2]int{gate, strict}, "%+v: %s, mde %v", c, cause, r.DetectableDrop)
	}
}

func TestParseMargin(t *testing.T) {
	for s, want := range map[string]float64{"1pt": 0.01, "0.5pt": 0.005, "0pt": 0, "2 pt": 0.02, "100pt": 1} {
		v, err := ParseMargin(s)
		require.NoError(t, err)
		assert.Equal(t, want, v)
	}
	for _, s := range []string{"", "1", "pt", "-1pt", "NaNpt", "101pt", "1%", "Infpt", "1ptt"} {
		_, err := ParseMargin(s)
		assert.Error(t, err, s)
	}
}

func TestTestsFitTheMetrics(t *testing.T) {
	c := compared(t, madeRun("A", 300, 0.2, 1), madeRun("B", 300, 0.3, 2), nil)
	want := map[string]string{
		"acc": "McNemar mid-p", "char_f1": "sign flips", "bleu": "approximate randomisation", "rouge2": "sign flips",
		"HasAns_exact": "approximate randomisation",
	}
	for _, r := range c.Tasks {
		assert.Equal(t, want[r.Task], r.Test, r.Task)
		assert.Equal(t, map[string]int{"char_f1": 75, "HasAns_exact": 75}[r.Task], r.Clusters, r.Task)
		assert.Equal(t, r.Task == "bleu", r.SacreBLEU != nil, r.Task)
		assert.InDelta(t, r.B-r.A, r.Difference, 0.001, r.Task)
		assert.Less(t, r.Interval.Low, r.Difference)
		assert.Greater(t, r.Interval.High, r.Difference)
	}
	for _, m := range metrics.Catalog() {
		ratio := map[string]bool{"chrf": true, "ter": true, "squad2-HasAns_exact": true, "squad2-HasAns_f1": true, "squad2-NoAns_exact": true, "squad2-NoAns_f1": true}
		isBLEU := m.Metric.Name == "bleu" || m.Name == "sentence-bleu"
		assert.Equal(t, !ratio[m.Name] && !isBLEU, additive(m.Metric), m.Name)
	}
	exact := compared(t, madeRun("A", 300, 0.2, 1), madeRun("B", 300, 0.3, 2), func(o *Options) { o.Exact = true })
	assert.Equal(t, ExactP(c.Tasks[0].Lost, c.Tasks[0].Won), exact.Tasks[0].P)
}

// A cluster whose documents all move together is one piece of evidence.
func TestClustersAreFlippedWhole(t *testing.T) {
	right := flipped(make([]bool, 400), false, 400)
	a, b := fakeRun("A", right), fakeRun("B", flipped(right, true, 16))
	alone := compared(t, a, b, nil).Tasks[0]
	assert.Equal(t, MidP(16, 0), alone.P)
	four := func(s results.Sample) string { return strconv.Itoa(s.Position / 4) }
	joined := compared(t, a, b, func(o *Options) { o.Cluster = four }).Tasks[0]
	assert.Equal(t, 100, joined.Clusters)
	assert.Equal(t, 2.0/16, joined.P)
	assert.Equal(t, "sign flips, enumerated", joined.Test)
	assert.Greater(t, joined.StdErr, 1.9*alone.StdErr)
	for i := range a.Samples["fake"] { // the samples' own clusters do the same, on one side alone too
		a.Samples["fake"][i].Cluster = four(a.Samples["fake"][i])
	}
	assert.Equal(t, joined.P, compared(t, a, b, nil).Tasks[0].P)
	b.Samples["fake"][5].Cluster = "elsewhere"
	_, err := Pair(a, b)
	assert.ErrorContains(t, err, "cluster of document 5")
}

func TestAverages(t *testing.T) {
	c := compared(t, madeRun("A", 200, 0.2, 1), madeRun("B", 200, 0.3, 2), nil)
	require.Len(t, c.Averages, 3)
	assert.Equal(t, []string{"ja", "en", "all"}, []string{c.Averages[0].Name, c.Averages[1].Name, c.Averages[2].Name})
	assert.Equal(t, []string{"acc", "bleu", "HasAns_exact"}, c.Averages[0].Tasks)
	difference, variance := 0.0, 0.0
	for _, r := range c.Tasks {
		difference += r.Difference / 5
		variance += r.StdErr * r.StdErr / 25
	}
	all := c.Averages[2]
	assert.InDelta(t, difference, all.Difference, 1e-12)
	assert.InEpsilon(t, math.Sqrt(variance), all.StdErr, 0.02, "tasks of other documents add up as independent")
	assert.InEpsilon(t, 1.959964*all.StdErr, all.Interval.High-all.Difference, 0.05)
	assert.InDelta(t, math.Erfc(math.Abs(difference)/math.Sqrt(2*variance)), all.P, 0.002)
	assert.False(t, all.Gated)
	assert.True(t, all.Lost)
	require.Len(t, c.Warnings(), 3, "of both languages and of all")
	assert.Contains(t, c.Warnings()[2], "the average of all (5 tasks) fell by 5.")
	assert.Contains(t, c.Headline(), "the average of all fell by 5.")
	code, _ := c.ExitCode(true, false)
	gated := compared(t, madeRun("A", 200, 0.2, 1), madeRun("B", 200, 0.3, 2), func(o *Options) { o.GateAverage = true })
	assert.Empty(t, gated.Warnings())
	assert.Equal(t, Regressed, gated.Averages[2].Verdict)
	assert.Less(t, gated.Averages[2].Interval.High, 0.0)
	strictCode, cause := gated.ExitCode(true, false)
	assert.Equal(t, exitcode.Gate, strictCode)
	assert.Contains(t, cause, "average all regressed")
	assert.NotEqual(t, code, strictCode, "no task alone fails the gate")
}

// Two filters of the same documents are one piece of evidence: the average of both is no surer than either.
func TestAveragesOfSharedDocuments(t *testing.T) {
	made := func(model string, wrong int) RunData {
		d := fakeRun(model, nil)
		d.Samples, d.Run.Scores = map[string][]results.Sample{}, nil
		outputs := make([]string, 100)
		for i := range outputs {
			outputs[i] = fmt.Sprintf("the cat sat on the mat %d", i)
			if i < wrong {
				outputs[i] = "a dog"
			}
		}
		for _, name := range []string{"strict", "flexible"} {
			task(&d, name, "en", metrics.Accuracy("acc"), outputs, false)
			for i := range d.Samples[name] {
				d.Samples[name][i].DocHash = fmt.Sprint("document ", i)
			}
		}
		return d
	}
	c := compared(t, made("A", 0), made("B", 6), func(o *Options) { o.GateAverage = true })
	require.Len(t, c.Averages, 2)
	assert.Equal(t, 2.0/64, c.Averages[0].P, "six documents, not twelve")
	assert.InDelta(t, c.Tasks[0].StdErr, c.Averages[0].StdErr, 1e-12)
	assert.True(t, c.Averages[0].Gated)
	assert.False(t, c.Averages[1].Gated, "that of all tasks repeats that of the only language")
}

// A hundred questions four times are a hundred pieces of evidence.
func TestEqualDocumentsAreOneUnit(t *testing.T) {
	right := flipped(make([]bool, 400), false, 400)
	a, b := fakeRun("A", right), fakeRun("B", flipped(right, true, 16))
	for _, d := range []RunData{a, b} {
		for i := range d.Samples["fake"] {
			d.Samples["fake"][i].DocHash = fmt.Sprint("document ", i/4)
		}
	}
	r := compared(t, a, b, nil).Tasks[0]
	assert.Equal(t, 100, r.Clusters)
	assert.Equal(t, 2.0/16, r.P)
	// Two equal documents that nothing happened to change nothing but the count.
	for _, d := range []RunData{a, b} {
		for i := range d.Samples["fake"] {
			d.Samples["fake"][i].DocHash = fmt.Sprint("document ", min(i, 398))
		}
	}
	r = compared(t, a, b, nil).Tasks[0]
	assert.Equal(t, 399, r.Clusters)
	assert.Equal(t, MidP(16, 0), r.P)
}

// Of an error rate a rise is a loss: the same outputs mirror the verdict that BLEU gives.
func TestLowerIsBetter(t *testing.T) {
	ter := metrics.TER{}.Metric()
	require.True(t, ter.LowerIsBetter)
	made := func(model string, wrong int) RunData {
		d := madeRun(model, 0, 0, 1)
		d.Samples, d.Run.Scores = map[string][]results.Sample{}, nil
		outputs := make([]string, 60)
		for i := range outputs {
			outputs[i] = fmt.Sprintf("the cat sat on the mat %d", i)
			if i < wrong {
				outputs[i] = "a dog"
			}
		}
		task(&d, "ter", "en", ter, outputs, false)
		task(&d, "bleu", "en", metrics.BLEU{}.Metric(), outputs, false)
		return d
	}
	find := func(_, name string) (metrics.Metric, bool) {
		return map[string]metrics.Metric{"ter": ter, "bleu": metrics.BLEU{}.Metric()}[name], true
	}
	a, b := made("A", 4), made("B", 40)
	c := compared(t, a, b, func(o *Options) { o.Metric = find })
	r := c.Tasks[0]
	assert.Equal(t, Regressed, r.Verdict)
	assert.True(t, r.LowerIsBetter)
	assert.Greater(t, r.B, r.A)
	assert.InDelta(t, r.B-r.A, r.Difference, 1e-12)
	assert.Greater(t, r.Interval.Low, 0.0)
	assert.Less(t, r.Interval.Low, r.Difference)
	assert.Greater(t, r.Interval.High, r.Difference)
	assert.Equal(t, [2]int{36, 0}, [2]int{r.Lost, r.Won})
	assert.Equal(t, OutcomeLost, r.Changes[0].Outcome)
	assert.Equal(t, Regressed, c.Tasks[1].Verdict)
	assert.Less(t, c.Tasks[1].Difference, 0.0)
	for _, average := range c.Averages {
		assert.Equal(t, []string{"bleu"}, average.Tasks, "an error rate is in no average")
	}
	swapped := compared(t, b, a, func(o *Options) { o.Metric = find }).Tasks[0]
	assert.Equal(t, Improved, swapped.Verdict)
	assert.Equal(t, r.Difference, -swapped.Difference)
	assert.Equal(t, r.P, swapped.P)
	assert.Equal(t, Interval{-r.Interval.High, -r.Interval.Low, r.Interval.Level}, swapped.Interval)
	margin := 0.9
	assert.Equal(t, OK, compared(t, a, b, func(o *Options) { o.Metric, o.Margin = find, &margin }).Tasks[0].Verdict)
	assert.Equal(t, 0.0, compared(t, a, a, func(o *Options) { o.Metric = find }).Tasks[0].Difference)
}

func TestBy(t *testing.T) {
	a := madeRun("A", 5, 0, 1)
	for i := range a.Samples["acc"] {
		a.Samples["acc"][i].Marks = append(a.Samples["acc"][i].Marks, results.Mark{Metric: "other", Stat: metrics.Stat{0.5}})
	}
	by, ok := a.By("acc", "other")
	require.True(t, ok)
	assert.Equal(t, "other", by.Samples["acc"][0].Marks[0].Metric)
	assert.Equal(t, "acc", a.Samples["acc"][0].Marks[0].Metric, "the run itself stays as it is")
	assert.Empty(t, by.Run.Scores[0].Values)
	_, ok = a.By("acc", "third")
	assert.False(t, ok)
	_, ok = a.By("none", "acc")
	assert.False(t, ok)
}

func TestOptionsAreChecked(t *testing.T) {
	a := madeRun("A", 5, 0, 1)
	p, err := Pair(a, a)
	require.NoError(t, err)
	negative := -0.1
	for name, change := range map[string]func(*Options){
		"no metrics given":       func(o *Options) { o.Metric = nil },
		"alpha 0 is not between": func(o *Options) { o.Alpha = 0 },
		"margin -0.1":            func(o *Options) { o.Margin = &negative },
		"x is in neither run":    func(o *Options) { o.Tasks = []string{"x"} },
		"acc is chosen twice":    func(o *Options) { o.Tasks = []string{"acc", "acc"} },
	} {
		o := Defaults(find)
		change(&o)
		_, err := Compare(p, o)
		assert.ErrorContains(t, err, name)
	}
	c := compared(t, a, a, func(o *Options) { o.FDR = true })
	assert.Equal(t, "benjamini-hochberg", c.Adjustment)
}

func BenchmarkCompare18000Documents(b *testing.B) {
	one, two := madeRun("A", 18000, 0.2, 1), madeRun("B", 18000, 0.21, 2)
	p, err := Pair(one, two)
	require.NoError(b, err)
	for b.Loop() {
		_, err := Compare(p, Defaults(find))
		require.NoError(b, err)
	}
}
