package file

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// The metrics of lm-eval 0.4 (lm_eval/api/{metrics,task}.py at 4e7e0d4), over what Outputs leaves of the answers.

// share is a mean of judgements.
func share(signature string, each func(output string, targets []string) float64) metrics.Metric {
	m := metrics.Accuracy("")
	m.Signature = signature
	m.Each = func(output string, targets []string) metrics.Stat { return metrics.Stat{each(output, targets)} }
	return m
}

// judged is the mean of outputs that equal a target: the index of a choice, or "1".
func judged(signature string) metrics.Metric {
	return share(signature, func(output string, targets []string) float64 {
		if output == right {
			return 1
		}
		for _, t := range targets {
			if t == output {
				return 1
			}
		}
		return 0
	})
}

// right and wrong are outputs that were judged already.
const (
	right = "right"
	wrong = "wrong"
)

// exactMatch compares texts after what is to be ignored is gone (exact_match_hf_evaluate).
func exactMatch(o python.Object, f Pipeline) (metrics.Metric, error) {
	clean, err := newCleaner(o, false)
	if err == nil {
		err = onlyKeys(o, "ignore_case", "ignore_punctuation", "ignore_numbers", "regexes_to_ignore")
	}
	if err == nil && f.list && clean.ignore != nil {
		err = fmt.Errorf("regexes_to_ignore needs one text: the filter %s leaves a list, take_first is missing", f.Name)
	}
	if err != nil {
		return metrics.Metric{}, fmt.Errorf("exact_match: %w", err)
	}
	cleaned := func(s string) string {
		s, err := clean.text(s)
		if err != nil {
			panic(err) // an expression that takes too long over this text: the document's error
		}
		return s
	}
	var signature strings.Builder
	signature.WriteString("metric:exact_match")
	for _, s := range o {
		signature.WriteString("|" + s.Name + ":" + string(python.Append(nil, s.Value, 0)))
	}
	signature.WriteString("|version:lm-eval-0.4.13")
	return share(signature.String(), func(output string, targets []string) float64 {
		outputs := []string{output}
		if f.list {
			outputs = nil
			if err := json.Unmarshal([]byte(output), &outputs); err != nil {
				panic(fmt.Errorf("output %q is no list: %w", output, err))
			}
		}
		best := 0.0
		for _, t := range targets {
			hits := 0
			for _, out := range outputs {
				if cleaned(out) == cleaned(t) {
					hits++
				}
			}
			best = max(best, float64(hits)/float64(len(outputs)))
		}
		return best
	}), nil
}

// number is an output that is a number.
func number(output string) float64 {
	v, err := strconv.ParseFloat(output, 64)
	if err != nil {
		panic(fmt.Errorf("output %q is no number", output))
	}
	return v
}

// bootstrapRounds is lm-eval's number of resamples, in chunks that each have a generator of their own.
const (
	bootstrapRounds = 100_000
	bootstrapChunk  = 1000
)

// perplexity is exp(-mean of the log-likelihoods).
func perplexity(signature string) metrics.Metric {
	value := func(sum, n float64) float64 { return math.Exp(-(sum / n)) }
	return metrics.Metric{
		Signature: signature, Max: 1, LowerIsBetter: true, Width: 1,
		Each:   func(output string, _ []string) metrics.Stat { return metrics.Stat{number(output)} },
		Corpus: func(sum metrics.Stat, n int) float64 { return value(sum[0], float64(n)) },
		StdErr: func(stats []metrics.Stat) float64 {
			n := len(stats)
			if n < 2 {
				return math.NaN()
			}
			scores := make([]float64, 0, bootstrapRounds)
			for chunk := range bootstrapRounds / bootstrapChunk {
				random := fewshot.New(int64(chunk))
				for range bootstrapChunk {
					sum := 0.0
					for _, i := range random.Choices(n, n) {
						sum += stats[i][0]
					}
					scores = append(scores, value(sum, float64(n)))
				}
			}
			return deviation(scores)
		},
	}
}

// deviation is lm-eval's sample_stddev.
func deviation(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	mu, squares := sum/float64(len(values)), 0.0
	for _, v := range values {
		d := v - mu
		squares += float64(d * d)
	}
	return math.Sqrt(squares / float64(len(values)-1))
}

// weighted is a perplexity by word or byte of the text, or the bits of a byte.
func weighted(name, signature string) metrics.Metric {
	units := func(text string) float64 { return float64(len(text)) }
	if name == "word_perplexity" {
		units = words
	}
	m := metrics.Metric{
		Signature: signature, Max: 1, LowerIsBetter: true, Width: 2,
		Each: func(output string, targets []string) metrics.Stat {
			return metrics.Stat{number(output), units(targets[0])}
		},
		Corpus: func(sum metrics.Stat, _ int) float64 { return math.Exp(-(sum[0] / sum[1])) },
	}
	if name == "bits_per_byte" {
		m.Corpus = func(sum metrics.Stat, _ int) float64 { return -(sum[0] / sum[1]) / math.Ln2 }
	}
	return m
}

// words is len(re.split(r"\s+", text)): empty texts at the ends count.
func words(text string) float64 {
	n, space := 1, false
	for _, r := range text {
		is := pytext.IsSpace(r)
		if is && !space {
			n++
		}
		space = is
	}
	return float64(n)
}

// classes is F1 of class 1, or Matthews' correlation, of predicted and true classes.
func classes(name, signature string) metrics.Metric {
	score := fOne
	if name == "mcc" {
		score = matthews
	}
	return metrics.Metric{
		Signature: signature, Max: 1, Width: 2,
		Each: func(output string, targets []string) metrics.Stat {
			return metrics.Stat{number(targets[0]), number(output)}
		},
		Corpus:   func(metrics.Stat, int) float64 { return 0 }, // no function of the sum
		CorpusOf: score,
	}
}

func fOne(stats []metrics.Stat) float64 {
	both, either := 0.0, 0.0
	for _, s := range stats {
		if s[0] == 1 && s[1] == 1 {
			both += 2
		}
		if s[0] == 1 {
			either++
		}
		if s[1] == 1 {
			either++
		}
	}
	if either == 0 {
		return 0
	}
	return both / either
}

// matthews is the correlation of several classes (Gorodkin 2004), 0 where it is undefined.
func matthews(stats []metrics.Stat) float64 {
	golds, predicted := map[float64]float64{}, map[float64]float64{}
	correct, n := 0.0, float64(len(stats))
	for _, s := range stats {
		golds[s[0]]++
		predicted[s[1]]++
		if s[0] == s[1] {
			correct++
		}
	}
	cross, gg, pp := 0.0, 0.0, 0.0
	for k, g := range golds {
		cross += g * predicted[k]
		gg += g * g
	}
	for _, p := range predicted {
		pp += p * p
	}
	under := (n*n - pp) * (n*n - gg)
	if under == 0 {
		return 0
	}
	return (correct*n - cross) / math.Sqrt(under)
}

// best is numpy's argmax: the first of the greatest, and the first that is no number before all.
func best(values []float64) int {
	at := 0
	for i, v := range values {
		if math.IsNaN(v) {
			return i
		}
		if v > values[at] {
			at = i
		}
	}
	return at
}

// divided are log-likelihoods by the length of their choices.
func divided(values []float64, choices []string, length func(string) int) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v / float64(length(choices[i]))
	}
	return out
}

func runes(s string) int { return utf8.RuneCountInString(s) }
func size(s string) int  { return len(s) }

// spaceAt says whether a text begins (or ends) with white space.
func spaceAtStart(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && pytext.IsSpace(r)
}

func spaceAtEnd(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	return n > 0 && pytext.IsSpace(r)
}
