package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// binomials are P(X = k) for X ~ Bin(n, p).
func binomials(n int, p float64) []float64 {
	out := make([]float64, n+1)
	lg := func(v int) float64 { l, _ := math.Lgamma(float64(v) + 1); return l }
	for k := range out {
		out[k] = math.Exp(lg(n) - lg(k) - lg(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return out
}

// The first table of the design's section 4.4, whose rates are not simulated again but summed over every outcome:
// each document is discordant with the given chance, and a discordant one lost with the chance that gives the drop.
func TestFalseAlarmsAndPowerOfMcNemar(t *testing.T) {
	for _, c := range []struct {
		n                int
		discordant, drop float64
		// the table's columns
		exact, midP, pairedZ, unpairedZ, apart, one, two float64
	}{
		{120, 0.1, 0, .025, .044, .052, .000, .000, .327, .232},
		{120, 0.1, 0.06, .455, .552, .581, .012, .000, .957, .920},
		{250, 0.1, 0, .029, .045, .054, .001, .000, .306, .133},
		{250, 0.1, 0.04, .439, .505, .537, .046, .001, .937, .817},
		{250, 0.1, 0.06, .833, .874, .889, .245, .014, .996, .977},
		{500, 0.05, 0, .030, .044, .052, .000, .000, .135, .018},
		{1119, 0.05, 0, .035, .049, .049, .000, .000, .063, .001},
		{1119, 0.05, 0.02, .834, .862, .862, .013, .000, .931, .489},
		{1319, 0.1, 0, .041, .050, .051, .000, .000, .119, .010},
		{1319, 0.1, 0.03, .922, .933, .935, .405, .037, .989, .871},
	} {
		var exact, mid, pairedZ, unpairedZ, apart, one, two float64
		for n, p := range binomials(c.n, c.discordant) {
			if p < 1e-7 {
				continue
			}
			for lost, q := range binomials(n, (c.discordant+c.drop)/(2*c.discordant)) {
				if p*q < 1e-9 {
					continue
				}
				won := n - lost
				if MidP(lost, won) <= 0.05 {
					mid += p * q
				}
				if ExactP(lost, won) <= 0.05 {
					exact += p * q
				}
				// The z of a paired difference, that of two scores taken for independent, and two intervals that do not
				// overlap. The design does not say how many answers are right; half of those on which the runs agree at 120
				// documents and four of five elsewhere explain its columns.
				size, d := float64(c.n), math.Abs(float64(lost-won))
				if d > 1.959964*math.Sqrt(float64(n)-d*d/size) {
					pairedZ += p * q
				}
				right := 0.8
				if c.n == 120 {
					right = 0.5
				}
				agreed := right * (size - float64(n))
				a, b := (agreed+float64(lost))/size, (agreed+float64(won))/size
				x, y := math.Sqrt(a*(1-a)/size), math.Sqrt(b*(1-b)/size)
				if d/size > 1.959964*math.Hypot(x, y) {
					unpairedZ += p * q
				}
				if d/size > 1.959964*(x+y) {
					apart += p * q
				}
				if loss := float64(lost-won) / size; loss > 0.01 {
					one += p * q
					if loss > 0.02 {
						two += p * q
					}
				}
			}
		}
		// Three standard errors of a table of 4000 simulations, and its last digit.
		near := func(want, got float64, column string) {
			assert.InDelta(t, want, got, 3*math.Sqrt(want*(1-want)/4000)+0.001, "n %d, drop %v: %s", c.n, c.drop, column)
		}
		near(c.exact, exact, "exact McNemar")
		near(c.midP, mid, "mid-p")
		near(c.pairedZ, pairedZ, "paired z")
		near(c.unpairedZ, unpairedZ, "unpaired z")
		near(c.apart, apart, "intervals apart")
		near(c.one, one, "drop > 1 pt")
		near(c.two, two, "drop > 2 pt")
		if c.drop == 0 {
			assert.LessOrEqual(t, mid, 0.0505)
			assert.LessOrEqual(t, exact, 0.05)
			assert.LessOrEqual(t, exact, mid)
		}
		t.Logf("n %4d, drop %4.2f: exact %.3f mid-p %.3f one %.3f two %.3f", c.n, c.drop, exact, mid, one, two)
	}
}

// rate is how often a simulated p-value is at most 0.05.
func rate(trials int, simulate func(trial int) float64) float64 {
	count := 0
	for i := range trials {
		if simulate(i) <= 0.05 {
			count++
		}
	}
	return float64(count) / float64(trials)
}

// The second table: scores of which most do not change, sign flips' column.
func TestFalseAlarmsOfSignFlips(t *testing.T) {
	random := newCounter(1, "simulation", "scores")
	for _, c := range []struct {
		n          int
		discordant float64
		trials     int
		want       float64
		skewed     bool
	}{
		{120, 0.1, 1500, .053, false},
		{120, 0.05, 4000, .018, false},
		{198, 0.1, 600, .051, false},
		{766, 0.6, 600, .052, false},
		{120, 0.1, 1500, .292, true},
	} {
		next := 0
		uniform := func() float64 { next++; return random.uniform(c.n, next) }
		got := rate(c.trials, func(trial int) float64 {
			d := make([]float64, 0, c.n)
			for range c.n {
				switch {
				case uniform() >= c.discordant:
				case !c.skewed:
					d = append(d, 2*uniform()-1)
				case uniform() < 0.1:
					d = append(d, -0.9)
				default:
					d = append(d, 0.1)
				}
			}
			p, _ := SignFlip(d, uint64(trial), "simulated")
			return p
		})
		t.Logf("n %d, %v: %.3f, the table has %.3f", c.n, c.discordant, got, c.want)
		// Both the table and this have their own Monte-Carlo error.
		slack := 3 * math.Sqrt(0.05*0.95) * (1/math.Sqrt(float64(c.trials)) + 1/math.Sqrt(4000))
		if c.skewed {
			assert.Greater(t, got, 0.15, "a mean of zero without symmetry: no test is trustworthy, which is why few changes are warned of")
			continue
		}
		assert.InDelta(t, c.want, got, slack, "n %d, %v", c.n, c.discordant)
	}
}

// The second table's other columns at 120 documents: a percentile bootstrap interval of the same scores alarms too often,
// which is why none decides a verdict, and a paired z does not where enough documents change.
func TestFalseAlarmsOfTheBootstrap(t *testing.T) {
	const n, trials, resampled = 120, 500, 400
	random := newCounter(1, "simulation", "bootstrap")
	next := 0
	uniform := func() float64 { next++; return random.uniform(1, next) }
	for _, c := range []struct{ discordant, bootstrap, z float64 }{{0.1, .079, .055}, {0.05, .086, .034}} {
		alarms, zAlarms := 0, 0
		for range trials {
			d, sum, squares := make([]float64, n), 0.0, 0.0
			for i := range d {
				if uniform() < c.discordant {
					d[i] = 2*uniform() - 1
				}
				sum += d[i]
				squares += d[i] * d[i]
			}
			below, above := 0, 0
			for range resampled {
				total := 0.0
				for range n {
					total += d[int(uniform()*n)]
				}
				if total <= 0 {
					below++
				}
				if total >= 0 {
					above++
				}
			}
			if min(below, above) < resampled/40 {
				alarms++
			}
			if math.Abs(sum) > 1.959964*math.Sqrt((squares-sum*sum/n)*n/(n-1)) {
				zAlarms++
			}
		}
		got, z := float64(alarms)/trials, float64(zAlarms)/trials
		t.Logf("%v discordant: bootstrap %.3f, the table has %.3f; paired z %.3f, the table has %.3f", c.discordant, got, c.bootstrap, z, c.z)
		slack := func(want float64) float64 {
			return 3 * math.Sqrt(want*(1-want)) * (1/math.Sqrt(trials) + 1/math.Sqrt(4000))
		}
		assert.InDelta(t, c.bootstrap, got, slack(c.bootstrap))
		assert.InDelta(t, c.z, z, slack(c.z))
		assert.Greater(t, got, 0.05)
	}
}

// The third table: documents of an article share an effect. Flipping by article keeps the level; by question it does not.
func TestFalseAlarmsOfClusters(t *testing.T) {
	const articles, paragraphs, questions, trials = 59, 19, 4, 1000
	random := newCounter(1, "simulation", "clusters")
	next := 0
	normal := func() float64 {
		next += 2
		return math.Sqrt(-2*math.Log(1-random.uniform(1, next))) * math.Cos(2*math.Pi*random.uniform(1, next+1))
	}
	byArticle, byQuestion := 0, 0
	for trial := range trials {
		var sums, all []float64
		for range articles {
			shared, sum := 0.15*normal(), 0.0
			for range paragraphs * questions {
				d := shared + normal()
				sum += d
				all = append(all, d)
			}
			sums = append(sums, sum)
		}
		if p, _ := SignFlip(sums, uint64(trial), "articles"); p <= 0.05 {
			byArticle++
		}
		total, squares := 0.0, 0.0
		for _, d := range all {
			total += d
			squares += d * d
		}
		if math.Abs(total) > normalQuantile(0.975)*math.Sqrt(squares) { // the flips by question, in the limit
			byQuestion++
		}
	}
	t.Logf("by article %.3f, by question %.3f", float64(byArticle)/trials, float64(byQuestion)/trials)
	assert.InDelta(t, 0.051, float64(byArticle)/trials, 3*math.Sqrt(0.05*0.95/trials)+0.002)
	assert.Greater(t, float64(byQuestion)/trials, 0.1)
}

// Fourteen tasks without a difference: tested one by one at 0.05 half of the families raise an alarm.
func TestHolmKeepsTheFamilysLevel(t *testing.T) {
	const tasks, trials, discordant = 14, 2000, 120
	random := newCounter(1, "simulation", "family")
	family, single := 0, 0
	for trial := range trials {
		ps := make([]float64, tasks)
		for i := range ps {
			lost := 0
			for k := range discordant {
				lost += int(random.word(trial, i*discordant+k) & 1)
			}
			ps[i] = MidP(lost, discordant-lost)
		}
		adjusted, _ := holm(tests(ps...), 0.05)
		alarm, some := false, false
		for i := range ps {
			alarm, some = alarm || adjusted[i] <= 0.05, some || ps[i] <= 0.05
		}
		if alarm {
			family++
		}
		if some {
			single++
		}
	}
	t.Logf("with Holm %.3f, without %.3f", float64(family)/trials, float64(single)/trials)
	assert.Less(t, float64(family)/trials, 0.05+3*math.Sqrt(0.05*0.95/trials))
	assert.Greater(t, float64(family)/trials, 0.02)
	assert.InDelta(t, 0.51, float64(single)/trials, 0.06)
}

func TestSelfTest(t *testing.T) {
	for seed := range uint64(3) {
		r, err := SelfTest(seed)
		assert.NoError(t, err, "seed %d", seed)
		assert.Equal(t, []int{5, 6, 20}, r.Caught)
		assert.Equal(t, []int{4}, r.Passed)
		t.Logf("%+v", r)
	}
}

func TestBinomialBound(t *testing.T) {
	// P(X > 0) of 10 events of chance 0.1 is 0.651, P(X > 1) 0.264, P(X > 2) 0.070.
	assert.Equal(t, 2, binomialBound(10, 0.1, 0.07020))
	assert.Equal(t, 3, binomialBound(10, 0.1, 0.0701))
	assert.Equal(t, 0, binomialBound(10, 0.1, 0.66))
}

func BenchmarkSelfTest(b *testing.B) {
	for b.Loop() {
		if _, err := SelfTest(DefaultSeed); err != nil {
			b.Fatal(err)
		}
	}
}
