package compare

import "math"

// factorials are the logarithms of 0! to n!, which binomial chances are made of.
type factorials []float64

func newFactorials(n int) factorials {
	f := make(factorials, n+1)
	for i := range f {
		f[i], _ = math.Lgamma(float64(i) + 1)
	}
	return f
}

// chance is P(X = k) for X ~ Bin(n, p), with 0 < p < 1 given by its logarithm and that of 1 - p.
func (f factorials) chance(n, k int, logP, logQ float64) float64 {
	return math.Exp(f[n] - f[k] - f[n-k] + float64(k)*logP + float64(n-k)*logQ)
}

// upperTail is P(X >= x) for X ~ Bin(n, p). Both counts may be fractions: effective numbers of documents.
func upperTail(x, n, p float64) float64 {
	switch {
	case x <= 0:
		return 1
	case x > n || p <= 0:
		return 0
	case p >= 1:
		return 1
	}
	return incompleteBeta(p, x, n-x+1)
}

// lowerTail is P(X <= x) for X ~ Bin(n, p), of which the counts may be fractions.
func lowerTail(x, n, p float64) float64 {
	switch {
	case x < 0:
		return 0
	case x >= n || p <= 0:
		return 1
	case p >= 1:
		return 0
	}
	return incompleteBeta(1-p, n-x, x+1)
}

// shareBound is the one-sided upper bound of Clopper and Pearson ("The use of confidence or fiducial limits illustrated
// in the case of the binomial", Biometrika 26, 1934) for a share of which x of n were seen: the largest that leaves
// seeing as few a chance of alpha. With x = 0 it is 1 - alpha^(1/n).
func shareBound(x, n, alpha float64) float64 {
	if x >= n {
		return 1
	}
	if x == 0 {
		return -math.Expm1(math.Log(alpha) / n)
	}
	low, high := x/n, 1.0
	for range 100 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if lowerTail(x, n, middle) > alpha {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// lead is P(L - W >= d) where n documents are lost with chance lost each, won with chance won. It sums
// over the number of discordant documents; the tail of one number follows from that of the last.
func (f factorials) lead(n int, lost, won float64, d int) float64 {
	lost, won = max(0, lost), max(0, won)
	discordant := min(1, lost+won)
	switch {
	case discordant == 0:
		return indicator(d <= 0)
	case won < 1e-15:
		return upperTail(float64(d), float64(n), discordant)
	case lost < 1e-15:
		return lowerTail(float64(-d), float64(n), discordant)
	}
	theta := lost / (lost + won)
	logT, logU := math.Log(theta), math.Log1p(-theta)
	mean, wide := float64(n)*discordant, 9*math.Sqrt(float64(n)*discordant*(1-discordant))+20
	first, last := max(0, int(mean-wide)), min(n, int(mean+wide)+1)
	atLeast, tail, at, known := 0.0, 0.0, 0, false // P(L >= at) of the last number k-1
	for k := first; k <= last; k++ {
		t := ceilHalf(k + d)
		switch {
		case t <= 0:
			tail, known = 1, false
		case t > k:
			tail, known = 0, false
		case !known:
			tail, known = upperTail(float64(t), float64(k), theta), true
		default:
			tail += theta * f.chance(k-1, at-1, logT, logU)
			if t > at {
				tail -= f.chance(k, at, logT, logU)
			}
		}
		at = t
		atLeast += f.share(n, k, discordant) * tail
	}
	return min(1, max(0, atLeast))
}

// share is P(X = k) for X ~ Bin(n, p) for any k and p.
func (f factorials) share(n, k int, p float64) float64 {
	switch {
	case k < 0 || k > n:
		return 0
	case p <= 0:
		return indicator(k == 0)
	case p >= 1:
		return indicator(k == n)
	}
	return f.chance(n, k, math.Log(p), math.Log1p(-p))
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// ceilHalf is v/2, rounded up.
func ceilHalf(v int) int { return (v + 1) >> 1 }
