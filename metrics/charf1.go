package metrics

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// charF1Bits is the exponent of the unit in which score/100 is a whole number: the smallest score, 0.01, lies in
// [2^-7, 2^-6) and has 52 bits after its first, so every double 0.01 to 1.00 is a multiple of 2^-59.
const charF1Bits = 59

// CharF1 is llm-jp-eval's char_f1, which is not an F1: the mean over documents of fuzzywuzzy 0.18.0's token_sort_ratio
// of prediction and target, over 100. Source: llm-jp-eval/scripts/evaluate_llm.py of swallow-llm/swallow-evaluation
// at 570bf6a, with the ratio of Levenshtein 0.21.1. Only the first target counts.
//
// The reference averages the doubles score/100.0 with statistics.mean, an exact rational sum that is rounded once. So
// that the sum of statistics says as much, the statistic is {score, e}: score is the whole percentage and e the error
// of its double, e = 100*a - score*2^59 where score/100.0 = a/2^59. Both are small whole numbers and add exactly, and
// the mean is (sum score * 2^59 + sum e) / (n * 100 * 2^59).
//
// The reference gives no standard error; the one here is that of a mean.
func CharF1() Metric {
	return Metric{
		Name: "char_f1",
		Signature: "nrefs:1|case:lc|norm:nfkc|tok:nonword-sorted|latin1:deleted|ratio:indel|round:percent-half-even|" +
			"version:llm-jp-eval-1.1.1+fuzzywuzzy-0.18.0+levenshtein-0.21.1",
		Max:   1,
		Width: 2,
		Each: func(output string, targets []string) Stat {
			return charF1Stat(TokenSortRatio(output, targets[0]))
		},
		Corpus: func(sum Stat, n int) float64 {
			one := new(big.Int).Lsh(big.NewInt(1), charF1Bits)
			num := new(big.Int).Mul(big.NewInt(int64(sum[0])), one)
			num.Add(num, big.NewInt(int64(sum[1])))
			den := new(big.Int).Mul(one, big.NewInt(100*int64(n)))
			v, _ := new(big.Rat).SetFrac(num, den).Float64()
			return v
		},
		StdErr: func(stats []Stat) float64 {
			values := column(stats, 0)
			for i := range values {
				values[i] /= 100
			}
			return meanStdErr(values)
		},
	}
}

// charF1Stat is the statistic of one document's whole percentage.
func charF1Stat(score int) Stat {
	a := uint64(math.Ldexp(float64(score)/100, charF1Bits))
	// Both terms may exceed 64 bits, but their difference is small, and arithmetic modulo 2^64 gives it.
	e := int64(100*a - uint64(score)<<charF1Bits)
	return Stat{float64(score), float64(e)}
}

// TokenSortRatio is fuzzywuzzy 0.18.0's token_sort_ratio with its defaults: 0 to 100, symmetric, and 100 for two texts
// of which nothing is left after processing.
func TokenSortRatio(a, b string) int {
	a, b = sortedTokens(a), sortedTokens(b)
	switch {
	case a == b:
		return 100
	case a == "" || b == "":
		return 0
	}
	x, y := []rune(a), []rune(b)
	total := len(x) + len(y)
	return indelPercent(total, total-2*longestCommonSubsequence(x, y))
}

// indelPercent is the rounded ratio of two texts of total code points that distance insertions and deletions part.
// Levenshtein 0.21.1 computes 1-d/L; its C predecessor computed (L-d)/L, which differs by a point where the ratio is
// a half and L a multiple of 80.
func indelPercent(total, distance int) int {
	return int(math.RoundToEven(100 * (1.0 - float64(distance)/float64(total))))
}

// sortedTokens is fuzzywuzzy's processing of one text: delete U+0080 to U+00FF (all that its "force ASCII" does on
// Python 3), blank whatever is not a word character, lower-case, and sort the words by code point.
func sortedTokens(s string) string {
	blanked := strings.Map(func(r rune) rune {
		switch {
		case 0x80 <= r && r <= 0xff:
			return -1
		case !pytext.IsWord(r):
			return ' '
		}
		return r
	}, s)
	tokens := pytext.Fields(pytext.Lower(blanked))
	slices.Sort(tokens) // the order of UTF-8 bytes is the order of code points
	return strings.Join(tokens, " ")
}

// longestCommonSubsequence returns the length of the longest subsequence that a and b share.
func longestCommonSubsequence(a, b []rune) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// CharF113 is CharF1 of llm-jp-eval 1.3.0 (swallow-llm/swallow-evaluation at 635f5a8), which computes the same.
func CharF113() Metric {
	m := CharF1()
	m.Signature = strings.Replace(m.Signature, "llm-jp-eval-1.1.1", "llm-jp-eval-1.3.0", 1)
	return m
}
