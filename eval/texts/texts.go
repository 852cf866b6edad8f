// Package texts scores texts by a metric, without a model.
package texts

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/named"
	"github.com/swallow-eval/swallow-eval/results"
)

// Text is one text to be scored: an output as a model produced it with its targets, or a prediction and a reference that are
// compared as they stand.
type Text struct {
	Output     *string  `json:"output"`
	Targets    []string `json:"targets"`
	Prediction *string  `json:"prediction"`
	Reference  *string  `json:"reference"`
}

// Check finds what is missing, or given twice.
func (t *Text) Check() error {
	switch {
	case t.Output != nil && t.Prediction != nil:
		return errors.New("give either output and targets or prediction and reference, not both")
	case t.Output != nil && len(t.Targets) == 0:
		return errors.New("targets is missing or empty")
	case t.Prediction != nil && t.Reference == nil:
		return errors.New("reference is missing")
	case t.Output == nil && t.Prediction == nil:
		return errors.New("neither output nor prediction")
	}
	return nil
}

// prepared is what the metric compares.
func (t *Text) prepared(m named.Metric) (output string, targets []string) {
	if t.Prediction == nil {
		return m.Prepare(*t.Output, t.Targets)
	}
	output, targets = *t.Prediction, []string{*t.Reference}
	if m.Called == "mgsm" || strings.Contains(output, "####") && m.Called == "gsm8k" {
		return m.Prepare(output, targets) // a bare number is its own answer
	}
	return output, targets
}

// Scored is what one text came to.
type Scored struct {
	Output string       `json:"output"`
	Stat   metrics.Stat `json:"stat"`
	Value  *float64     `json:"value"` // null where the metric is not over such a record
}

// Corpus is what all of them came to, with the number of texts that it is over.
type Corpus struct {
	results.Value
	N int `json:"n"`
}

// Score scores texts, which were checked, one by one, and all of them together. A text that the metric's reference has no number for
// is an error, as are no texts.
func Score(m named.Metric, list []Text, each func(Scored) error) (Corpus, error) {
	var stats []metrics.Stat
	for i, t := range list {
		output, targets := t.prepared(m)
		stat := m.Each(output, targets)
		if slices.ContainsFunc(stat, math.IsNaN) {
			return Corpus{}, fmt.Errorf("record %d: %s has no number for an empty reference: the reference implementation refuses it too", i+1, m.Metric.Name)
		}
		stats = append(stats, stat)
		s := Scored{Output: output, Stat: stat}
		if alone := []metrics.Stat{stat}; m.Over(alone) > 0 {
			value := m.Score(alone)
			s.Value = &value
		}
		if err := each(s); err != nil {
			return Corpus{}, err
		}
	}
	if len(stats) == 0 {
		return Corpus{}, errors.New("no records to score")
	}
	value, hole := eval.Score(m.Metric, stats)
	if hole != "" {
		return Corpus{}, fmt.Errorf("%s has no number: %s", m.Called, hole)
	}
	return Corpus{value, m.Over(stats)}, nil
}
