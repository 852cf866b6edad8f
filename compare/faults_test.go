package compare

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/results"
)

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
	assert.Equal(t, [2]string{"none (30 documents)", "20 (20 documents)"}, [2]string{m.A, m.B})
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
