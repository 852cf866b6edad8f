package metrics

import (
	"math"

	"github.com/swallow-eval/swallow-eval/fewshot"
)

// bootstrapRounds is how often the harnesses resample a corpus.
const bootstrapRounds = 1000

// bootstrapStdErr is the LM evaluation harness's standard error of a corpus metric: the sample standard deviation of
// the metric over 1000 resamples with replacement, drawn by one random.Random seeded with 0. Source:
// lm_eval/metrics.py of Stability AI's JP fork at 9b42d41, whose one chunk of work is 1000 rounds. It is NaN below two
// documents.
func bootstrapStdErr(stats []Stat, width int, corpus func(sum Stat, n int) float64) float64 {
	n := len(stats)
	if n < 2 {
		return math.NaN()
	}
	return sampleStdDev(bootstrap(stats, width, corpus, bootstrapRounds))
}

// bootstrap returns the metric of the first rounds resamples.
func bootstrap(stats []Stat, width int, corpus func(sum Stat, n int) float64, rounds int) []float64 {
	random := fewshot.New(0)
	scores := make([]float64, rounds)
	for round := range scores {
		sum := make(Stat, width)
		for _, i := range random.Choices(len(stats), len(stats)) {
			sum.Add(stats[i])
		}
		scores[round] = corpus(sum, len(stats))
	}
	return scores
}
