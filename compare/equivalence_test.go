package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
)

// flippedTask is a task of n documents in clusters of the given size of which, by cluster, so many were lost and won.
func flippedTask(n, size int, lost, won []int) taskTest {
	t := taskTest{row: TaskComparison{Task: "t", N: n, Verdict: NoEvidence}}
	units := (n + size - 1) / size
	t.lost, t.won, t.flips = make([]float64, units), make([]float64, units), make([]int, units)
	for u := range lost {
		t.lost[u], t.won[u] = float64(lost[u]), float64(won[u])
		t.flips[u] = lost[u] + won[u]
		t.row.Lost += lost[u]
		t.row.Won += won[u]
	}
	t.row.Flipped = t.row.Lost + t.row.Won
	return t
}

// singles is a task whose flips are of different documents.
func singles(n, lost, won int) taskTest {
	l, w := make([]int, lost+won), make([]int, lost+won)
	for i := range l {
		if i < lost {
			l[i] = 1
		} else {
			w[i] = 1
		}
	}
	return flippedTask(n, 1, l, w)
}

func judged(alpha float64, tasks ...taskTest) []TaskComparison {
	for i := range tasks {
		tasks[i].row.Margin = margin(nil, TierEquivalent, tasks[i].row.N, alpha)
	}
	equivalence(tasks, alpha)
	var out []TaskComparison
	for _, t := range tasks {
		out = append(out, t.row)
	}
	return out
}

// No flip at all passes the strict gate whatever the size, and the margin has no step.
func TestNoFlipIsEquivalent(t *testing.T) {
	last := 1.0
	for n := 20; n < 20000; n += 1 + n/37 {
		r := judged(0.05, singles(n, 0, 0))[0]
		require.Equal(t, Equivalent, r.Verdict, "n %d: %v", n, r.Interval)
		require.LessOrEqual(t, r.Margin, last, "n %d", n)
		if n > 20 {
			require.LessOrEqual(t, last-r.Margin, 0.06*last+0.001, "no step at n %d", n)
		}
		last = r.Margin
	}
	assert.Equal(t, equivalentMargin, judged(0.05, singles(20000, 0, 0))[0].Margin)
	// Clusters are no reason to see less where nothing flipped: SQuAD 2.0's 35 articles, 11,873 documents.
	assert.Equal(t, Equivalent, judged(0.05, flippedTask(11873, 340, nil, nil))[0].Verdict)
}

// Every further flip of a document makes the verdict the same or worse: over all small outcomes, one by one, and in
// clusters.
func TestFewerFlipsAreNeverWorse(t *testing.T) {
	rank := map[Verdict]int{Equivalent: 0, NoEvidence: 1, NotEquivalent: 2}
	for _, n := range []int{40, 120, 250, 700, 4000} {
		step := max(1, n/400)
		verdict := func(lost, won int) int { return rank[judged(0.05, singles(n, lost*step, won*step))[0].Verdict] }
		seen := map[int]bool{}
		for lost := range 14 {
			for won := range 14 {
				v := verdict(lost, won)
				seen[v] = true
				require.LessOrEqual(t, v, verdict(lost+1, won), "n %d, %d lost, %d won", n, lost, won)
				require.LessOrEqual(t, v, verdict(lost, won+1), "n %d, %d lost, %d won", n, lost, won)
			}
		}
		assert.Len(t, seen, 3, "n %d", n)
	}
	random := newCounter(4, "equivalence", "clusters")
	for set := range 3000 {
		n, size := 600, 20
		lost, won := make([]int, n/size), make([]int, n/size)
		for u := range lost {
			if random.word(set, 3*u)%8 == 0 {
				lost[u], won[u] = int(random.word(set, 3*u+1)%4), int(random.word(set, 3*u+2)%3)
			}
		}
		v := rank[judged(0.05, flippedTask(n, size, lost, won))[0].Verdict]
		for u := range lost {
			if lost[u] == 0 && won[u] == 0 {
				continue
			}
			side := lost
			if lost[u] == 0 {
				side = won
			}
			side[u]--
			fewer := rank[judged(0.05, flippedTask(n, size, lost, won))[0].Verdict]
			side[u]++
			require.LessOrEqual(t, fewer, v, "%v %v without one in %d", lost, won, u)
		}
	}
}

// The rule and its numbers by hand: P(X >= 4) of 120 documents of which one in a hundred flips is 0.0330, P(X >= 3) 0.1196.
func TestTooManyFlips(t *testing.T) {
	r := judged(0.05, singles(120, 1, 3))[0]
	assert.Equal(t, NotEquivalent, r.Verdict)
	assert.Equal(t, "4 of 120 flipped: more than 1 % at 95 %", r.Reason)
	assert.Equal(t, NoEvidence, judged(0.05, singles(120, 0, 3))[0].Verdict)
	assert.Equal(t, NoEvidence, judged(0.05, singles(40, 0, 1))[0].Verdict, "one won flip of forty is no harm")
	two := judged(0.05, singles(120, 1, 3), singles(120, 0, 1))
	assert.Equal(t, NoEvidence, two[0].Verdict, "over two tasks 0.0330 is not enough")
	one := singles(120, 1, 3)
	assert.InDelta(t, 0.0330, one.tooMany(filled(4, 1), flippedShare), 5e-5)
	lost := judged(0.05, singles(20000, 150, 0))[0]
	assert.Equal(t, NotEquivalent, lost.Verdict)
	assert.Equal(t, "150 of 20000 lost: more than 0.5 % at 95 %", lost.Reason)
	// Twenty flips of one cluster are one event, and of twenty clusters twenty.
	assert.Equal(t, NoEvidence, judged(0.05, flippedTask(1000, 50, []int{20}, []int{0}))[0].Verdict)
	assert.Equal(t, NotEquivalent, judged(0.05, flippedTask(1000, 50, filledInts(20, 1), make([]int, 20)))[0].Verdict)
}

func filledInts(n, v int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// Fourteen tasks whose flips stay below the tolerated share fail the gate in at most .05 of cases, whether documents flip
// alone or together with others of their cluster; at the share itself, too.
func TestFalseAlarmsOfEquivalence(t *testing.T) {
	sets := simulated(100, 600)
	sizes := []int{120, 198, 250, 500, 766, 1000, 1000, 1119, 1319, 2325, 4442, 10042, 11873, 17944}
	for _, c := range []struct {
		rate  float64
		burst int
	}{{0.005, 1}, {0.01, 1}, {0.009, 4}} {
		random := newCounter(6, "equivalence", "alarms")
		next := 0
		uniform := func() float64 { next++; return random.uniform(c.burst, next) }
		failed := 0
		for range sets {
			var tasks []taskTest
			for _, n := range sizes {
				size := 1
				if c.burst > 1 {
					size = 20
				}
				lost, won := make([]int, (n+size-1)/size), make([]int, (n+size-1)/size)
				for range binomialQuantile(uniform(), float64(n)/float64(c.burst), c.rate) {
					u := int(uniform() * float64(len(lost)))
					for range c.burst {
						if uniform() < 0.5 {
							lost[u]++
						} else {
							won[u]++
						}
					}
				}
				tasks = append(tasks, flippedTask(n, size, lost, won))
			}
			for _, r := range judged(0.05, tasks...) {
				if r.Verdict == NotEquivalent {
					failed++
					break
				}
			}
		}
		got := float64(failed) / float64(sets)
		t.Logf("rate %v, %d at a time: %.3f", c.rate, c.burst, got)
		assert.LessOrEqual(t, got, 0.05+3*math.Sqrt(0.05*0.95/float64(sets)), "rate %v, %d at a time", c.rate, c.burst)
	}
}

// What was lost lies below its bound as often as the level says, in clusters too.
func TestCoverageOfTheBound(t *testing.T) {
	sets := simulated(1000, 20000)
	for _, c := range []struct {
		n, burst int
		rate     float64
	}{{120, 1, 0.01}, {1000, 1, 0.004}, {4442, 1, 0.01}, {1000, 5, 0.01}, {4442, 5, 0.02}} {
		random := newCounter(8, "bound", "coverage")
		covered, unseen := 0, 0 // unseen are the sets missed in which nothing flipped
		for set := range sets {
			events := binomialQuantile(random.uniform(set, 0), float64(c.n)/float64(c.burst), c.rate)
			if bounded(filled(events, float64(c.burst)), c.n, 0.05) >= c.rate {
				covered++
			} else if events == 0 {
				unseen++
			}
		}
		t.Logf("%+v: %.3f, and %.3f in which nothing flipped", c, float64(covered)/float64(sets), float64(unseen)/float64(sets))
		// Where nothing flipped, nothing tells that documents flip together.
		assert.GreaterOrEqual(t, float64(covered+unseen)/float64(sets), 0.95-3*math.Sqrt(0.05*0.95/float64(sets)), "%+v", c)
		none := math.Pow(1-c.rate, float64(c.n)/float64(c.burst))
		assert.LessOrEqual(t, float64(unseen)/float64(sets), none+3*math.Sqrt(max(none*(1-none), 1/float64(sets))/float64(sets)), "%+v", c)
	}
}

// A p-value that is the level itself fails, of either gate, and one above it does not.
func TestTheLevelItselfFails(t *testing.T) {
	right := flipped(make([]bool, 250), false, 125)
	for alpha, want := range map[float64]Verdict{MidP(5, 0): Regressed, math.Nextafter(MidP(5, 0), 0): NoEvidence} {
		c := compared(t, fakeRun("A", right), fakeRun("B", flipped(right, true, 5)), func(o *Options) { o.Metric, o.Alpha = accuracy, alpha })
		assert.Equal(t, want, c.Tasks[0].Verdict, "alpha %v", alpha)
	}
	one := singles(120, 1, 3)
	p := one.tooMany(filled(4, 1), flippedShare)
	assert.Equal(t, NotEquivalent, judged(p, singles(120, 1, 3))[0].Verdict)
	assert.NotEqual(t, NotEquivalent, judged(math.Nextafter(p, 0), singles(120, 1, 3))[0].Verdict)
}

// A recorded score contradicts its samples from the tenth digit on.
func TestScoresContradictBeyondRounding(t *testing.T) {
	for off, want := range map[float64]bool{0: false, 1e-12: false, 1e-8: true, 1e-7: true, -1e-7: true} {
		assert.Equal(t, want, contradicts(results.Value{Metric: "acc", Value: 0.5}, "acc", 0.5+off), "%v", off)
	}
	assert.False(t, contradicts(results.Value{Metric: "em", Value: 0}, "acc", 0.5), "another metric's")
}
