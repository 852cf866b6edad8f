package compare

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// simulated is how many sets a simulation draws: few, or with SWALLOW_EVAL_SIMULATE=long so many that its rates can be
// written down.
func simulated(few, many int) int {
	if os.Getenv("SWALLOW_EVAL_SIMULATE") == "long" {
		return many
	}
	return few
}

// gateCase is a truth from which pairs of runs are drawn and put through the whole gate: n documents a task, of which a
// share changes, in clusters of a size that change together, and of which so much is lost on average.
type gateCase struct {
	kind        string // answers, means or bleu
	n, cluster  int
	tasks       int
	discordance float64
	loss        float64
	margin      float64
	gateAverage bool
}

func (g gateCase) String() string {
	s := fmt.Sprintf("%s, n %d", g.kind, g.n)
	if g.cluster > 1 {
		s += fmt.Sprintf(" in %d", g.n/g.cluster)
	}
	if g.tasks > 1 {
		s += fmt.Sprintf(", %d tasks", g.tasks)
	}
	return s + fmt.Sprintf(", %.3g %% changed, margin %.3g, loss %.4g points", 100*g.discordance, 100*g.margin, 100*g.loss)
}

// size is the mean size of a change as a share of a document.
func (g gateCase) size() float64 {
	if g.kind == "means" {
		return 0.5
	}
	return 1
}

// scores are a document's under A and B: change tells whether it changes, lost whether it falls.
func (g gateCase) scores(change, lost bool, u float64) (a, b float64) {
	switch {
	case !change:
		return 1, 1
	case g.kind == "means":
		a, b = 1, 1-u
	default:
		a, b = 1, 0
	}
	if !lost {
		a, b = b, a
	}
	return a, b
}

// draw makes the two runs of a set.
func (g gateCase) draw(random counter, set int) (a, b RunData) {
	a, b = emptyFake("A"), emptyFake("B")
	next := 0
	uniform := func() float64 { next++; return random.uniform(set, next) }
	share := min(1, max(g.discordance, g.loss/g.size()))
	fall := 0.5
	if share > 0 {
		fall = (1 + g.loss/(share*g.size())) / 2
	}
	for k := range max(1, g.tasks) {
		left, right := make([]float64, g.n), make([]float64, g.n)
		for i := 0; i < g.n; i += g.cluster {
			// A cluster of several changes in between one and all of its documents, all in one direction.
			change, lost, many := uniform() < share, uniform() < fall, 1+int(uniform()*float64(g.cluster))
			if g.cluster > 1 {
				change = uniform() < share*2*float64(g.cluster)/float64(g.cluster+1)
			}
			for j := i; j < min(g.n, i+g.cluster); j++ {
				left[j], right[j] = g.scores(change && j-i < many, lost, uniform())
			}
		}
		g.add(&a, k, left)
		g.add(&b, k, right)
	}
	return a, b
}

// add adds a task with the scores.
func (g gateCase) add(d *RunData, k int, scores []float64) {
	m, task := metrics.Accuracy("acc"), "task "+strconv.Itoa(k)
	if g.kind == "bleu" {
		m = metrics.BLEU{}.Metric()
	}
	var stats []metrics.Stat
	for i, v := range scores {
		output, stat := strconv.FormatFloat(v, 'g', -1, 64), metrics.Stat{v}
		if g.kind == "bleu" {
			target := fmt.Sprintf("the %d cat sat on the mat number %d and looked at %d birds there", i, i*7, i*13)
			output = target
			if v == 0 {
				output = strings.Replace(strings.Replace(target, "sat on", "stands near", 1), "looked", "gazed", 1)
			}
			stat = m.Each(output, []string{target})
		}
		stats = append(stats, stat)
		id := strconv.Itoa(i)
		s := results.Sample{
			Task: task, Position: i, DocID: []byte(id), DocHash: task + " document " + id,
			Exchanges: []results.Exchange{{Kind: "generate", Prompt: id, Text: &output}},
			Marks:     []results.Mark{{Metric: m.Name, Output: output, Stat: stat}},
		}
		if g.cluster > 1 {
			s.Cluster = strconv.Itoa(i / g.cluster)
		}
		d.Samples[task] = append(d.Samples[task], s)
	}
	d.Run.Scores = append(d.Run.Scores, results.Score{
		Task: task, Title: "T", N: len(scores), Total: len(scores),
		Values: []results.Value{{Metric: m.Name, Signature: m.Signature, Value: m.Score(stats), Max: m.Max}},
	})
}

func (g gateCase) compare(t *testing.T, random counter, set int) Comparison {
	t.Helper()
	a, b := g.draw(random, set)
	p, err := Pair(a, b)
	require.NoError(t, err)
	o := Defaults(find)
	o.Margin, o.GateAverage, o.Seed, o.Workers = &g.margin, g.gateAverage, uint64(set), 1
	c, err := Compare(p, o)
	require.NoError(t, err)
	return c
}

// gateRates are the shares of sets in which the gate failed, in which it called a gain, and in which the interval of the
// first hypothesis (the average where it is gated) held the truth; contradictions are intervals beside their verdict.
type gateRates struct {
	failed, gained, covered float64
	contradictions          int
}

func (g gateCase) rates(t *testing.T, sets int) gateRates {
	t.Helper()
	var r gateRates
	random := newCounter(15, "gate", g.String())
	for set := range sets {
		c := g.compare(t, random, set)
		failed, gained := false, false
		note := func(v Verdict, i Interval) {
			failed, gained = failed || v == Regressed, gained || v == Improved
			// Ends are read from the law to 1e-9.
			if v == Regressed && i.High > -g.margin+1e-8 || v == Improved && i.Low < g.margin-1e-8 ||
				v == NoEvidence && (i.High < -g.margin-1e-8 || i.Low > g.margin+1e-8) {
				r.contradictions++
			}
		}
		interval := c.Tasks[0].Interval
		for _, row := range c.Tasks {
			note(row.Verdict, row.Interval)
		}
		if g.gateAverage {
			av := c.Averages[0] // of all: the tasks have no language
			note(av.Verdict, av.Interval)
			interval = av.Interval
		}
		if interval == (Interval{}) || interval.Low <= -g.loss+1e-9 && -g.loss-1e-9 <= interval.High {
			r.covered++
		}
		if failed {
			r.failed++
		}
		if gained {
			r.gained++
		}
	}
	n := float64(sets)
	r.failed, r.gained, r.covered = r.failed/n, r.gained/n, r.covered/n
	return r
}

// Whole comparisons of runs whose true loss is just the margin: the gate fails in at most .025 of them, calls a gain where
// there is no margin in as many, its interval holds the truth in .95, and none contradicts its verdict.
func TestGateAtTheMargin(t *testing.T) {
	for _, c := range []struct {
		gateCase
		few, many int
		rises     float64 // by how much the level is known to be missed
	}{
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.1}, 40, 600, 0},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.1, margin: 0.01, loss: 0.01}, 40, 600, 0},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1, margin: 0.02, loss: 0.02}, 5, 200, 0},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.02}, 40, 600, 0},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3}, 20, 300, 0},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3, margin: 0.01, loss: 0.01}, 15, 300, 0},
		{gateCase{kind: "means", n: 400, cluster: 1, discordance: 0.3, margin: 0.02, loss: 0.02}, 5, 200, 0},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1}, 15, 200, 0},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1, margin: 0.01, loss: 0.01}, 10, 200, 0},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.3}, 3, 60, 0},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 5, discordance: 0.1, gateAverage: true}, 10, 100, 0},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 14, discordance: 0.02}, 6, 60, 0},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 14, discordance: 0.1}, 5, 60, 0},
	} {
		sets := simulated(c.few, c.many)
		r := c.rates(t, sets)
		t.Logf("%-70s %5d sets: failed %.3f, gained %.3f, covered %.3f", c.gateCase, sets, r.failed, r.gained, r.covered)
		within := func(rate, level float64, what string) {
			most := binomialBound(sets, level+c.rises, 1e-4)
			assert.LessOrEqual(t, int(math.Round(rate*float64(sets))), most, "%v: %s", c.gateCase, what)
		}
		within(r.failed, 0.025, "failed")
		if c.margin == 0 {
			within(r.gained, 0.025, "gained")
		}
		within(1-r.covered, 0.05, "missed by the interval")
		assert.Zero(t, r.contradictions, "%v", c.gateCase)
	}
}

// printed is the detectable loss of two runs that changed as often and by as much as is expected, half of it lost.
func (g gateCase) printed(t *testing.T) float64 {
	t.Helper()
	changed := int(math.Round(g.discordance * float64(g.n)))
	left, right := make([]float64, g.n), make([]float64, g.n)
	for i := range left {
		u := float64(i/2)/float64(max(1, changed/2)) + 0.5/float64(max(1, changed/2))
		left[i], right[i] = g.scores(i < changed, i%2 == 0, min(1, u))
	}
	a, b := emptyFake("A"), emptyFake("B")
	g.add(&a, 0, left)
	g.add(&b, 0, right)
	p, err := Pair(a, b)
	require.NoError(t, err)
	o := Defaults(find)
	o.Margin = &g.margin
	c, err := Compare(p, o)
	require.NoError(t, err)
	return c.Tasks[0].DetectableDrop
}

// Whole comparisons at the loss that is printed as detectable, from runs of which as many documents changed as the truth
// has: the gate fails in .8.
func TestGateAtTheDetectableLoss(t *testing.T) {
	for _, c := range []struct {
		gateCase
		few, many int
	}{
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 1.0 / 120}, 60, 500},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 3.0 / 120, margin: 0.01}, 40, 500},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 5.0 / 120, margin: 0.02}, 40, 500},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1, margin: 0.01}, 10, 150},
		{gateCase{kind: "answers", n: 12000, cluster: 1, discordance: 0.05}, 2, 60},
		{gateCase{kind: "answers", n: 12000, cluster: 1, discordance: 0.05, margin: 0.01}, 0, 30},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3}, 30, 300},
		{gateCase{kind: "means", n: 400, cluster: 1, discordance: 0.3, margin: 0.02}, 10, 150},
	} {
		g := c.gateCase
		loss := g.printed(t)
		require.Greater(t, loss, g.margin, "%v", g)
		sets := simulated(c.few, c.many)
		if sets == 0 {
			continue
		}
		g.loss = loss
		r := g.rates(t, sets)
		t.Logf("%-70s %5d sets: failed %.3f", g, sets, r.failed)
		assert.InDelta(t, power, r.failed, 0.03+3*math.Sqrt(power*(1-power)/float64(sets)), "%v", g)
	}
}
