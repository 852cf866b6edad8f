package metrics

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// ErrNoReference is returned where a segment has no reference that is not empty. sacreBLEU raises EOFError there.
var ErrNoReference = errors.New("no valid reference for the segment")

// bleuOrder is the longest n-gram that BLEU counts.
const bleuOrder = 4

// Smoothing is what BLEU does about an order in which no n-gram matches.
type Smoothing string

// sacreBLEU's smoothing methods. Exp halves a made-up match for every such order, Floor counts a small constant, AddK
// adds a constant to matches and totals of every order above one.
const (
	SmoothExp   Smoothing = "exp"
	SmoothFloor Smoothing = "floor"
	SmoothAddK  Smoothing = "add-k"
	SmoothNone  Smoothing = "none"
)

// BLEU computes BLEU as sacreBLEU 1.5.0 does; the zero value has its defaults for a corpus. Papineni et al., "BLEU: a
// Method for Automatic Evaluation of Machine Translation", ACL 2002; source: sacrebleu/metrics/bleu.py of
// mjpost/sacrebleu at v1.5.0.
type BLEU struct {
	// Tokenizer splits hypotheses and references; 13a where it has no function.
	Tokenizer Tokenizer
	// Smoothing defaults to exp. Value is its constant where it has one; 0 means the default, 0.1 for floor and 1 for add-k.
	Smoothing Smoothing
	Value     float64
	// Lowercase folds case before tokenization.
	Lowercase bool
	// EffectiveOrder averages over the orders that the hypotheses are long enough for, not over all four. It is
	// sacreBLEU's default for single sentences.
	EffectiveOrder bool
}

// BLEUScore is a BLEU score with its parts.
type BLEUScore struct {
	// Score and Precisions are on the scale of 0 to 100.
	Score      float64
	Precisions [bleuOrder]float64
	// Counts are the clipped n-gram matches and Totals the hypotheses' n-grams by order, smoothing constants included.
	Counts, Totals [bleuOrder]float64
	// BrevityPenalty is at most 1.
	BrevityPenalty float64
	// HypothesisLength and ReferenceLength count tokens; of several references the closest in length counts.
	HypothesisLength, ReferenceLength float64
}

// The layout of a BLEU statistic.
const (
	bleuHypothesis = 0
	bleuReference  = 1
	bleuCounts     = 2
	bleuTotals     = bleuCounts + bleuOrder
	bleuWidth      = bleuTotals + bleuOrder
)

// Metric returns BLEU as a metric. The statistic is {hypothesis length, reference length, 4 match counts, 4 totals}; a
// segment without reference, on which sacreBLEU fails, makes it and the score NaN. The standard error is the LM
// evaluation harness's bootstrap.
func (b BLEU) Metric() Metric {
	corpus := func(sum Stat, _ int) float64 { return b.Score(sum).Score }
	return Metric{
		Name:      "bleu",
		Signature: b.signature(),
		Max:       100,
		Width:     bleuWidth,
		Each: func(output string, targets []string) Stat {
			stat, err := b.Stats(output, targets)
			if err != nil {
				return notANumber(bleuWidth)
			}
			return stat
		},
		Corpus: corpus,
		StdErr: func(stats []Stat) float64 { return bootstrapStdErr(stats, bleuWidth, corpus) },
	}
}

// notANumber is a statistic that no score can be made of.
func notANumber(width int) Stat {
	s := make(Stat, width)
	for i := range s {
		s[i] = math.NaN()
	}
	return s
}

// tokenizer returns the tokenizer in force.
func (b BLEU) tokenizer() Tokenizer {
	if b.Tokenizer.Tokenize == nil {
		return Tokenizers()[0]
	}
	return b.Tokenizer
}

// smoothing returns the method in force and its constant.
func (b BLEU) smoothing() (method Smoothing, value float64) {
	method, value = b.Smoothing, b.Value
	if method == "" {
		method = SmoothExp
	}
	switch {
	case value != 0:
	case method == SmoothFloor:
		value = 0.1
	case method == SmoothAddK:
		value = 1
	}
	return method, value
}

func (b BLEU) signature() string {
	caseMode, effective := "mixed", "no"
	if b.Lowercase {
		caseMode = "lc"
	}
	if b.EffectiveOrder {
		effective = "yes"
	}
	method, value := b.smoothing()
	smooth := string(method)
	if method == SmoothFloor || method == SmoothAddK {
		smooth = fmt.Sprintf("%s[%.2f]", method, value)
	}
	return fmt.Sprintf("nrefs:1|case:%s|eff:%s|tok:%s|smooth:%s|version:1.5.0", caseMode, effective, b.tokenizer().Name, smooth)
}

// Stats returns one segment's statistic. Empty references do not count; ErrNoReference says that none is left.
func (b BLEU) Stats(hypothesis string, references []string) (Stat, error) {
	output, length := ngrams(b.tokenize(hypothesis))
	stat := make(Stat, bleuWidth)
	stat[bleuHypothesis] = float64(length)
	best := make(map[string]int)
	closest, found := 0, false
	for _, reference := range references {
		if reference == "" {
			continue
		}
		counts, n := ngrams(b.tokenize(reference))
		if d, least := abs(length-n), abs(length-closest); !found || d < least || d == least && n < closest {
			closest, found = n, true
		}
		for gram, c := range counts {
			best[gram] = max(best[gram], c)
		}
	}
	if !found {
		return nil, ErrNoReference
	}
	stat[bleuReference] = float64(closest)
	for gram, c := range output {
		stat[bleuCounts+strings.Count(gram, " ")] += float64(min(c, best[gram]))
	}
	for n := range bleuOrder {
		stat[bleuTotals+n] = float64(max(length-n, 0))
	}
	return stat, nil
}

// tokenize prepares one line and returns its tokens.
func (b BLEU) tokenize(line string) []string {
	if b.Lowercase {
		line = pytext.Lower(line)
	}
	return pytext.Fields(b.tokenizer().Tokenize(pytext.StripRight(line)))
}

// ngrams counts the n-grams of order 1 to 4, each with its tokens joined by a space, and returns the number of tokens.
func ngrams(tokens []string) (counts map[string]int, length int) {
	counts = make(map[string]int)
	line := strings.Join(tokens, " ") // n-grams are substrings of it, so counting does not copy them
	start := 0
	for i, token := range tokens {
		end := start
		for n := 0; n < bleuOrder && i+n < len(tokens); n++ {
			if n > 0 {
				end++
			}
			end += len(tokens[i+n])
			counts[line[start:end]]++
		}
		start += len(token) + 1
	}
	return counts, len(tokens)
}

// Score turns a sum of statistics into the score. For the statistic of one segment it is sacreBLEU's sentence score.
func (b BLEU) Score(sum Stat) BLEUScore {
	method, value := b.smoothing()
	s := BLEUScore{HypothesisLength: sum[bleuHypothesis], ReferenceLength: sum[bleuReference], BrevityPenalty: 1}
	copy(s.Counts[:], sum[bleuCounts:bleuTotals])
	copy(s.Totals[:], sum[bleuTotals:])
	if s.HypothesisLength < s.ReferenceLength {
		s.BrevityPenalty = 0
		if s.HypothesisLength > 0 {
			s.BrevityPenalty = math.Exp(1 - s.ReferenceLength/s.HypothesisLength)
		}
	}
	order, made := bleuOrder, 1.0
	for n := range bleuOrder {
		if method == SmoothAddK && n > 0 {
			s.Counts[n] += value
			s.Totals[n] += value
		}
		if s.Totals[n] == 0 {
			break
		}
		if b.EffectiveOrder {
			order = n + 1
		}
		switch {
		case s.Counts[n] != 0:
			s.Precisions[n] = 100 * s.Counts[n] / s.Totals[n]
		case method == SmoothExp:
			made *= 2
			s.Precisions[n] = 100 / (made * s.Totals[n])
		case method == SmoothFloor:
			s.Precisions[n] = 100 * value / s.Totals[n]
		}
	}
	var logs float64
	for _, p := range s.Precisions[:order] {
		logs += logOrTiny(p)
	}
	s.Score = s.BrevityPenalty * math.Exp(logs/float64(order))
	return s
}

// logOrTiny is the natural logarithm, with a number for zero that makes any score zero.
func logOrTiny(p float64) float64 {
	if p == 0 {
		return -9999999999
	}
	return math.Log(p)
}

func abs(n int) int { return max(n, -n) }
