package compare

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

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
	kind := map[string]string{"answers": "0/1", "means": "means", "bleu": "BLEU"}[g.kind]
	s := fmt.Sprintf("%s, %d", kind, g.n)
	if g.cluster > 1 {
		s += fmt.Sprintf(" in %d clusters", g.n/g.cluster)
	}
	if changed := g.discordance * float64(g.n); changed < 6 {
		s += fmt.Sprintf(", %.0f changed", changed)
	} else {
		s += fmt.Sprintf(", %.3g %%", 100*g.discordance)
	}
	if g.tasks > 1 {
		s += fmt.Sprintf(", %d tasks", g.tasks)
	}
	if g.gateAverage {
		s += " and their average"
	}
	return s
}

// row is the beginning of a line of the table in docs/compare.md.
func (g gateCase) row(sets int) string {
	return fmt.Sprintf("| %s | %.3g, %.3g | %d |", g, 100*g.margin, 100*g.loss, sets)
}

// size is the mean size of a change as a share of a document.
func (g gateCase) size() float64 {
	if g.kind == "means" {
		return 0.5
	}
	return 1
}

// truth is the share of documents that change and the chance that a changed one falls, which make the loss: where the
// share cannot make it, all fall and more change.
func (g gateCase) truth() (share, fall float64) {
	if g.kind == "bleu" {
		return g.bleuTruth()
	}
	share = min(1, max(g.discordance, g.loss/g.size()))
	if share == 0 {
		return 0, 0.5
	}
	return share, (1 + g.loss/(share*g.size())) / 2
}

// bleuTruth finds what makes the loss of a score that is no mean, from the expected statistics.
func (g gateCase) bleuTruth() (share, fall float64) {
	m := metrics.BLEU{}.Metric()
	right, wrong := make(metrics.Stat, m.Width), make(metrics.Stat, m.Width)
	for i := range g.n {
		target, other := g.translations(i)
		right.Add(m.Each(target, []string{target}))
		wrong.Add(m.Each(other, []string{target}))
	}
	score := func(wrongShare float64) float64 {
		sum := make(metrics.Stat, m.Width)
		for k := range sum {
			sum[k] = (1-wrongShare)*right[k] + wrongShare*wrong[k]
		}
		return m.Corpus(sum, g.n) / m.Max
	}
	loss := func(share, fall float64) float64 { return score(share*(1-fall)) - score(share*fall) }
	solve := func(low, high float64, loss func(x float64) float64) float64 {
		for range 60 {
			if middle := (low + high) / 2; loss(middle) < g.loss {
				low = middle
			} else {
				high = middle
			}
		}
		return high
	}
	if loss(g.discordance, 1) >= g.loss {
		return g.discordance, solve(0.5, 1, func(fall float64) float64 { return loss(g.discordance, fall) })
	}
	return solve(g.discordance, 1, func(share float64) float64 { return loss(share, 1) }), 1
}

// translations are a document's right translation and its wrong one.
func (g gateCase) translations(i int) (target, other string) {
	target = fmt.Sprintf("the %d cat sat on the mat number %d and looked at %d birds there", i, i*7, i*13)
	return target, strings.Replace(strings.Replace(target, "sat on", "stands near", 1), "looked", "gazed", 1)
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

// clusterChange is the chance that a cluster changes: one that does changes in between one and all of its documents.
func (g gateCase) clusterChange(share float64) float64 {
	return share * 2 * float64(g.cluster) / float64(g.cluster+1)
}

// draw makes the two runs of a set.
func (g gateCase) draw(random counter, set int) (a, b RunData) {
	a, b = emptyFake("A"), emptyFake("B")
	next := 0
	uniform := func() float64 { next++; return random.uniform(set, next) }
	share, fall := g.truth()
	for k := range max(1, g.tasks) {
		left, right := make([]float64, g.n), make([]float64, g.n)
		for i := 0; i < g.n; i += g.cluster {
			change, lost, many := uniform() < g.clusterChange(share), uniform() < fall, 1+int(uniform()*float64(g.cluster))
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
			target, other := g.translations(i)
			output = target
			if v == 0 {
				output = other
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

// compare puts the runs of a set through the gate as Compare does, without the detectable losses, which decide nothing and
// take most of the time.
//
// The law is that of the first hypothesis, the average where it is gated.
func (g gateCase) compare(random counter, set int) (Comparison, law, error) {
	a, b := g.draw(random, set)
	p, err := Pair(a, b)
	if err != nil {
		return Comparison{}, nil, err
	}
	o := Defaults(find)
	o.Margin, o.GateAverage, o.Seed, o.Workers = &g.margin, g.gateAverage, uint64(set), 1
	c, tests := newComparison(p, o), testAll(p.Tasks, o)
	for i := range tests {
		tests[i].found = func(float64, float64) float64 { return 0 }
	}
	family{[]*Comparison{&c}, [][]taskTest{tests}}.conclude(o)
	if g.gateAverage {
		return c, c.Averages[0].law, nil // of all: the tasks have no language
	}
	return c, tests[0].law, nil
}

// gateCounts are the sets in which the gate failed, in which it called a gain, in which it called something ok, and in
// which the first hypothesis's interval of .95 held the truth; contradictions are printed intervals beside their verdict.
type gateCounts struct {
	sets, failed, gained, ok, covered, contradictions int
}

func (n *gateCounts) add(o gateCounts) {
	n.sets += o.sets
	n.failed += o.failed
	n.gained += o.gained
	n.ok += o.ok
	n.covered += o.covered
	n.contradictions += o.contradictions
}

// count counts one set.
func (g gateCase) count(c Comparison, l law) gateCounts {
	n := gateCounts{sets: 1}
	note := func(v Verdict, i Interval) {
		n.failed, n.gained, n.ok = max(n.failed, one(v == Regressed)), max(n.gained, one(v == Improved)), max(n.ok, one(v == OK))
		// Ends are read from the law to 1e-9.
		n.contradictions += one(v == Regressed && i.High > -g.margin+1e-8 || v == Improved && i.Low < g.margin-1e-8 ||
			v == OK && i.Low < -g.margin-1e-8 || v == NoEvidence && (i.High < -g.margin-1e-8 || i.Low > g.margin+1e-8))
	}
	for _, row := range c.Tasks {
		note(row.Verdict, row.Interval)
	}
	if g.gateAverage {
		note(c.Averages[0].Verdict, c.Averages[0].Interval)
	}
	// Ends of an interval are where the law is: that one tail of it is this small says that the interval does not reach.
	n.covered = one(c.Tasks[0].Unchanged || l.below(-g.loss) > 0.025 && l.above(-g.loss) > 0.025)
	return n
}

func one(yes bool) int { return int(indicator(yes)) }

func (g gateCase) counts(t *testing.T, sets int) gateCounts {
	t.Helper()
	random := newCounter(15, "gate", fmt.Sprintf("%+v", g))
	each := make([]gateCounts, sets)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for set := range sets {
		group.Go(func() error {
			c, l, err := g.compare(random, set)
			if err == nil {
				each[set] = g.count(c, l)
			}
			return err
		})
	}
	require.NoError(t, group.Wait(), "%v", g)
	var all gateCounts
	for _, n := range each {
		all.add(n)
	}
	return all
}

// share writes a rate with its standard error.
func share(count, sets int) string {
	rate := float64(count) / float64(sets)
	return fmt.Sprintf("%.4f ± %.4f", rate, math.Sqrt(max(rate*(1-rate), 1/float64(sets))/float64(sets)))
}

// Whole comparisons of runs whose true loss is just the margin: the gate fails in at most .025 of them, calls a gain where
// there is no margin in as many and a loss that is the margin's ok in at most .05, its interval holds the truth in .95,
// and none contradicts its verdict.
func TestGateAtTheMargin(t *testing.T) {
	for _, c := range []struct {
		gateCase
		few, many int
	}{
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.02}, 60, 20000},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.1}, 60, 20000},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.1, margin: 0.01, loss: 0.01}, 60, 10000},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 0.1, margin: 0.02, loss: 0.02}, 60, 10000},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1, margin: 0.01, loss: 0.01}, 5, 4000},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1, margin: 0.02, loss: 0.02}, 5, 4000},
		{gateCase{kind: "answers", n: 10000, cluster: 1, discordance: 0.05, margin: 0.01, loss: 0.01}, 1, 400},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.1}, 30, 10000},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3}, 30, 10000},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3, margin: 0.01, loss: 0.01}, 30, 10000},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.1, margin: 0.02, loss: 0.02}, 30, 10000},
		{gateCase{kind: "means", n: 400, cluster: 1, discordance: 0.3, margin: 0.02, loss: 0.02}, 20, 10000},
		{gateCase{kind: "means", n: 1000, cluster: 1, discordance: 0.3, margin: 0.02, loss: 0.02}, 5, 10000},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1}, 20, 10000},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1, margin: 0.01, loss: 0.01}, 20, 10000},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1, margin: 0.02, loss: 0.02}, 20, 10000},
		{gateCase{kind: "answers", n: 2000, cluster: 40, discordance: 0.1, margin: 0.01, loss: 0.01}, 5, 4000},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.3}, 4, 2000},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.3, margin: 0.01, loss: 0.01}, 4, 2000},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.1, margin: 0.02, loss: 0.02}, 4, 2000},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 5, discordance: 0.1, gateAverage: true}, 10, 4000},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 5, discordance: 0.1, margin: 0.01, loss: 0.01, gateAverage: true}, 5, 2000},
		{gateCase{kind: "means", n: 120, cluster: 1, tasks: 5, discordance: 0.3, margin: 0.02, loss: 0.02, gateAverage: true}, 3, 2000},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 14, discordance: 0.02}, 10, 4000},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 14, discordance: 0.1}, 10, 4000},
		{gateCase{kind: "answers", n: 120, cluster: 1, tasks: 14, discordance: 0.1, margin: 0.01, loss: 0.01}, 3, 2000},
		{gateCase{kind: "means", n: 120, cluster: 1, tasks: 14, discordance: 0.3}, 3, 200},
	} {
		t.Run(fmt.Sprintf("%v, %v", c.gateCase, c.margin), func(t *testing.T) {
			sets := simulated(c.few, c.many)
			r := c.counts(t, sets)
			t.Logf("%s %s | %s | %s |", c.row(sets), share(r.failed, sets), share(r.ok, sets), share(r.covered, sets))
			within := func(count int, level float64, what string) {
				assert.LessOrEqual(t, count, binomialBound(sets, level, 1e-4), "%v, margin %v: %s", c.gateCase, c.margin, what)
			}
			within(r.failed, 0.025, "failed")
			if c.margin == 0 {
				within(r.gained, 0.025, "gained")
			}
			if c.tasks <= 1 {
				within(r.ok, 0.05, "ok")
			}
			within(sets-r.covered, 0.05, "missed by the interval")
			assert.Zero(t, r.contradictions, "%v", c.gateCase)
		})
	}
}

// printed is the detectable loss of two runs that changed as often and by as much as is expected, half of it lost.
func (g gateCase) printed(t *testing.T) float64 {
	t.Helper()
	units := g.n / g.cluster
	changed := int(math.Round(g.clusterChange(g.discordance) * float64(units)))
	left, right := make([]float64, g.n), make([]float64, g.n)
	for i := range left {
		u := i / g.cluster
		size := (float64(u/2) + 0.5) / float64(max(1, changed/2))
		if g.cluster > 1 { // a cluster changes in between one and all of its documents, each as often
			size = (float64(u) + 0.5) / float64(max(1, changed))
		}
		many := 1 + min(g.cluster-1, int(size*float64(g.cluster)))
		left[i], right[i] = g.scores(u < changed && i%g.cluster < many, u%2 == 0, min(1, size))
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
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 1.0 / 120}, 60, 4000},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 3.0 / 120, margin: 0.01}, 40, 4000},
		{gateCase{kind: "answers", n: 120, cluster: 1, discordance: 5.0 / 120, margin: 0.02}, 40, 4000},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1}, 10, 2000},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1, margin: 0.01}, 10, 2000},
		{gateCase{kind: "answers", n: 1000, cluster: 1, discordance: 0.1, margin: 0.02}, 10, 2000},
		{gateCase{kind: "answers", n: 12000, cluster: 1, discordance: 0.05}, 2, 800},
		{gateCase{kind: "answers", n: 12000, cluster: 1, discordance: 0.05, margin: 0.01}, 0, 400},
		{gateCase{kind: "answers", n: 12000, cluster: 1, discordance: 0.05, margin: 0.02}, 0, 400},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.1}, 20, 1000},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3}, 30, 1000},
		{gateCase{kind: "means", n: 120, cluster: 1, discordance: 0.3, margin: 0.01}, 20, 1000},
		{gateCase{kind: "means", n: 400, cluster: 1, discordance: 0.3, margin: 0.02}, 10, 1000},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1}, 10, 1000},
		{gateCase{kind: "answers", n: 600, cluster: 10, discordance: 0.1, margin: 0.01}, 10, 1000},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.3}, 5, 500},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.3, margin: 0.01}, 5, 500},
		{gateCase{kind: "bleu", n: 120, cluster: 1, discordance: 0.3, margin: 0.02}, 0, 500},
	} {
		t.Run(fmt.Sprintf("%v, %v", c.gateCase, c.margin), func(t *testing.T) {
			g := c.gateCase
			loss := g.printed(t)
			require.Greater(t, loss, g.margin, "%v", g)
			sets := simulated(c.few, c.many)
			if sets == 0 {
				return
			}
			g.loss = loss
			r := g.counts(t, sets)
			t.Logf("%s %s | | |", g.row(sets), share(r.failed, sets))
			assert.InDelta(t, power, float64(r.failed)/float64(sets), 0.03+3*math.Sqrt(power*(1-power)/float64(sets)), "%v, margin %v", g, g.margin)
		})
	}
}
