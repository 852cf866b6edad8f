package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// evidence is what a task's documents say under its metric.
type evidence struct {
	metric metrics.Metric
	docs   []DocPair
	a, b   []metrics.Stat // by document, in evaluation order
	scores [2]float64     // of the runs, as shares
	gain   float64        // 1, or -1 where a lower score is better: differences are gains
	// each are the documents' own scores under A and B as shares, differences what B gains on A.
	each        [2][]float64
	differences []float64
	// canonical orders the documents by what pairs them, which no order of evaluation changes.
	canonical []int
}

// newEvidence reads a task's documents under the metric of their first marks, or says what is amiss with them.
func newEvidence(p TaskPair, o Options) (*evidence, *Mismatch) {
	differ := func(field, a, b string) *Mismatch { return &Mismatch{Task: p.A.Task, Field: field, A: a, B: b} }
	if len(p.Docs) == 0 {
		return nil, differ("number of documents", "0", "0")
	}
	names, mismatch := metricNames(p.Docs, differ)
	if mismatch != nil {
		return nil, mismatch
	}
	m, ok := o.Metric(p.A.Task, names[0])
	if !ok {
		return nil, differ("metric", names[0]+", which is unknown", names[1]+", which is unknown")
	}
	e := &evidence{docs: p.Docs, metric: m, gain: 1}
	if m.LowerIsBetter {
		e.gain = -1
	}
	for _, d := range p.Docs {
		if mismatch := e.add(d, differ); mismatch != nil {
			return nil, mismatch
		}
	}
	if mismatch := e.score(p, differ); mismatch != nil {
		return nil, mismatch
	}
	for i := range e.docs {
		e.canonical = append(e.canonical, i)
	}
	slices.SortStableFunc(e.canonical, func(i, j int) int { return compareKeys(e.docs[i].A, e.docs[j].A) })
	return e, nil
}

// metricNames are the metrics of both sides' first marks, which must be one throughout.
func metricNames(docs []DocPair, differ func(field, a, b string) *Mismatch) (names [2]string, mismatch *Mismatch) {
	for _, d := range docs {
		for k, s := range []*results.Sample{d.A, d.B} {
			if len(s.Marks) == 0 {
				return names, differ("mark of document "+name(s), markName(d.A), markName(d.B))
			}
			if names[k] == "" {
				names[k] = s.Marks[0].Metric
			}
			if s.Marks[0].Metric != names[0] {
				return names, differ("metric of document "+name(s), markName(d.A), markName(d.B))
			}
		}
	}
	return names, nil
}

// add takes a document's statistics, which must be such as the metric makes.
func (e *evidence) add(d DocPair, differ func(field, a, b string) *Mismatch) *Mismatch {
	m := e.metric
	x, y := d.A.Marks[0].Stat, d.B.Marks[0].Stat
	if !sound(x, m.Width) || !sound(y, m.Width) {
		return differ(fmt.Sprintf("statistic of document %s (the metric takes %d numbers)", name(d.A), m.Width), fmt.Sprint(x), fmt.Sprint(y))
	}
	s, t := m.Corpus(x, 1), m.Corpus(y, 1)
	if !sound(metrics.Stat{s, t}, 2) {
		return differ("score of document "+name(d.A), fmt.Sprint(s), fmt.Sprint(t))
	}
	if !possible(m, s) || !possible(m, t) {
		return differ(fmt.Sprintf("score of document %s (%s is from 0 to %v)", name(d.A), m.Name, m.Max), fmt.Sprint(s), fmt.Sprint(t))
	}
	e.a, e.b = append(e.a, x), append(e.b, y)
	s, t = s/m.Max, t/m.Max
	e.each[0], e.each[1] = append(e.each[0], s), append(e.each[1], t)
	e.differences = append(e.differences, e.gain*(t-s))
	return nil
}

// score is of all documents together; a run that records another is not what its samples are.
func (e *evidence) score(p TaskPair, differ func(field, a, b string) *Mismatch) *Mismatch {
	m := e.metric
	v, w := m.Score(e.a), m.Score(e.b)
	e.scores = [2]float64{v / m.Max, w / m.Max}
	recordedA, recordedB := first(p.A), first(p.B)
	whole := p.Common == nil || p.Common.OnlyA+p.Common.OnlyB == 0 // of some of the documents the score is another
	if whole && (contradicts(recordedA, m.Name, v) || contradicts(recordedB, m.Name, w)) {
		both := func(r results.Value, v float64) string {
			return fmt.Sprintf("%v recorded and %v from its samples", r.Value, v)
		}
		return differ("score", both(recordedA, v), both(recordedB, w))
	}
	return nil
}

// contradicts says whether a run records another score than its samples give.
func contradicts(recorded results.Value, metric string, v float64) bool {
	return recorded.Metric == metric && math.Abs(recorded.Value-v) > 1e-9*math.Max(1, math.Abs(v))
}

// possible says whether a document's score lies in the metric's range; an error rate has no upper end.
func possible(m metrics.Metric, score float64) bool {
	slack := 1e-9 * m.Max
	return score >= -slack && (m.LowerIsBetter || score <= m.Max+slack)
}

func markName(s *results.Sample) string {
	if len(s.Marks) == 0 {
		return ""
	}
	return s.Marks[0].Metric
}

// sound says whether a statistic has the metric's width and holds only numbers.
func sound(s metrics.Stat, width int) bool {
	for _, v := range s {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return len(s) == width
}

// binary says whether every document is right or wrong.
func (e *evidence) binary() bool {
	for _, side := range e.each {
		for _, v := range side {
			if v != 0 && v != 1 {
				return false
			}
		}
	}
	return true
}

// units numbers what is drawn, flipped and counted as one and tells each document its own: documents of one cluster, and
// documents of equal content, which a model answers alike. Units are numbered in canonical order or in that of evaluation,
// in which sacreBLEU reads documents. declared tells that a cluster joins any two.
func (e *evidence) units(of func(results.Sample) string, canonical bool) (unit []int, n int, declared bool) {
	joined := newJoins(len(e.docs))
	clusters, contents := map[string]int{}, map[string]int{}
	for i, d := range e.docs {
		c := cluster(of, d.A)
		if c == "" {
			c = cluster(of, d.B)
		}
		if c != "" {
			declared = joined.same(clusters, c, i) || declared
		}
		if d.A.DocHash != "" {
			joined.same(contents, d.A.DocHash, i)
		}
	}
	numbers := map[int]int{}
	unit = make([]int, len(e.docs))
	for i := range e.docs {
		if canonical {
			i = e.canonical[i]
		}
		root := joined.root(i)
		u, ok := numbers[root]
		if !ok {
			u = n
			n++
			numbers[root] = u
		}
		unit[i] = u
	}
	return unit, n, declared
}

// joins are sets of numbers that are joined pair by pair.
type joins []int

func newJoins(n int) joins {
	j := make(joins, n)
	for i := range j {
		j[i] = i
	}
	return j
}

func (j joins) root(i int) int {
	for j[i] != i {
		j[i] = j[j[i]]
		i = j[i]
	}
	return i
}

// same joins i with the first that had the key, and says whether there was one.
func (j joins) same(first map[string]int, key string, i int) bool {
	k, ok := first[key]
	if !ok {
		first[key] = i
		return false
	}
	j[j.root(i)] = j.root(k)
	return true
}

func cluster(of func(results.Sample) string, s *results.Sample) string {
	if of == nil {
		return s.Cluster
	}
	return of(*s)
}

// additive says whether a metric's corpus score is the mean of its documents' scores, judged on three pairs of made-up
// statistics of the metric's width, whole numbers as some metrics need: BLEU and ratios of sums are not.
func additive(m metrics.Metric) bool {
	random := newCounter(0, m.Name, "probe")
	for probe := range 3 {
		x, y, sum := make(metrics.Stat, m.Width), make(metrics.Stat, m.Width), make(metrics.Stat, m.Width)
		for k := range sum {
			x[k], y[k] = float64(1+random.word(probe, 2*k)%997), float64(1+random.word(probe, 2*k+1)%997)
			sum[k] = x[k] + y[k]
		}
		whole, parts := m.Corpus(sum, 2), (m.Corpus(x, 1)+m.Corpus(y, 1))/2
		if !(math.Abs(whole-parts) <= 1e-9*math.Max(1, math.Abs(whole))) {
			return false
		}
	}
	return true
}
