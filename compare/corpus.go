package compare

import (
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// The trial counts of sacreBLEU's paired tests and its seed.
const (
	randomisations = 10000
	resamples      = 1000
	DefaultSeed    = 12345
)

// corpusTest compares two runs under a metric whose score is no mean over documents, from stored statistics. A unit is
// a document or a cluster: its statistics under A, under B and its number of documents.
type corpusTest struct {
	metric metrics.Metric
	width  int
	units  []metrics.Stat // width numbers of A, width of B, 1 count
	total  metrics.Stat
}

// newCorpusTest takes the documents' statistics in evaluation order and the unit that each belongs to, numbered from 0.
func newCorpusTest(m metrics.Metric, a, b []metrics.Stat, unit []int) corpusTest {
	t := corpusTest{metric: m, width: m.Width}
	for i := range a {
		if unit[i] == len(t.units) {
			t.units = append(t.units, make(metrics.Stat, 2*m.Width+1))
		}
		u := t.units[unit[i]]
		u[:m.Width].Add(a[i])
		u[m.Width : 2*m.Width].Add(b[i])
		u[2*m.Width]++
	}
	t.total = make(metrics.Stat, 2*m.Width+1)
	for _, u := range t.units {
		t.total.Add(u)
	}
	return t
}

// scores are the two scores of a sum.
func (t corpusTest) scores(sum metrics.Stat) (a, b float64) {
	n := int(sum[2*t.width])
	return t.metric.Corpus(sum[:t.width], n), t.metric.Corpus(sum[t.width:2*t.width], n)
}

// Randomisation is the outcome of the paired approximate randomisation test.
type Randomisation struct {
	// P counts the shuffles at least as far apart as the runs, Above only those further apart, as sacreBLEU counts:
	// (count+1)/(trials+1). They differ where few documents do; with one changed document every shuffle is as far apart
	// as the runs, and Above would be 1/10001.
	P     float64
	Above float64
	// Differences are the shuffled runs' B minus A, on the metric's scale.
	Differences []float64
}

// randomise swaps the two runs' statistics unit by unit at random (Riezler and Maxwell, "On Some Pitfalls in Automatic
// Evaluation and Significance Testing for MT", 2005). Seed, trials and draws are those of sacrebleu/significance.py of
// mjpost/sacrebleu at v2.
func (t corpusTest) randomise(seed uint64, trials int) Randomisation {
	a, b := t.scores(t.total)
	observed := math.Abs(a - b)
	// A swap moves B's lead over A from one sum to the other.
	leads := make([]metrics.Stat, len(t.units))
	for i, u := range t.units {
		leads[i] = make(metrics.Stat, t.width)
		for k := range t.width {
			leads[i][k] = u[t.width+k] - u[k]
		}
	}
	table := newSubsetSums(leads, t.width)
	random := coins{from: newPCG64(seed)}
	sum, shuffled := make(metrics.Stat, t.width), make(metrics.Stat, 2*t.width+1)
	shuffled[2*t.width] = t.total[2*t.width]
	reached, above := 0, 0
	differences := make([]float64, trials)
	for r := range trials {
		table.draw(&random, sum)
		for k, lead := range sum { // the lead of the units that keep their places
			shuffled[k] = t.total[t.width+k] - lead
			shuffled[t.width+k] = t.total[k] + lead
		}
		x, y := t.scores(shuffled)
		differences[r] = y - x
		switch d := math.Abs(x - y); {
		case d > observed:
			above++
			reached++
		case d == observed:
			reached++
		}
	}
	return Randomisation{float64(reached+1) / float64(trials+1), float64(above+1) / float64(trials+1), differences}
}

// contributions are what every unit adds to B minus A, on the metric's scale: half of what swapping it alone takes away.
// They sum to the difference as far as the score is near a mean.
func (t corpusTest) contributions() []float64 {
	a, b := t.scores(t.total)
	out, swapped := make([]float64, len(t.units)), make(metrics.Stat, 2*t.width+1)
	swapped[2*t.width] = t.total[2*t.width]
	for i, u := range t.units {
		changed := false
		for k := range t.width {
			lead := u[t.width+k] - u[k]
			swapped[k], swapped[t.width+k] = t.total[k]+lead, t.total[t.width+k]-lead
			changed = changed || lead != 0
		}
		if changed {
			x, y := t.scores(swapped)
			out[i] = (b - a - (y - x)) / 2
		}
	}
	return out
}

// Bootstrap is the outcome of the paired bootstrap.
type Bootstrap struct {
	// Differences are the resamples' B minus A, ascending, on the metric's scale.
	Differences []float64
	// StdErr is their standard deviation.
	StdErr float64
	// P is sacreBLEU's p-value: how often the difference's distance from its mean exceeds the runs' difference.
	P float64
	// MeanA and HalfA are sacreBLEU's estimate of A's score and half the width of its 95% interval; MeanB and HalfB B's.
	MeanA, HalfA, MeanB, HalfB float64
}

// bootstrap resamples units with replacement (Koehn, "Statistical Significance Tests for Machine Translation
// Evaluation", EMNLP 2004) with the draws of sacrebleu/significance.py of mjpost/sacrebleu at v2. sacreBLEU sums in
// float32, which is exact, as the sums here are, while they stay below 2^24.
func (t corpusTest) bootstrap(seed uint64, rounds int) Bootstrap {
	random := newPCG64(seed)
	rows := newPackedRows(t.units, 2*t.width+1)
	sum := make(metrics.Stat, 2*t.width+1)
	as, bs := make([]float64, rounds), make([]float64, rounds)
	out := Bootstrap{Differences: make([]float64, rounds)}
	distances, mean := make([]float64, rounds), 0.0
	for r := range rounds {
		rows.resample(random, sum)
		as[r], bs[r] = t.scores(sum)
		out.Differences[r] = bs[r] - as[r]
		distances[r] = math.Abs(out.Differences[r])
		mean += distances[r]
	}
	mean /= float64(rounds)
	a, b := t.scores(t.total)
	count := 0
	for _, d := range distances {
		if d-mean > math.Abs(a-b) {
			count++
		}
	}
	out.P = float64(count+1) / float64(rounds+1)
	out.MeanA, out.HalfA = estimate(as)
	out.MeanB, out.HalfB = estimate(bs)
	out.StdErr = stdDev(out.Differences) // before they are sorted: swapped runs then add up in the same order
	slices.Sort(out.Differences)
	return out
}

// estimate is sacreBLEU's mean and half interval of resampled scores: a fortieth is cut from either end.
func estimate(scores []float64) (mean, half float64) {
	slices.Sort(scores)
	for _, s := range scores {
		mean += s
	}
	cut := len(scores) / 40
	return mean / float64(len(scores)), (scores[len(scores)-1-cut] - scores[cut]) / 2
}

// stdDev is the sample standard deviation.
func stdDev(values []float64) float64 {
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	return math.Sqrt(squares / float64(len(values)-1))
}
