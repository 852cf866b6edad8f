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
