package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/results/notes"
)

// TaskComparison is one row of a comparison. Scores and differences are shares of a perfect run, as the published table
// prints them: 0.01 is a point.
type TaskComparison struct {
	Task      string `json:"task"`
	Title     string `json:"title"`
	Language  string `json:"language"`
	Metric    string `json:"metric,omitempty"`
	Signature string `json:"signature,omitempty"`
	// LowerIsBetter tells that the score is an error rate: a positive difference is then a loss.
	LowerIsBetter bool `json:"lower_is_better,omitempty"`
	// N is the number of documents, Clusters the number of clusters where documents share any or are equal, else 0.
	N        int `json:"n"`
	Clusters int `json:"clusters,omitempty"`
	// Common counts, where only documents of both runs were asked for, those that were left out.
	Common *Common `json:"common,omitempty"`
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	// Difference is B minus A. For a score that is no mean though its metric is one (ROUGE's bootstrap median) it is the
	// difference of the means, which is what the test examines.
	Difference float64 `json:"difference"`
	StdErr     float64 `json:"stderr"`
	// Interval holds the differences that the deciding test does not reject: at 1-Alpha, of a verdict "ok" at the plain
	// level on either side, of equivalence what lost and won documents bound. It is empty where the runs are identical.
	Interval Interval `json:"interval,omitzero"`
	// Lost and Won count documents whose score fell and rose, Flipped those whose statistics changed.
	Lost    int `json:"lost"`
	Won     int `json:"won"`
	Flipped int `json:"flipped"`
	// Unchanged tells that no answer differs in any byte or bit.
	Unchanged bool `json:"unchanged"`
	// Test names the test that gave P, the two-sided p-value of no difference. PBeyond is that of a difference no larger
	// than the margin, which the gate decides on: with margin 0 it is P. PAdjusted is it, adjusted for the family.
	Test      string  `json:"test,omitempty"`
	P         float64 `json:"p"`
	PBeyond   float64 `json:"p_beyond_margin,omitempty"`
	PAdjusted float64 `json:"p_adjusted"`
	// LeastP is the least p that the test could have given with as many changed documents.
	LeastP float64 `json:"least_p,omitempty"`
	// Alpha is the level at which the adjustment holds this task's own p.
	Alpha float64 `json:"alpha"`
	// DetectableDrop is the smallest true loss that the gate fails on with power 0.8: with its margin, at Alpha, given the
	// discordance observed. It is left out where the runs are identical, and where no loss at all would be found.
	DetectableDrop float64 `json:"detectable_drop,omitempty"`
	// Underpowered tells that a run without any true difference would too seldom, below power 0.8, be shown to be ok.
	Underpowered bool    `json:"underpowered"`
	Margin       float64 `json:"margin"`
	Verdict      Verdict `json:"verdict"`
	// Reason is the rule behind a verdict of equivalence that failed, or what it would take to see more.
	Reason string `json:"reason,omitempty"`
	// DocumentsNeeded is about how many documents it would take: to find a loss as large as the one seen or, where none
	// was, to show that there is none beyond the margin.
	DocumentsNeeded int       `json:"documents_needed,omitempty"`
	Mismatch        *Mismatch `json:"mismatch,omitempty"`
	Warnings        []string  `json:"warnings,omitempty"`
	// Drawn is a sentence where the answers were drawn at random.
	Drawn string `json:"drawn,omitempty"`
	// SacreBLEU is what sacreBLEU's own paired tests print for the same outputs, for corpus metrics without clusters.
	SacreBLEU *SacreBLEU `json:"sacrebleu,omitempty"`
	// Drift compares the log-probabilities of the two runs, where the task has any.
	Drift *Drift `json:"drift,omitempty"`
	// Changes are the documents whose answers differ: lost ones first, then won ones, each the largest first.
	Changes []Change `json:"changes,omitempty"`
}

// Common counts the documents that one side alone has and that a comparison of the others leaves out.
type Common struct {
	OnlyA int `json:"only_a"`
	OnlyB int `json:"only_b"`
}

// SacreBLEU is the outcome of sacrebleu --paired-ar and --paired-bs at their defaults, on the metric's scale.
type SacreBLEU struct {
	RandomisationP float64 `json:"paired_ar_p"`
	BootstrapP     float64 `json:"paired_bs_p"`
	MeanA          float64 `json:"mean_a"`
	HalfIntervalA  float64 `json:"half_interval_a"`
	MeanB          float64 `json:"mean_b"`
	HalfIntervalB  float64 `json:"half_interval_b"`
}

// fewChanges is the number of changed documents below which an interval rests on too little.
const fewChanges = 25

// taskTest is a row with what is needed once its level is known.
type taskTest struct {
	row TaskComparison
	law law
	// units are what the units (clusters, equal documents, or documents) add to the difference in gains, weights their
	// shares of the documents; unit tells each document its own and hashes what it asks, "" where that is not known.
	units, weights []float64
	unit           []int
	hashes         []string
	// flips are the documents that changed, by unit, lost and won what documents lost and won, in documents.
	flips     []int
	lost, won []float64
	// found is the smallest loss that the gate fails on with the power at a one-sided level; shown the power to show "ok"
	// where there is no difference.
	found func(alpha, margin float64) float64
	shown func(alpha, margin float64) float64
}

// newTaskTest runs the test that fits the task's metric and documents. A task whose evidence does not hold together is
// incomparable.
func newTaskTest(p TaskPair, o Options) taskTest {
	t := taskTest{row: TaskComparison{
		Task: p.A.Task, Title: p.A.Title, Language: p.A.Language, Metric: first(p.A).Metric, Signature: first(p.A).Signature,
		Verdict: Incomparable, Mismatch: p.Mismatch, P: 1, PAdjusted: 1, Common: p.Common,
		Drawn: notes.Drawn(p.A),
	}}
	if p.Mismatch != nil {
		return t
	}
	e, mismatch := newEvidence(p, o)
	if mismatch != nil {
		t.row.Mismatch = mismatch
		return t
	}
	t.row.Metric, t.row.Verdict, t.row.LowerIsBetter = e.metric.Name, NoEvidence, e.metric.LowerIsBetter
	if v := first(p.A); v.Metric != e.metric.Name {
		t.row.Signature = e.metric.Signature
	}
	t.row.N, t.row.A, t.row.B = len(e.docs), e.scores[0], e.scores[1]
	t.row.Changes, t.row.Drift = changes(e), drift(e.docs)
	t.row.Unchanged = len(t.row.Changes) == 0
	if a, b := p.A.Judge, p.B.Judge; a != nil && b != nil && a.Terms() != b.Terms() {
		t.row.Warnings = append(t.row.Warnings, fmt.Sprintf("verdicts of A by %s, of B by %s: a difference may be theirs", a.Terms(), b.Terms()))
	}
	mean := additive(e.metric)
	unit, n, declared := e.units(o.Cluster, mean)
	if n < len(e.docs) {
		t.row.Clusters = n
	}
	t.count(e, unit, n)
	switch {
	case !mean:
		t.corpus(e, n, o.Seed)
	case e.binary() && !declared && t.mean(e) && t.single():
		t.answers(o.Exact)
	default:
		t.mean(e)
		t.signs(o.Seed)
	}
	return t
}

// count sets what is counted of documents and units.
func (t *taskTest) count(e *evidence, unit []int, n int) {
	t.unit, t.units, t.weights, t.flips = unit, make([]float64, n), make([]float64, n), make([]int, n)
	t.lost, t.won = make([]float64, n), make([]float64, n)
	for i, d := range e.docs {
		switch d := e.differences[i]; {
		case d < 0:
			t.row.Lost++
		case d > 0:
			t.row.Won++
		}
		if !slices.Equal(e.a[i], e.b[i]) {
			t.row.Flipped++
			t.flips[unit[i]]++
		}
		t.weights[unit[i]] += 1 / float64(len(e.docs))
		t.hashes = append(t.hashes, d.A.DocHash)
	}
}

// mean sets the contributions, the difference and its error by units. It is always true.
func (t *taskTest) mean(e *evidence) bool {
	r := &t.row
	documents := float64(r.N)
	total := 0.0
	clear(t.units)
	clear(t.lost)
	clear(t.won)
	for _, i := range e.canonical {
		d := e.differences[i]
		t.units[t.unit[i]] += d
		t.lost[t.unit[i]] += max(0, -d)
		t.won[t.unit[i]] += max(0, d)
		total += d
	}
	r.Difference = total / documents
	squares := 0.0
	for u := range t.units {
		d := t.units[u] - float64(t.weights[u]*total)
		squares += float64(d * d)
		t.units[u] /= documents
	}
	if n := float64(len(t.units)); n > 1 {
		r.StdErr = math.Sqrt(squares*n/(n-1)) / documents
	}
	if r.StdErr < 1e-12 { // equal differences leave no more than rounding
		r.StdErr = 0
	}
	return true
}

// single says whether no unit lost or won more than one document: equal documents then do not matter, and units are
// counted as documents are.
func (t *taskTest) single() bool {
	whole := 1.5 / float64(t.row.N)
	return !slices.ContainsFunc(t.units, func(x float64) bool { return math.Abs(x) > whole })
}

// answers tests answers that are right or wrong.
func (t *taskTest) answers(exact bool) {
	r := &t.row
	lost, won := 0, 0
	for _, x := range t.units {
		switch {
		case x < 0:
			lost++
		case x > 0:
			won++
		}
	}
	l := pairedLaw{lost: lost, won: won, n: r.N, exact: exact, logs: newFactorials(r.N)}
	r.Test, r.P, r.LeastP = "McNemar mid-p", MidP(lost, won), math.Ldexp(1, -lost-won)
	if exact {
		r.Test, r.P, r.LeastP = "McNemar exact", ExactP(lost, won), min(1, math.Ldexp(2, -lost-won))
	}
	t.law = l
	share := float64(lost+won) / float64(r.N)
	t.found = func(alpha, margin float64) float64 {
		return newPairedPower(r.N, alpha, margin, exact, l.logs).detectable(share)
	}
	t.shown = func(alpha, margin float64) float64 {
		return shownPower(math.Sqrt(max(share, 1/float64(r.N))/float64(r.N)), alpha, margin)
	}
}

// shownPower is the chance that a difference of 0, estimated with a standard error, is shown to lie above -margin.
func shownPower(spread, alpha, margin float64) float64 {
	return normalBelow(margin/spread - normalQuantile(1-alpha))
}

// signs tests differences of bounded scores, or of clusters, by their signs.
func (t *taskTest) signs(seed uint64) {
	r := &t.row
	p, exact := SignFlip(t.units, seed, r.Task)
	r.P, r.Test = min(1, p), "sign flips"
	if exact {
		r.Test = "sign flips, enumerated"
	}
	t.byUnits(newFlipLaw(t.units, t.weights, r.N, r.P, seed, r.Task), seed)
}

// byUnits sets what follows from the units' contributions and their law.
func (t *taskTest) byUnits(l drawnLaw, seed uint64) {
	r := &t.row
	changed, what := changedUnits(t.units), "documents"
	if r.Clusters > 0 {
		what = "clusters"
	}
	t.law, r.LeastP = l, leastFlip(changed)
	t.found = func(alpha, margin float64) float64 {
		return newFlipPower(t.units, r.N, alpha, margin).detectable(changed, newCounter(seed, r.Task, "power"))
	}
	t.shown = func(alpha, margin float64) float64 {
		return shownPower(max(r.StdErr, math.Sqrt(l.rare.size/float64(r.N))), alpha, margin)
	}
	if changed > 0 && changed < fewChanges {
		r.Warnings = append(r.Warnings, fmt.Sprintf("inconclusive: %d changed %s are too few to trust an interval; read them", changed, what))
	}
}

// leastFlip is the least two-sided p of that many flipped units, of which drawn p-values have no more than one in
// flips+1.
func leastFlip(changed int) float64 {
	if changed <= enumerated {
		return min(1, math.Ldexp(2, -changed))
	}
	return 1.0 / (flips + 1)
}

func changedUnits(units []float64) (n int) {
	for _, x := range units {
		if x != 0 {
			n++
		}
	}
	return n
}

// corpus tests a score that is no mean by swapping statistics.
func (t *taskTest) corpus(e *evidence, n int, seed uint64) {
	r := &t.row
	r.Difference = e.gain * (r.B - r.A)
	scale := e.gain / e.metric.Max
	c := newCorpusTest(e.metric, e.a, e.b, t.unit)
	a, b := c.scores(c.total)
	r.Test, r.P = "approximate randomisation", 1
	t.shares(e, scale, scale*(b-a))
	var shuffles []float64
	if r.Flipped > 0 && n > 1 {
		shuffled, boot := c.randomise(seed, randomisations), c.bootstrap(seed, resamples)
		r.P = min(1, shuffled.P)
		r.StdErr = boot.StdErr / e.metric.Max
		for _, d := range shuffled.Differences {
			shuffles = append(shuffles, scale*d)
		}
		if r.Clusters == 0 {
			r.SacreBLEU = &SacreBLEU{shuffled.Above, boot.P, boot.MeanA, boot.HalfA, boot.MeanB, boot.HalfB}
		}
	}
	t.byUnits(newSwapLaw(scale*(b-a), r.P, shuffles, t.units, r.N, n < 2), seed)
}

// shares sets what every document, and so every unit, adds to the difference of a corpus score.
func (t *taskTest) shares(e *evidence, scale, difference float64) {
	own := make([]int, len(e.docs))
	for i := range own {
		own[i] = i
	}
	shares, sum := newCorpusTest(e.metric, e.a, e.b, own).contributions(), 0.0
	for _, x := range shares {
		sum += scale * x
	}
	ratio := difference / sum // what a score that is no mean leaves over
	if !(ratio > 0.5 && ratio < 2) {
		ratio = 1
	}
	for i, x := range shares {
		x *= scale * ratio
		u := t.unit[i]
		t.units[u] += x
		t.lost[u] += max(0, -x) * float64(t.row.N)
		t.won[u] += max(0, x) * float64(t.row.N)
	}
}
