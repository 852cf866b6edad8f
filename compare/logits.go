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
	// Correlation is that of the two models' log-probabilities of the text's tokens, 1 where one of them does not vary.
	Correlation float64 `json:"logprob_correlation"`
}

// Spread describes a list of numbers, with the quantiles of llama.cpp's perplexity --kl-divergence.
type Spread struct {
	Mean   float64 `json:"mean"`
	StdErr float64 `json:"stderr"`
	Min    float64 `json:"min"`
	P001   float64 `json:"p0_1"`
	P01    float64 `json:"p1"`
	P05    float64 `json:"p5"`
	P10    float64 `json:"p10"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	P95    float64 `json:"p95"`
	P99    float64 `json:"p99"`
	P999   float64 `json:"p99_9"`
	Max    float64 `json:"max"`
}

// LogitPairs gathers positions for a LogitDrift.
type LogitPairs struct {
	vocabulary           int
	kl, deltaP, logProbs []float64
	ratios               []float64
	base, other          []float64 // the text's log-probabilities
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
	p.base, p.other = append(p.base, a), append(p.other, b)
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
		BasePerplexity: math.Exp(-spread(p.base).Mean), Perplexity: math.Exp(-spread(p.other).Mean), Correlation: correlation(p.base, p.other),
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

// correlation is Pearson's, 1 where a list does not vary.
func correlation(x, y []float64) float64 {
	mx, my := spread(x).Mean, spread(y).Mean
	xx, yy, xy := 0.0, 0.0, 0.0
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx += float64(dx * dx)
		yy += float64(dy * dy)
		xy += float64(dx * dy)
	}
	if xx == 0 || yy == 0 {
		return 1
	}
	return min(1, xy/math.Sqrt(xx*yy))
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
	s := Spread{Min: sorted[0], Max: sorted[len(sorted)-1]}
	for _, q := range []struct {
		at *float64
		q  float64
	}{
		{&s.P001, 0.001}, {&s.P01, 0.01}, {&s.P05, 0.05}, {&s.P10, 0.1}, {&s.Median, 0.5}, {&s.P90, 0.9}, {&s.P95, 0.95}, {&s.P99, 0.99}, {&s.P999, 0.999},
	} {
		*q.at = quantile(sorted, q.q)
	}
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
