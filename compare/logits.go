package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// LogitDrift is how far two models' distributions of the next token are apart on one fixed text, position by position,
// with the quantities of llama.cpp's perplexity --kl-divergence: it sees a change of arithmetic long before any score does.
type LogitDrift struct {
	Positions  int `json:"positions"`
	Vocabulary int `json:"vocabulary"`
	// KL is the Kullback-Leibler divergence of the new distribution from the base's, in nats a position.
	KL Spread `json:"kl"`
	// DeltaP is the text's own next token's probability, new minus base; RMSDeltaP the root of its mean square.
	DeltaP    Spread  `json:"delta_p"`
	RMSDeltaP float64 `json:"rms_delta_p"`
	// LogProb is the absolute difference of the text's own next token's log-probability, in nats.
	LogProb Spread `json:"logprob"`
	// Top1Agreement is the share of positions whose most probable token is the same, Top1StdErr its binomial error.
	Top1Agreement float64 `json:"top1_agreement"`
	Top1StdErr    float64 `json:"top1_stderr"`
	// BasePerplexity and Perplexity are of the text; LnRatio is the mean of ln(new/base) a position.
	BasePerplexity float64 `json:"base_perplexity"`
	Perplexity     float64 `json:"perplexity"`
	LnRatio        float64 `json:"ln_perplexity_ratio"`
	LnRatioStdErr  float64 `json:"ln_perplexity_ratio_stderr"`
}

// Spread describes a list of numbers.
type Spread struct {
	Mean   float64 `json:"mean"`
	StdErr float64 `json:"stderr"`
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
}

// LogitPairs gathers positions for a LogitDrift.
type LogitPairs struct {
	vocabulary           int
	kl, deltaP, logProbs []float64
	ratios               []float64
	base, other          float64 // sums of the text's log-probabilities
	same                 int
}

// ErrLogits reports logits that no distribution comes of, or of different vocabularies.
var ErrLogits = errors.New("logits cannot be compared")

// Add compares one position: base and other are its logits (vocab), next is the token that the text has there.
func (p *LogitPairs) Add(base, other []float32, next int32) error {
	if len(base) != len(other) || len(base) == 0 || p.vocabulary != 0 && p.vocabulary != len(base) {
		return fmt.Errorf("%w: %d and %d tokens", ErrLogits, len(base), len(other))
	}
	if next < 0 || int(next) >= len(base) {
		return fmt.Errorf("%w: token %d is outside the vocabulary of %d", ErrLogits, next, len(base))
	}
	p.vocabulary = len(base)
	x, y := logSumExp(base), logSumExp(other)
	if math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0) {
		return fmt.Errorf("%w: not finite", ErrLogits)
	}
	kl := 0.0
	for i := range base {
		a, b := float64(base[i])-x, float64(other[i])-y
		kl += float64(math.Exp(a) * (a - b))
	}
	a, b := float64(base[next])-x, float64(other[next])-y
	p.kl = append(p.kl, max(0, kl)) // below 0 is rounding
	p.deltaP = append(p.deltaP, math.Exp(b)-math.Exp(a))
	p.logProbs = append(p.logProbs, math.Abs(b-a))
	p.ratios = append(p.ratios, a-b)
	p.base += a
	p.other += b
	if argMax(base) == argMax(other) {
		p.same++
	}
	return nil
}

// Drift is what the positions say, of which there must be one.
func (p *LogitPairs) Drift() (LogitDrift, error) {
	n := len(p.kl)
	if n == 0 {
		return LogitDrift{}, fmt.Errorf("%w: there are none", ErrLogits)
	}
	d := LogitDrift{
		Positions: n, Vocabulary: p.vocabulary, KL: spread(p.kl), DeltaP: spread(p.deltaP), LogProb: spread(p.logProbs),
		Top1Agreement:  float64(p.same) / float64(n),
		BasePerplexity: math.Exp(-p.base / float64(n)), Perplexity: math.Exp(-p.other / float64(n)),
	}
	d.Top1StdErr = math.Sqrt(d.Top1Agreement * (1 - d.Top1Agreement) / float64(n))
	squares := 0.0
	for _, v := range p.deltaP {
		squares += float64(v * v)
	}
	d.RMSDeltaP = math.Sqrt(squares / float64(n))
	ratio := spread(p.ratios)
	d.LnRatio, d.LnRatioStdErr = ratio.Mean, ratio.StdErr
	return d, nil
}

// logSumExp is ln of the sum of the logits' exponentials.
func logSumExp(logits []float32) float64 {
	largest := float64(slices.Max(logits))
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v) - largest)
	}
	return largest + math.Log(sum)
}

// argMax is the index of the largest, the lowest of equal ones.
func argMax(logits []float32) int {
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	return best
}

func spread(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	n := float64(len(values))
	s := Spread{Min: sorted[0], Median: quantile(sorted, 0.5), P90: quantile(sorted, 0.9), P99: quantile(sorted, 0.99), Max: sorted[len(sorted)-1]}
	for _, v := range values {
		s.Mean += v / n
	}
	if len(values) > 1 {
		s.StdErr = stdDev(values) / math.Sqrt(n)
	}
	return s
}

// quantile interpolates between the two nearest of ascending values.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	part := at - float64(i)
	return float64((1-part)*sorted[i]) + float64(part*sorted[min(i+1, len(sorted)-1)])
}
