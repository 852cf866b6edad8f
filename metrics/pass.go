package metrics

import (
	"fmt"
	"strconv"
	"strings"
)

// Passes is the output of a document whose answers were run as programs: how many of them passed, of how many.
func Passes(passed, of int) string { return fmt.Sprintf("%d/%d", passed, of) }

// PassAt estimates the chance that one of k answers passes from n answers of which c do: 1 - C(n-c,k)/C(n,k), without bias (Chen et al. 2021),
// as the product 1 - (1 - k/(n-c+1))...(1 - k/n) of bigcode-evaluation-harness at 0261c52
// (bigcode_eval/tasks/custom_metrics/code_eval.py). Its outputs are those of Passes; any other, and fewer than k answers, score 0. The standard error is
// that of a mean over documents.
func PassAt(k int) Metric {
	return Metric{
		Name:      "pass@" + strconv.Itoa(k),
		Signature: "k:" + strconv.Itoa(k) + "|est:unbiased|version:bigcode-0261c52",
		Max:       1,
		Width:     1,
		Each: func(output string, _ []string) Stat {
			c, n, ok := passes(output)
			if !ok || n < k {
				return Stat{0}
			}
			return Stat{passAt(n, c, k)}
		},
		Corpus: func(sum Stat, n int) float64 { return sum[0] / float64(n) },
		StdErr: func(stats []Stat) float64 { return meanStdErr(column(stats, 0)) },
	}
}

// passes reads what Passes wrote.
func passes(output string) (c, n int, ok bool) {
	passed, of, found := strings.Cut(output, "/")
	c, err := strconv.Atoi(passed)
	n, err2 := strconv.Atoi(of)
	return c, n, found && err == nil && err2 == nil && 0 <= c && c <= n
}

func passAt(n, c, k int) float64 {
	if n-c < k {
		return 1
	}
	missed := 1.0
	for i := n - c + 1; i <= n; i++ {
		missed = float64(missed * (1 - float64(k)/float64(i)))
	}
	return 1 - missed
}
