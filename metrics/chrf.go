package metrics

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// CHRF computes chrF as sacreBLEU 1.5.0 does, from character n-grams only (chrF++ came later), on the scale of 0 to 1;
// the zero value has its defaults. Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015;
// source: sacrebleu/metrics/chrf.py of mjpost/sacrebleu at v1.5.0.
type CHRF struct {
	// Order is the longest n-gram, 6 where 0. Beta weighs recall against precision, 2 where 0.
	Order int
	Beta  float64
	// KeepSpace counts white space as characters; by default it is removed.
	KeepSpace bool
}

func (c CHRF) order() int {
	if c.Order == 0 {
		return 6
	}
	return c.Order
}

func (c CHRF) beta() float64 {
	if c.Beta == 0 {
		return 2
	}
	return c.Beta
}

// Metric returns chrF as a metric. The statistic is, for every order, {hypothesis n-grams, reference n-grams, common
// n-grams}. Only the first target counts. The standard error is the LM evaluation harness's bootstrap.
func (c CHRF) Metric() Metric {
	space := "no"
	if c.KeepSpace {
		space = "yes"
	}
	corpus := func(sum Stat, _ int) float64 { return c.score(sum) }
	width := 3 * c.order()
	return Metric{
		Name:      "chrf",
		Signature: fmt.Sprintf("nrefs:1|case:mixed|nc:%d|nw:0|beta:%g|space:%s|version:1.5.0", c.order(), c.beta(), space),
		Max:       1,
		Width:     width,
		Each:      func(output string, targets []string) Stat { return c.stats(output, targets[0]) },
		Corpus:    corpus,
		StdErr:    func(stats []Stat) float64 { return bootstrapStdErr(stats, width, corpus) },
	}
}

// stats counts the n-grams of one segment.
func (c CHRF) stats(hypothesis, reference string) Stat {
	if !c.KeepSpace {
		hypothesis = strings.Join(pytext.Fields(hypothesis), "")
		reference = strings.Join(pytext.Fields(reference), "")
	}
	stat := make(Stat, 0, 3*c.order())
	for n := 1; n <= c.order(); n++ {
		h, hTotal := charNgrams(hypothesis, n)
		r, rTotal := charNgrams(reference, n)
		common := 0
		for gram, count := range h {
			common += min(count, r[gram])
		}
		stat = append(stat, float64(hTotal), float64(rTotal), float64(common))
	}
	return stat
}

// charNgrams counts the n-grams of code points of one order.
func charNgrams(text string, n int) (counts map[string]int, total int) {
	counts = make(map[string]int)
	starts := make([]int, 0, len(text)+1) // byte offsets of the code points: n-grams are substrings
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	for i := 0; i+n < len(starts); i++ {
		counts[text[starts[i]:starts[i+n]]]++
		total++
	}
	return counts, total
}

// score averages precision and recall over the orders that both sides are long enough for.
func (c CHRF) score(sum Stat) float64 {
	var precision, recall, orders float64
	for n := range c.order() {
		h, r, common := sum[3*n], sum[3*n+1], sum[3*n+2]
		if h > 0 && r > 0 {
			precision += common / h
			recall += common / r
			orders++
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision /= orders
	recall /= orders
	weight := c.beta() * c.beta()
	return (1 + weight) * (precision * recall) / (float64(weight*precision) + recall)
}
