package metrics

import (
	"cmp"
	"slices"
	"strings"
)

// squadSignature names what all the SQuAD metrics share. The threshold is the reference's default, which no probability
// exceeds.
const squadSignature = "nrefs:var|case:lc|punct:no|articles:no|thr:1|version:hf-squad_v2-2.14.5"

// SQuAD2 returns the metrics of SQuAD 2.0 as EleutherAI's harness reports them, in its order, on the scale of 0 to 100:
// exact, f1, HasAns_exact, HasAns_f1, NoAns_exact, NoAns_f1, best_exact, best_f1. Sources: lm_eval/tasks/squad.py at
// 3ccea2b; metrics/squad_v2 of huggingface/datasets at 2.14.5.
//
// The first six score the answer's text; a question without answer has the one target "". The last two look for the
// probability above which to abstain, so their output is SQuADPrediction.Output. The text " unanswerable" that the
// harness's examples teach earns nothing on an unanswerable question: only text that normalises to nothing does.
//
// The reference gives no standard errors; those here are of a mean, and the best_* have none.
func SQuAD2() []Metric {
	exact := func(s SQuADScore) float64 { return s.Exact }
	f1 := func(s SQuADScore) float64 { return s.F1 }
	return []Metric{
		squadMean("exact", exact),
		squadMean("f1", f1),
		squadSubset("HasAns_exact", exact, true),
		squadSubset("HasAns_f1", f1, true),
		squadSubset("NoAns_exact", exact, false),
		squadSubset("NoAns_f1", f1, false),
		squadBest("best_exact", exact),
		squadBest("best_f1", f1),
	}
}

// SQuAD204 are the same metrics as lm-eval 0.4.2 reports them (lm_eval/tasks/squadv2/task.py of EleutherAI/lm-evaluation-harness at
// 4600d6b, metrics/squad_v2 of huggingface/evaluate at a7dd338), which has moved but not changed.
func SQuAD204() []Metric {
	all := SQuAD2()
	for i := range all {
		all[i].Signature = strings.Replace(all[i].Signature, "version:hf-squad_v2-2.14.5", "version:lm-eval-0.4.2+evaluate-a7dd338", 1)
	}
	return all
}

// squadAnswers undoes the convention that a question without answer has the one target "".
func squadAnswers(targets []string) []string {
	if len(targets) == 1 && targets[0] == "" {
		return nil
	}
	return targets
}

// squadMean is the mean over all questions: Stat{score}.
func squadMean(name string, of func(SQuADScore) float64) Metric {
	return Metric{
		Name:      name,
		Signature: squadSignature,
		Max:       100,
		Width:     1,
		Each: func(output string, targets []string) Stat {
			return Stat{of(ScoreSQuAD(SQuADPrediction{Text: output}, squadAnswers(targets), 1))}
		},
		Corpus: func(sum Stat, n int) float64 { return 100 * sum[0] / float64(n) },
		StdErr: func(stats []Stat) float64 { return 100 * meanStdErr(column(stats, 0)) },
	}
}

// squadSubset is the mean over the questions with an answer, or those without: Stat{score, 1} inside, Stat{0, 0}
// outside. It has no number where there are none; the reference leaves it out, too, and the harness then reports 0.
func squadSubset(name string, of func(SQuADScore) float64, answerable bool) Metric {
	all := squadMean(name, of)
	m := all
	m.Width, m.Subset = 2, true
	m.Each = func(output string, targets []string) Stat {
		if (len(squadAnswers(targets)) > 0) != answerable {
			return Stat{0, 0}
		}
		return Stat{all.Each(output, targets)[0], 1}
	}
	m.Corpus = func(sum Stat, _ int) float64 {
		if sum[1] == 0 {
			return 0
		}
		return 100 * sum[0] / sum[1]
	}
	m.StdErr = func(stats []Stat) float64 {
		return all.StdErr(slices.DeleteFunc(slices.Clone(stats), func(s Stat) bool { return s[1] == 0 }))
	}
	return m
}

// The components of the statistic that the search for a threshold needs.
const (
	squadProbability = iota // of no answer, rounded to float32
	squadAnswerable         // 1 where the question has an answer
	squadRaw                // the score without a threshold
	squadSpoken             // 1 where the prediction's text is not empty
	squadBestWidth
)

// squadBest is the best score that a threshold on the probability could reach. Corpus is the score without one.
func squadBest(name string, of func(SQuADScore) float64) Metric {
	return Metric{
		Name:      name,
		Signature: squadSignature,
		Max:       100,
		Width:     squadBestWidth,
		Each: func(output string, targets []string) Stat {
			p, err := ParseSQuADPrediction(output)
			if err != nil {
				return notANumber(squadBestWidth)
			}
			return squadBestStat(p, squadAnswers(targets), of)
		},
		Corpus: func(sum Stat, n int) float64 { return 100 * sum[squadRaw] / float64(n) },
		CorpusOf: func(stats []Stat) float64 {
			best, _ := BestSQuADThreshold(stats)
			return best
		},
	}
}

func squadBestStat(p SQuADPrediction, answers []string, of func(SQuADScore) float64) Stat {
	flag := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	// Above every probability: the threshold must not touch the raw score.
	raw := of(ScoreSQuAD(SQuADPrediction{Text: p.Text}, answers, 1))
	return Stat{float64(float32(p.NoAnswer)), flag(len(answers) > 0), raw, flag(p.Text != "")}
}

// BestSQuADThreshold walks the questions by ascending probability of no answer, abstaining from all those not yet
// passed, and returns the best score on the way, 0 to 100, and the probability where it was reached (0 for abstaining
// from all). Ties keep the evaluation order. The statistics are those of best_exact or best_f1. An unanswerable question
// that the model answers with any text costs a point, even one that normalises to nothing.
func BestSQuADThreshold(stats []Stat) (score, threshold float64) {
	current := 0.0
	for _, s := range stats {
		current += 1 - s[squadAnswerable]
	}
	best := current
	ascending := slices.Clone(stats)
	slices.SortStableFunc(ascending, func(a, b Stat) int { return cmp.Compare(a[squadProbability], b[squadProbability]) })
	for _, s := range ascending {
		if s[squadAnswerable] == 1 {
			current += s[squadRaw]
		} else {
			current -= s[squadSpoken]
		}
		if current > best {
			best, threshold = current, s[squadProbability]
		}
	}
	return 100 * best / float64(len(stats)), threshold
}
