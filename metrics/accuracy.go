package metrics

import (
	"math"
	"slices"
)

// Accuracy is the share of outputs that equal one of their targets code point for code point, under the reference's
// name for it ("acc", "acc_norm"). The outputs are what the task decided on: an extracted answer, or the index of the
// best choice. Its value and standard error are those of the LM evaluation harnesses to the last bit: lm_eval/metrics.py
// of EleutherAI at 3ccea2b and Stability AI's JP fork at 9b42d41.
func Accuracy(name string) Metric {
	return share(name, "nrefs:1|case:mixed|version:lm-eval-0.3.0", slices.Contains[[]string])
}

// ExactMatch is llm-jp-eval's exact_match: the share of predictions equal to their target as strings. Both have been
// brought to NFKC before; nothing is stripped or folded here. Source: llm-jp-eval/scripts/evaluate_llm.py of
// swallow-llm/swallow-evaluation at 570bf6a (sklearn's accuracy_score). It reports no standard error; the one here is
// that of a mean.
func ExactMatch() Metric {
	return share("exact_match", "nrefs:1|case:mixed|norm:nfkc|version:llm-jp-eval-1.1.1", slices.Contains[[]string])
}

// share is the mean of a judgement that is true or false: Stat{0 or 1}.
func share(name, signature string, right func(targets []string, output string) bool) Metric {
	return Metric{
		Name:      name,
		Signature: signature,
		Max:       1,
		Width:     1,
		Each: func(output string, targets []string) Stat {
			if right(targets, output) {
				return Stat{1}
			}
			return Stat{0}
		},
		Corpus: func(sum Stat, n int) float64 { return sum[0] / float64(n) },
		StdErr: func(stats []Stat) float64 { return meanStdErr(column(stats, 0)) },
	}
}

// column returns one component of every statistic.
func column(stats []Stat, i int) []float64 {
	values := make([]float64, len(stats))
	for j, s := range stats {
		values[j] = s[i]
	}
	return values
}

// sum adds from left to right in float64, as Python's sum did before version 3.12.
func sum(values []float64) float64 {
	var total float64
	for _, v := range values {
		total += v
	}
	return total
}

// mean is the harnesses' mean: the left-to-right sum over the length.
func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

// sampleStdDev is the harnesses' sample_stddev, with n-1 in the denominator; NaN below two values, where the harness
// dies of a division by zero. The reference squares with C's pow, which glibc rounds wrongly about once in 1400 times
// for the values a mean of zeros and ones gives; the product here is the correctly rounded square.
func sampleStdDev(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	mu := mean(values)
	squares := make([]float64, len(values))
	for i, v := range values {
		d := v - mu
		squares[i] = float64(d * d) // the conversion forbids fusing with a later sum
	}
	return math.Sqrt(sum(squares) / float64(len(values)-1))
}

// meanStdErr is the harnesses' mean_stderr: the standard error of the mean.
func meanStdErr(values []float64) float64 {
	return sampleStdDev(values) / math.Sqrt(float64(len(values)))
}

// ExactMatch13 is ExactMatch of llm-jp-eval 1.3.0 (swallow-llm/swallow-evaluation at 635f5a8), which computes the same.
func ExactMatch13() Metric {
	return share("exact_match", "nrefs:1|case:mixed|norm:nfkc|version:llm-jp-eval-1.3.0", slices.Contains[[]string])
}
