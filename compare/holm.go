package compare

import (
	"math"
	"slices"
	"sort"
)

// hypothesis is one test of a family: its p-value and the least that it could have had with as many changed documents. A
// test that cannot reject at a level takes nothing from the others there.
type hypothesis struct{ p, least float64 }

// holm adjusts p-values step down (Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
// of Statistics 6, 1979), where a step counts only the tests that could have had so small a p (Tarone, "A modified
// Bonferroni method for discrete data", Biometrics 46, 1990; in the form of Westfall and Wolfinger, "Multiple tests with
// discrete distributions", The American Statistician 51, 1997). levels are the levels at which the tests are held against
// their own p: of what is rejected those of its step, of the rest that of the step at which the procedure stops. A test
// is rejected exactly where its p is at most its level and where its adjusted p is at most alpha.
func holm(tests []hypothesis, alpha float64) (adjusted, levels []float64) {
	order := ascending(tests)
	adjusted, levels = make([]float64, len(tests)), make([]float64, len(tests))
	left := slices.Clone(order)
	running, stopped := 0.0, false
	for rank := 0; rank < len(order); {
		same := rank + 1
		for same < len(order) && tests[order[same]].p == tests[order[rank]].p {
			same++
		}
		for _, i := range order[rank:same] {
			adjusted[i] = max(running, min(1, tests[i].p*float64(competing(tests, order[rank:], i, tests[i].p))))
		}
		for _, i := range order[rank:same] {
			running = max(running, adjusted[i])
		}
		for _, i := range order[rank:same] {
			adjusted[i] = running
			if !stopped {
				left = order[rank:]
			}
			levels[i] = consistent(levelOf(tests, left, i, alpha), tests[i].p, running <= alpha)
		}
		stopped = stopped || running > alpha
		rank = same
	}
	return adjusted, levels
}

// consistent keeps a level on the side of p on which the adjusted p is of alpha, whatever rounding does.
func consistent(level, p float64, rejected bool) float64 {
	if rejected {
		return max(level, p)
	}
	return min(level, math.Nextafter(p, 0))
}

// competing counts the tests among those left that could have a p as small as p, i always.
func competing(tests []hypothesis, left []int, i int, p float64) int {
	n := 1
	for _, j := range left {
		if j != i && tests[j].least <= p {
			n++
		}
	}
	return n
}

// levelOf is the largest p at which test i would be rejected among those left.
func levelOf(tests []hypothesis, left []int, i int, alpha float64) float64 {
	var leasts []float64
	for _, j := range left {
		if j != i {
			leasts = append(leasts, tests[j].least)
		}
	}
	sort.Float64s(leasts)
	for n := 0; n <= len(leasts); n++ {
		level := alpha / float64(n+1)
		if n == len(leasts) || level < leasts[n] {
			if n > 0 && level < leasts[n-1] { // between two steps: just below the one that would count another test
				return math.Nextafter(leasts[n-1], 0)
			}
			return level
		}
	}
	return alpha / float64(len(leasts)+1)
}

// benjaminiHochberg adjusts p-values to control the false discovery rate (Benjamini and Hochberg, "Controlling the
// False Discovery Rate", Journal of the Royal Statistical Society B 57, 1995). The level is the largest at which a test
// is rejected, alpha/m where none is.
func benjaminiHochberg(tests []hypothesis, alpha float64) (adjusted, levels []float64) {
	order := ascending(tests)
	m := float64(len(tests))
	adjusted, levels = make([]float64, len(tests)), make([]float64, len(tests))
	running, rejected := 1.0, 1
	for rank := len(order) - 1; rank >= 0; rank-- {
		i := order[rank]
		running = min(running, m*tests[i].p/float64(rank+1))
		adjusted[i] = running
		if running <= alpha {
			rejected = max(rejected, rank+1)
		}
	}
	for i := range levels {
		levels[i] = consistent(alpha*float64(rejected)/m, tests[i].p, adjusted[i] <= alpha)
	}
	return adjusted, levels
}

func ascending(tests []hypothesis) []int {
	order := make([]int, len(tests))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return tests[order[a]].p < tests[order[b]].p })
	return order
}
