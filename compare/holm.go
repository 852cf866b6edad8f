package compare

import "sort"

// holm adjusts p-values step down (Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
// Journal of Statistics 6, 1979). levels are the levels at which the tests are held against their own p: those of the
// steps for what is rejected, and for all the rest that of the step at which the procedure stops. Equal p-values have
// equal levels, so the order of the tests does not matter.
func holm(ps []float64, alpha float64) (adjusted, levels []float64) {
	order := ascending(ps)
	adjusted, levels = make([]float64, len(ps)), make([]float64, len(ps))
	running, level, stopped := 0.0, alpha, false
	for rank, i := range order {
		if rank == 0 || ps[i] != ps[order[rank-1]] {
			left := float64(len(ps) - rank)
			running = max(running, min(1, left*ps[i]))
			if !stopped {
				level = alpha / left
				stopped = ps[i] > level
			}
		}
		adjusted[i], levels[i] = running, level
	}
	return adjusted, levels
}

// benjaminiHochberg adjusts p-values to control the false discovery rate (Benjamini and Hochberg, "Controlling the
// False Discovery Rate", Journal of the Royal Statistical Society B 57, 1995). The level is the largest at which a test
// is rejected, alpha/m where none is.
func benjaminiHochberg(ps []float64, alpha float64) (adjusted, levels []float64) {
	order := ascending(ps)
	m := float64(len(ps))
	adjusted, levels = make([]float64, len(ps)), make([]float64, len(ps))
	running, rejected := 1.0, 1
	for rank := len(order) - 1; rank >= 0; rank-- {
		i := order[rank]
		running = min(running, m*ps[i]/float64(rank+1))
		adjusted[i] = running
		if running <= alpha {
			rejected = max(rejected, rank+1)
		}
	}
	for i := range levels {
		levels[i] = alpha * float64(rejected) / m
	}
	return adjusted, levels
}

func ascending(ps []float64) []int {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return ps[order[a]] < ps[order[b]] })
	return order
}
