package compare

import (
	"fmt"
	"math"
	"slices"
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
	// N is the number of documents, Clusters the number of clusters where documents share any, else 0.
	N        int     `json:"n"`
	Clusters int     `json:"clusters,omitempty"`
	A        float64 `json:"a"`
	B        float64 `json:"b"`
	// Difference is B minus A. For a score that is no mean though its metric is one (ROUGE's bootstrap median) it is the
	// difference of the means, which is what the test examines.
	Difference float64 `json:"difference"`
	StdErr     float64 `json:"stderr"`
	// Interval is at the task's own level, 1-Alpha for different models: gate and report use the same.
	Interval Interval `json:"interval"`
	// BCa is the bootstrap's interval at the same level, beside Interval for means that are no 0/1 scores: where the two
	// are far apart, neither is to be trusted.
	BCa *Interval `json:"bca,omitempty"`
	// Lost and Won count documents whose score fell and rose, Flipped those whose statistics changed.
	Lost    int `json:"lost"`
	Won     int `json:"won"`
	Flipped int `json:"flipped"`
	// Unchanged tells that no answer differs in any byte or bit.
	Unchanged bool `json:"unchanged"`
	// Test names the test that gave P.
	Test      string  `json:"test,omitempty"`
	P         float64 `json:"p"`
	PAdjusted float64 `json:"p_adjusted"`
	// Alpha is the level at which the adjustment holds this task's own p.
	Alpha float64 `json:"alpha"`
	// DetectableDrop is the smallest true loss that this comparison finds with power 0.8 at Alpha, given the discordance
	// observed. Underpowered tells that it exceeds Margin.
	DetectableDrop float64   `json:"detectable_drop"`
	Underpowered   bool      `json:"underpowered"`
	Margin         float64   `json:"margin"`
	Verdict        Verdict   `json:"verdict"`
	Mismatch       *Mismatch `json:"mismatch,omitempty"`
	Warnings       []string  `json:"warnings,omitempty"`
	// SacreBLEU is what sacreBLEU's own paired tests print for the same outputs, for corpus metrics without clusters.
	SacreBLEU *SacreBLEU `json:"sacrebleu,omitempty"`
	// Drift compares the log-probabilities of the two runs, where the task has any.
	Drift *Drift `json:"drift,omitempty"`
	// Changes are the documents whose answers differ: lost ones first, then won ones, each the largest first.
	Changes []Change `json:"changes,omitempty"`

	tested float64 // the difference whose sign the test decides on
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

// trial is a row with what is needed once its level is known.
type trial struct {
	row TaskComparison
	// spread is the standard error of the difference, never 0: where no document differs from the others it is what the
	// rule of three leaves open.
	spread     float64
	interval   func(level float64) Interval
	bca        *bca
	detectable func(alpha float64) float64
}

// newTrial runs the test that fits the task's metric and documents. A task whose evidence does not hold together is
// incomparable.
func newTrial(p TaskPair, o Options) trial {
	t := trial{row: TaskComparison{
		Task: p.A.Task, Title: p.A.Title, Language: p.A.Language, Metric: first(p.A).Metric, Signature: first(p.A).Signature,
		Verdict: Incomparable, Mismatch: p.Mismatch, P: 1, PAdjusted: 1,
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
	for i := range e.docs {
		switch d := e.differences[i]; {
		case d < 0:
			t.row.Lost++
		case d > 0:
			t.row.Won++
		}
		if !slices.Equal(e.a[i], e.b[i]) {
			t.row.Flipped++
		}
	}
	mean := additive(e.metric)
	units, n := e.units(o.Cluster, mean)
	if n < len(e.docs) {
		t.row.Clusters = n
	}
	switch {
	case !mean:
		t.corpus(e, units, n, o.Seed)
	case e.binary() && t.row.Clusters == 0:
		t.mean(e, units, n)
		t.counts(o.Exact)
	default:
		t.mean(e, units, n)
		t.flips(e, units, n, o.Seed)
	}
	t.spread = spreadOrUnseen(t.row.StdErr, n)
	return t
}

// counts tests answers that are right or wrong.
func (t *trial) counts(exact bool) {
	r := &t.row
	r.Test, r.P = "McNemar mid-p", MidP(r.Lost, r.Won)
	if exact {
		r.Test, r.P = "McNemar exact", ExactP(r.Lost, r.Won)
	}
	discordant := r.Lost + r.Won
	share := float64(discordant) / float64(r.N)
	if discordant == 0 {
		share = min(1, 3/float64(r.N)) // the most that seeing none leaves open
	}
	lost, won, n := r.Lost, r.Won, r.N
	t.interval = func(level float64) Interval {
		if discordant == 0 {
			return unseen(0, n, level)
		}
		return discordanceInterval(lost, won, n, level)
	}
	t.detectable = func(alpha float64) float64 { return detectableDiscordance(share, n, alpha) }
}

// mean sets difference, error and Student's interval of the mean difference, by clusters where there are any.
func (t *trial) mean(e *evidence, units []int, n int) {
	r := &t.row
	documents := float64(r.N)
	sums, sizes, total := make([]float64, n), make([]float64, n), 0.0
	for _, i := range e.canonical {
		sums[units[i]] += e.differences[i]
		sizes[units[i]]++
		total += e.differences[i]
	}
	mean := total / documents
	r.Difference, t.row.tested = mean, mean
	squares := 0.0
	for u, s := range sums {
		d := s - float64(sizes[u]*mean)
		squares += float64(d * d)
	}
	if n > 1 {
		r.StdErr = math.Sqrt(squares*float64(n)/float64(n-1)) / documents
	}
	if r.StdErr < 1e-12 { // equal differences leave no more than rounding
		r.StdErr = 0
	}
	spread := r.StdErr
	t.interval = func(level float64) Interval {
		if spread == 0 { // with one unit the rule of three leaves everything open
			return unseen(mean, n, level)
		}
		return around(mean, studentQuantile(1-(1-level)/2, n-1)*spread, level)
	}
	t.detectable = func(alpha float64) float64 { return detectableSpread(spreadOrUnseen(spread, n), alpha) }
}

// spreadOrUnseen is a standard error, or what the rule of three leaves open where it is 0.
func spreadOrUnseen(spread float64, n int) float64 {
	if spread > 0 {
		return spread
	}
	return 3 / float64(n) / normalQuantile(0.975)
}

// detectableSpread is the drop found with power 0.8 where the difference has the given standard error.
func detectableSpread(spread, alpha float64) float64 {
	return min(1, (normalQuantile(1-alpha/2)+normalQuantile(power))*spread)
}

// flips tests differences of bounded scores, or of clusters, by their signs.
func (t *trial) flips(e *evidence, units []int, n int, seed uint64) {
	sums := make([]float64, n)
	for _, i := range e.canonical {
		sums[units[i]] += e.differences[i]
	}
	changed := 0
	for _, s := range sums {
		if s != 0 {
			changed++
		}
	}
	var exact bool
	t.row.P, exact = SignFlip(sums, seed, t.row.Task)
	t.row.P = min(1, t.row.P)
	sizes := make([]float64, n)
	for _, u := range units {
		sizes[u]++
	}
	t.bca = newBCa(sums, sizes, seed, t.row.Task)
	t.row.Test = "sign flips"
	if exact {
		t.row.Test = "sign flips, enumerated"
	}
	t.warnFew(changed)
}

func (t *trial) warnFew(changed int) {
	if changed > 0 && changed < fewChanges {
		what := "documents"
		if t.row.Clusters > 0 {
			what = "clusters"
		}
		t.row.Warnings = append(t.row.Warnings,
			fmt.Sprintf("inconclusive: %d changed %s are too few to trust an interval; read them", changed, what))
	}
}

// corpus tests a score that is no mean by swapping statistics, with the bootstrap's interval.
func (t *trial) corpus(e *evidence, units []int, n int, seed uint64) {
	r := &t.row
	r.Difference = e.gain * (r.B - r.A)
	scale := e.gain * e.metric.Max
	c := newCorpusTest(e.metric, e.a, e.b, units)
	r.Test, r.P = "approximate randomisation", 1
	middle := r.Difference
	a, b := c.scores(c.total)
	r.tested = e.gain * (b - a)
	t.interval = func(level float64) Interval { return unseen(middle, n, level) }
	if r.Flipped > 0 && n > 1 {
		shuffled, boot := c.randomise(seed, randomisations), c.bootstrap(seed, resamples)
		r.P = min(1, shuffled.P)
		r.StdErr = boot.StdErr / e.metric.Max
		if r.StdErr > 0 {
			t.interval = func(level float64) Interval { return boot.interval(level, scale) }
		}
		if r.Clusters == 0 {
			r.SacreBLEU = &SacreBLEU{shuffled.Above, boot.P, boot.MeanA, boot.HalfA, boot.MeanB, boot.HalfB}
		}
	}
	spread := r.StdErr
	t.detectable = func(alpha float64) float64 { return detectableSpread(spreadOrUnseen(spread, n), alpha) }
	t.warnFew(r.Flipped)
}
