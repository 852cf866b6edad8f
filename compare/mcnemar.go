package compare

import (
	"math"
	"math/big"
)

// MidP is the two-sided mid-p McNemar test: p = 2 P(X < m) + P(X = m) with X ~ Bin(lost+won, 1/2) and m the smaller of
// the two, 1 where they are equal. It is computed in whole numbers and rounded once. It is never 0: what lies below the
// smallest double is the smallest double. Fagerland, Lydersen and Laake, "The McNemar test for binary matched-pairs
// data", BMC Medical Research Methodology 13:91, 2013.
func MidP(lost, won int) float64 { return binomialTail(lost, won, true) }

// ExactP is the conservative form, p = 2 P(X <= m), at most 1.
func ExactP(lost, won int) float64 { return binomialTail(lost, won, false) }

// binomialTail is the share of the 2^n outcomes at least as one-sided as the one seen, of which the equally one-sided
// count half where half is true.
func binomialTail(lost, won int, half bool) float64 {
	if lost == won {
		return 1
	}
	n, m := lost+won, min(lost, won)
	sum, term, factor := new(big.Int), big.NewInt(1), new(big.Int)
	for k := range m {
		sum.Add(sum, term)
		term.Mul(term, factor.SetInt64(int64(n-k)))
		term.Quo(term, factor.SetInt64(int64(k+1)))
	}
	sum.Lsh(sum, 1) // twice P(X < m)
	sum.Add(sum, term)
	if !half {
		sum.Add(sum, term)
	}
	p := new(big.Float).SetPrec(128).SetInt(sum)
	v, _ := p.SetMantExp(p, -n).Float64()
	return positive(min(v, 1))
}

// positive keeps a p-value above 0: no finite experiment proves anything.
func positive(p float64) float64 { return max(p, math.SmallestNonzeroFloat64) }

// discordanceInterval is the interval for the share of right answers won minus lost: Wald's after half an answer is
// added to each of the four cells. Agresti and Min, "Simple improved confidence intervals for comparing matched
// proportions", Statistics in Medicine 24, 2005.
func discordanceInterval(lost, won, n int, level float64) Interval {
	total := float64(n) + 2
	difference := float64(won-lost) / total
	discordant := float64(lost + won + 1)
	se := math.Sqrt(discordant-float64(total*float64(difference*difference))) / total
	return around(difference, float64(normalQuantile(1-(1-level)/2)*se), level)
}

// detectableDiscordance is the smallest true drop that McNemar's test at alpha finds with power 0.8 among n documents
// of which the given share is discordant: delta solves z1 sqrt(psi) + z2 sqrt(psi - delta^2) = delta sqrt(n). Connor,
// "Sample size for testing differences in proportions for the paired-sample design", Biometrics 43, 1987.
func detectableDiscordance(discordance float64, n int, alpha float64) float64 {
	z1, z2 := normalQuantile(1-alpha/2), normalQuantile(power)
	size := float64(n)
	room := size + z2*z2 - z1*z1
	if room <= 0 { // too few documents for any drop to be found: the approximation without the correction says so
		return min(1, (z1+z2)*math.Sqrt(discordance/size))
	}
	return min(1, math.Sqrt(discordance)*(z1*math.Sqrt(size)+z2*math.Sqrt(room))/(size+z2*z2))
}

// power is the chance of finding a drop at which a drop counts as detectable.
const power = 0.8
