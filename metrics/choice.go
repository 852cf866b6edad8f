package metrics

import (
	"math"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// ArgMax returns the index of the largest value as numpy.argmax does: the first of equals wins, and the first NaN beats
// every number. values must not be empty.
func ArgMax(values []float64) int {
	best := 0
	for i, v := range values {
		if math.IsNaN(values[best]) {
			break
		}
		if math.IsNaN(v) || v > values[best] {
			best = i
		}
	}
	return best
}

// PerCodePoint divides each choice's log-likelihood by the choice's length in code points, the quantity whose argmax
// acc_norm takes. The blank that joins a choice to its prompt does not count. As in numpy an empty choice gives -Inf, or
// NaN where its log-likelihood is zero.
func PerCodePoint(logLikelihoods []float64, choices []string) []float64 {
	out := make([]float64, len(choices))
	for i, choice := range choices {
		out[i] = logLikelihoods[i] / float64(pytext.Len(choice))
	}
	return out
}

// CutAtStops returns what precedes the first occurrence of each stop string, cutting for one after another in order, as
// the harnesses' greedy_until does; its list ends in the text of the model's end token. An empty stop string cuts
// nothing.
func CutAtStops(text string, stops []string) string {
	for _, stop := range stops {
		if stop != "" {
			text, _, _ = strings.Cut(text, stop)
		}
	}
	return text
}
