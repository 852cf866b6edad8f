package metrics

import (
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// rougeSeed seeds the bootstrap of the ROUGE score: the JP harness's numpy.random.seed at start.
const rougeSeed = 1234

// The components of a ROUGE statistic.
const (
	rougePrecision = iota
	rougeRecall
	rougeF1
	rougeWidth
)

// Rouge2 is ROUGE-2 as the JP harness reports it for XL-Sum: rouge_score's F1 of bigrams of pieces, the median of its
// bootstrap aggregator, on the scale of 0 to 100. name names the pieces in the signature; the published column takes
// the pieces of the model's own tokenizer, so it cannot be compared between vocabularies. Sources: lm_eval/tasks/ja/xlsum_ja.py
// of Stability AI's fork at 9b42d41; rouge_scorer.py and scoring.py of google-research's rouge_score.
//
// The statistic is {precision, recall, F1} on the scale of 0 to 1. The score is not a function of their sum but of the
// documents in order, since the aggregator draws their numbers from a seeded generator; Corpus is the plain mean of F1,
// from which the median differs by less than 0.1. There is no standard error: the reference has none, and that of the
// mean would not be the median's.
func Rouge2(name string, pieces func(text string) []string) Metric {
	return Metric{
		Name:      "rouge2",
		Signature: "nrefs:1|case:tok|tok:" + name + "|agg:median|bs:1000|rs:1234|version:rouge-score",
		Max:       100,
		Width:     rougeWidth,
		Each: func(output string, targets []string) Stat {
			return rouge2(bigrams(pieces(targets[0])), bigrams(pieces(output)))
		},
		Corpus:   func(sum Stat, n int) float64 { return 100 * sum[rougeF1] / float64(n) },
		CorpusOf: func(stats []Stat) float64 { return 100 * percentile(bootstrapMeans(stats, rougeF1), 50) },
	}
}

// Rouge2OfModel is Rouge2 over the pieces of the model's own tokenizer, to which it is bound late.
func Rouge2OfModel() Metric {
	m := Rouge2(modelPieces, nil)
	m.Each, m.Needs = nil, ModelPieces
	m.Late = func(e Env) (func(string, []string) Stat, string) {
		if e.Pieces == nil {
			return nil, ""
		}
		bound := Rouge2(modelPieces, e.Pieces)
		return bound.Each, WithPieces(bound.Signature, e.PiecesDigest)
	}
	return m
}

// bigrams counts the pairs of neighbouring pieces.
func bigrams(pieces []string) map[[2]string]int {
	counts := make(map[[2]string]int)
	for i := 1; i < len(pieces); i++ {
		counts[[2]string{pieces[i-1], pieces[i]}]++
	}
	return counts
}

// rouge2 scores one document; fewer than two pieces on either side give zero.
func rouge2(target, prediction map[[2]string]int) Stat {
	hits, targets, predictions := 0, 0, 0
	for gram, n := range target {
		hits += min(n, prediction[gram])
		targets += n
	}
	for _, n := range prediction {
		predictions += n
	}
	precision := float64(hits) / float64(max(predictions, 1))
	recall := float64(hits) / float64(max(targets, 1))
	f1 := 0.0
	if precision+recall > 0 {
		f1 = 2 * precision * recall / (precision + recall)
	}
	return Stat{precision, recall, f1}
}

// bootstrapMeans returns the means of one component over 1000 resamples, drawn as rouge_score's BootstrapAggregator
// draws them from numpy's global generator.
func bootstrapMeans(stats []Stat, component int) []float64 {
	random := fewshot.NewRandomState(rougeSeed)
	values := column(stats, component)
	means, sample := make([]float64, bootstrapRounds), make([]float64, len(values))
	for round := range means {
		for i, pick := range random.Choice(len(values), len(values)) {
			sample[i] = values[pick]
		}
		means[round] = mean(sample)
	}
	return means
}

// percentile is numpy.percentile with linear interpolation, q from 0 to 100. It interpolates from the nearer
// neighbour, as numpy does to be exact at both.
func percentile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q / 100 * float64(len(sorted)-1)
	low := math.Floor(at)
	i := int(low)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	t := at - low
	a, b := sorted[i], sorted[i+1]
	if t >= 0.5 {
		return b - float64((b-a)*(1-t))
	}
	return a + float64((b-a)*t)
}

// RougeWords are the tokens of rouge_score's own tokenizer, without stemming: runs of ASCII letters and digits,
// lower-cased. Japanese text has none.
func RougeWords(text string) []string {
	return strings.FieldsFunc(pytext.Lower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// CodePoints returns the code points of text, one piece each.
func CodePoints(text string) []string { return strings.Split(text, "") }
