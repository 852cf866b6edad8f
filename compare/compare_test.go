package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// find knows the metrics of the made-up tasks.
func find(_, name string) (metrics.Metric, bool) {
	for _, m := range made() {
		if m.Name == name {
			return m, true
		}
	}
	return metrics.Metric{}, false
}

func made() []metrics.Metric {
	return []metrics.Metric{
		metrics.Accuracy("acc"), metrics.CharF1(), metrics.BLEU{}.Metric(), metrics.Rouge2("char", metrics.CodePoints), metrics.SQuAD2()[2],
	}
}

// task adds a task whose documents have the outputs, scored by the metric against "the cat sat on the mat k".
func task(d *RunData, name, language string, m metrics.Metric, outputs []string, clustered bool) {
	var stats []metrics.Stat
	for i, output := range outputs {
		target := fmt.Sprintf("the cat sat on the mat %d", i)
		stat := m.Each(output, []string{target})
		stats = append(stats, stat)
		s := results.Sample{
			Task: name, Position: i, DocID: json.RawMessage(strconv.Itoa(i)), DocHash: fmt.Sprintf("%s/%x", name, (i*7919+13)%10007),
			Target: target, Targets: []string{target}, Exchanges: []results.Exchange{{Kind: "generate", Prompt: name + strconv.Itoa(i), MaxGenToks: 8, Text: &output}},
			Marks: []results.Mark{{Metric: m.Name, Output: output, Stat: stat}},
		}
		if clustered {
			s.Cluster = strconv.Itoa(i / 4)
		}
		d.Samples[name] = append(d.Samples[name], s)
	}
	score := results.Score{
		Task: name, Title: name, Language: language, Shots: 4, N: len(outputs), Total: len(outputs), Version: "1", Protocol: "p",
		Data: []results.DataFile{{Dataset: name, Split: "test", SHA256: "digest of " + name}},
	}
	if len(stats) > 0 {
		score.Values = []results.Value{{Metric: m.Name, Signature: m.Signature, Value: m.Score(stats), Max: m.Max}}
	}
	d.Run.Scores = append(d.Run.Scores, score)
}

// madeRun is a run of five tasks; its model answers the share wrong, somewhat. fresh draws differ by the seed.
func madeRun(model string, n int, wrong float64, seed uint64) RunData {
	d := RunData{Name: model, Samples: map[string][]results.Sample{}}
	d.Run = results.Run{
		SchemaVersion: 1, Profile: "swallow-2023",
		Model: results.Model{Name: model, Digest: "sha256:" + model, TokenizerDigest: "t", DType: "float32", StoredDType: "bfloat16", Numerics: "1"},
	}
	for k, m := range made() {
		random := newCounter(seed, m.Name, "outputs")
		outputs := make([]string, n)
		for i := range outputs {
			outputs[i] = fmt.Sprintf("the cat sat on the mat %d", i)
			if random.uniform(0, i) < wrong {
				outputs[i] = []string{"the cat", "", "a dog sat on the mat", "the cat sat on the rug 1 2 3"}[random.word(1, i)%4]
			}
		}
		task(&d, m.Name, []string{"ja", "en"}[k%2], m, outputs, k == 1 || k == 4)
	}
	return d
}

func compared(t testing.TB, a, b RunData, change func(*Options)) Comparison {
	t.Helper()
	p, err := Pair(a, b)
	require.NoError(t, err)
	o := Defaults(find)
	if change != nil {
		change(&o)
	}
	c, err := Compare(p, o)
	require.NoError(t, err)
	sane(t, c)
	return c
}

// sane holds what every comparison promises: p-values above 0, intervals in order that hold the difference, numbers that
// JSON can hold.
func sane(t testing.TB, c Comparison) {
	t.Helper()
	b, err := json.Marshal(c)
	require.NoError(t, err)
	var back Comparison
	require.NoError(t, json.Unmarshal(b, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(b), string(again))
	for _, r := range c.Tasks {
		if r.Verdict == Incomparable {
			require.Error(t, r.Mismatch)
			continue
		}
		require.Greater(t, r.P, 0.0, r.Task)
		require.LessOrEqual(t, r.P, r.PAdjusted, r.Task)
		require.LessOrEqual(t, r.PAdjusted, 1.0, r.Task)
		require.LessOrEqual(t, r.Interval.Low, r.Interval.High, r.Task)
		require.GreaterOrEqual(t, r.Interval.Low, -1.0)
		require.LessOrEqual(t, r.Interval.High, 1.0)
		if r.Unchanged {
			require.Zero(t, r.Interval, r.Task)
			require.Zero(t, r.DetectableDrop, r.Task)
			continue
		}
		require.Greater(t, r.Interval.High, r.Interval.Low, "%s: no interval is a point", r.Task)
		if c.Tier == TierDifferent {
			agrees(t, r, c.Alpha)
		}
		if c.Tier == TierDifferent && r.Margin == 0 && (r.Verdict == Regressed || r.Verdict == Improved) {
			require.LessOrEqual(t, r.PAdjusted, c.Alpha)
		}
	}
	for _, a := range c.Averages {
		require.Greater(t, a.P, 0.0)
		require.LessOrEqual(t, a.Interval.Low, a.Interval.High)
	}
}

// agrees holds a row's interval to its verdict and p.
func agrees(t testing.TB, r TaskComparison, alpha float64) {
	t.Helper()
	i, m := r.Interval, r.Margin
	if r.LowerIsBetter {
		i.Low, i.High = -i.High, -i.Low
	}
	require.Equal(t, r.Verdict == Regressed, i.High < -m, "%s %s: %v", r.Task, r.Verdict, i)
	require.Equal(t, r.Verdict == Improved, i.Low > m, "%s %s: %v", r.Task, r.Verdict, i)
	require.Equal(t, r.Verdict == Regressed || r.Verdict == Improved, r.PAdjusted <= alpha, r.Task)
	if r.Verdict == OK {
		require.GreaterOrEqual(t, i.Low, -m, r.Task)
	}
	if r.Verdict == NoEvidence && m > 0 {
		require.LessOrEqual(t, i.Low, -m, r.Task)
	}
	require.True(t, r.DetectableDrop == 0 || r.DetectableDrop > m, r.Task)
}

func verdicts(c Comparison) map[string]Verdict {
	m := map[string]Verdict{}
	for _, r := range c.Tasks {
		m[r.Task] = r.Verdict
	}
	return m
}

func TestH1NoDocuments(t *testing.T) {
	a, b := fakeRun("A", nil), fakeRun("B", nil)
	a.Run.Scores[0].Values, b.Run.Scores[0].Values = nil, nil
	_, err := Pair(a, b)
	require.ErrorIs(t, err, ErrIncomparable)
	assert.ErrorContains(t, err, "samples: A has 0 documents")
	p, m := newEvidence(TaskPair{}, Defaults(find))
	assert.Nil(t, p)
	assert.ErrorIs(t, m, ErrIncomparable)
}

func TestH1AllEqual(t *testing.T) {
	a, b := madeRun("A", 200, 0.3, 1), madeRun("B", 200, 0.3, 1)
	for task := range b.Samples { // one log-probability's last bit keeps the answers from being the same
		for i := range b.Samples[task] {
			b.Samples[task][i].Exchanges[0].OutputTokens = 1
		}
	}
	c := compared(t, a, b, nil)
	for _, r := range c.Tasks {
		assert.Equal(t, 1.0, r.P, r.Task)
		assert.Equal(t, 0.0, r.Difference)
		if r.Task == "acc" {
			assert.InDelta(t, shareBound(0, 200, r.Alpha/2), r.Interval.High, 1e-8, "what not seeing a change leaves open, not 0")
		} else { // the score test's bound of no change: z^2/(n + z^2), of documents in clusters too
			z := normalQuantile(1 - r.Alpha/2)
			assert.InDelta(t, z*z/(200+z*z), r.Interval.High, 1e-6, r.Task)
		}
		assert.Equal(t, -r.Interval.High, r.Interval.Low)
		assert.Equal(t, NoEvidence, r.Verdict)
		assert.Len(t, r.Changes, 200)
		assert.Equal(t, OutcomeChanged, r.Changes[0].Outcome)
	}
	code, _ := c.ExitCode(true, false)
	assert.Equal(t, exitcode.OK, code)
	code, cause := c.ExitCode(true, true)
	assert.Equal(t, exitcode.NotShown, code)
	assert.Contains(t, cause, "acc: without a --margin nothing can be shown to be ok")
	wide := 0.1
	c = compared(t, a, b, func(o *Options) { o.Margin = &wide })
	for task, v := range verdicts(c) {
		assert.Equal(t, OK, v, task)
	}
	code, _ = c.ExitCode(true, true)
	assert.Equal(t, exitcode.OK, code)
}

func TestH1AllLost(t *testing.T) {
	c := compared(t, madeRun("A", 60, 0, 1), madeRun("B", 60, 1, 2), nil)
	for _, r := range c.Tasks {
		if r.Task == "bleu" {
			assert.Less(t, r.P, 0.01)
		}
		assert.Equal(t, Regressed, r.Verdict, r.Task)
		assert.Equal(t, 60, r.Lost, r.Task)
		assert.Equal(t, 0, r.Won)
	}
	code, cause := c.ExitCode(true, false)
	assert.Equal(t, exitcode.Gate, code)
	assert.Contains(t, cause, "acc regressed")
	code, _ = c.ExitCode(false, true)
	assert.Equal(t, exitcode.OK, code, "no gate was asked for")
}

func TestH1OneDocument(t *testing.T) {
	for _, wrong := range []float64{0, 1} {
		c := compared(t, madeRun("A", 1, 0, 1), madeRun("B", 1, wrong, 2), nil)
		for _, r := range c.Tasks {
			assert.Equal(t, 1, r.N)
			assert.GreaterOrEqual(t, r.PAdjusted, 0.5, r.Task)
			assert.NotContains(t, []Verdict{Regressed, Improved, OK}, r.Verdict, r.Task)
			if r.Task == "acc" && !r.Unchanged { // 1 of 1 lost: the chance of one or less is 0.025 where the gain is 0.95
				assert.Equal(t, -1.0, r.Interval.Low)
				assert.InDelta(t, 0.95, r.Interval.High, 1e-8)
			} else if !r.Unchanged {
				assert.Equal(t, Interval{-1, 1, r.Interval.Level}, r.Interval, r.Task)
			}
		}
	}
}

func TestH2DifferingDocuments(t *testing.T) {
	a, b := madeRun("A", 30, 0.2, 1), madeRun("B", 30, 0.2, 2)
	b.Samples["acc"] = b.Samples["acc"][2:]
	a.Samples["acc"] = a.Samples["acc"][:29]
	p, err := Pair(a, b)
	require.NoError(t, err, "the other tasks can be compared")
	m := p.First()
	require.NotNil(t, m)
	assert.Equal(t, []string{"0", "1"}, m.OnlyA)
	assert.Equal(t, []string{"29"}, m.OnlyB)
	assert.Equal(t, "acc: not comparable: set of documents: A has 29 documents, B has 28 documents; only in A: 0, 1; only in B: 29", m.Error())
	c := compared(t, a, b, nil)
	code, cause := c.ExitCode(false, false)
	assert.Equal(t, exitcode.Incomplete, code)
	assert.Equal(t, m.Error(), cause)
	c = compared(t, a, b, func(o *Options) { o.Tasks = []string{"bleu"} })
	code, _ = c.ExitCode(true, false)
	assert.Equal(t, exitcode.OK, code, "outside the gate set")
}

func TestH3DifferingLimits(t *testing.T) {
	a, b := madeRun("A", 30, 0.2, 1), madeRun("B", 20, 0.2, 2)
	b.Run.Limit = "20"
	_, err := Pair(a, b)
	var m *Mismatch
	require.ErrorAs(t, err, &m)
	assert.Equal(t, "limit", m.Field)
	b = madeRun("B", 30, 0.2, 2)
	b.Run.Limit = "100" // more than there are: the same documents
	_, err = Pair(a, b)
	assert.NoError(t, err)
	a.Run.Limit = "100"
	b.Samples["acc"][3].DocHash = "another"
	p, err := Pair(a, b)
	require.NoError(t, err)
	assert.Equal(t, "set of documents", p.First().Field)
}

func TestH4SwappedRunsMirror(t *testing.T) {
	mirror := map[Verdict]Verdict{Regressed: Improved, Improved: Regressed}
	seen := map[Verdict]bool{}
	for seed := range uint64(4) {
		a, b := madeRun("A", 80, 0.2, 1), madeRun("B", 80, 0.2+0.08*float64(seed), 10+seed)
		x, y := compared(t, a, b, nil), compared(t, b, a, nil)
		for i, r := range x.Tasks {
			q := y.Tasks[i]
			assert.Equal(t, r.P, q.P, r.Task)
			assert.Equal(t, r.PAdjusted, q.PAdjusted)
			assert.Equal(t, r.Difference, -q.Difference, r.Task)
			assert.Equal(t, r.Interval, Interval{-q.Interval.High, -q.Interval.Low, q.Interval.Level}, r.Task)
			assert.Equal(t, r.DetectableDrop, q.DetectableDrop)
			assert.Equal(t, [2]int{r.Lost, r.Won}, [2]int{q.Won, q.Lost})
			want, ok := mirror[r.Verdict]
			if !ok {
				want = r.Verdict
			}
			assert.Equal(t, want, q.Verdict, r.Task)
			seen[r.Verdict] = true
		}
		for i, v := range x.Averages {
			assert.Equal(t, v.P, y.Averages[i].P)
			assert.Equal(t, v.Difference, -y.Averages[i].Difference)
		}
	}
	assert.True(t, seen[Regressed] && seen[NoEvidence], "%v", seen)
}

func TestH5OrderChangesNothing(t *testing.T) {
	a, b := madeRun("A", 90, 0.2, 1), madeRun("B", 90, 0.35, 2)
	want := compared(t, a, b, func(o *Options) { o.Workers = 1 })
	rows := map[string]TaskComparison{}
	for _, r := range want.Tasks {
		rows[r.Task] = r
	}
	shuffle := newCounter(3, "order", "test")
	for trial := range 3 {
		for _, side := range []*RunData{&a, &b} {
			for task := range side.Samples {
				s := side.Samples[task]
				for i := len(s) - 1; i > 0; i-- {
					j := int(shuffle.word(trial, i) % uint64(i+1))
					s[i], s[j] = s[j], s[i]
				}
			}
		}
		slices.Reverse(a.Run.Scores)
		b.Run.Scores = append(b.Run.Scores[1:], b.Run.Scores[0])
		got := compared(t, a, b, func(o *Options) { o.Workers = 1 + trial*3 })
		for _, r := range got.Tasks {
			require.Equal(t, rows[r.Task], r)
		}
	}
	// A task's own p does not depend on the others.
	for task, r := range rows {
		alone := compared(t, a, b, func(o *Options) { o.Tasks = []string{task} })
		assert.Equal(t, r.P, alone.Tasks[0].P)
		assert.Equal(t, r.P, alone.Tasks[0].PAdjusted)
	}
	// Documents evaluated in another order draw other resamples of a corpus, as they do in sacreBLEU, but no other p
	// where scores are means.
	for _, side := range []*RunData{&a, &b} {
		for task := range side.Samples {
			for i := range side.Samples[task] {
				side.Samples[task][i].Position = 1000 - side.Samples[task][i].Position
			}
		}
		for i := range side.Run.Scores {
			side.Run.Scores[i].Values = nil
		}
	}
	for _, r := range compared(t, a, b, nil).Tasks {
		if r.Task != "bleu" && r.Task != "HasAns_exact" {
			assert.Equal(t, rows[r.Task].P, r.P, r.Task)
			assert.Equal(t, rows[r.Task].Interval, r.Interval, r.Task)
		}
	}
}

func TestH6OtherProfilesAreRefused(t *testing.T) {
	a, b := madeRun("A", 10, 0.2, 1), madeRun("B", 10, 0.2, 2)
	b.Run.Profile = "swallow-2024"
	_, err := Pair(a, b)
	var m *Mismatch
	require.ErrorAs(t, err, &m)
	assert.ErrorIs(t, err, ErrIncomparable)
	assert.Equal(t, Mismatch{Field: "profile", A: "swallow-2023", B: "swallow-2024"}, *m)
	assert.EqualError(t, err, "not comparable: profile: A has swallow-2023, B has swallow-2024")
}

func TestH7TheSameRunTwiceIsIdentical(t *testing.T) {
	a := madeRun("A", 40, 0.4, 1)
	c := compared(t, a, a, nil)
	assert.Equal(t, TierIdentical, c.Tier)
	for task, v := range verdicts(c) {
		assert.Equal(t, Identical, v, task)
	}
	for _, r := range c.Tasks {
		assert.Empty(t, r.Changes)
		assert.Equal(t, 1.0, r.P)
	}
	code, cause := c.ExitCode(true, true)
	assert.Equal(t, exitcode.OK, code, cause)
	a.Run.Model = results.Model{Name: "an imported run"}
	c = compared(t, a, a, nil)
	assert.Equal(t, TierDifferent, c.Tier, "nothing says that the models are the same")
	code, _ = c.ExitCode(true, true)
	assert.Equal(t, exitcode.OK, code)
}

func TestH8PIsNeverZero(t *testing.T) {
	for _, n := range []int{1, 5, 40, 400, 3000} {
		c := compared(t, madeRun("A", n, 0, 1), madeRun("B", n, 1, 2), nil) // sane looks at every p
		require.Len(t, c.Tasks, 5)
	}
}

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
