package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/named"
	"github.com/swallow-eval/swallow-eval/results"
)

// metricIn is one scored text: an output as a model produced it with its targets, or a prediction and a reference
// that are compared as they stand.
type metricIn struct {
	Output     *string  `json:"output"`
	Targets    []string `json:"targets"`
	Prediction *string  `json:"prediction"`
	Reference  *string  `json:"reference"`
}

func (q *metricIn) check() error {
	switch {
	case q.Output != nil && q.Prediction != nil:
		return errors.New("give either output and targets or prediction and reference, not both")
	case q.Output != nil && len(q.Targets) == 0:
		return errors.New("targets is missing or empty")
	case q.Prediction != nil && q.Reference == nil:
		return errors.New("reference is missing")
	case q.Output == nil && q.Prediction == nil:
		return errors.New("neither output nor prediction")
	}
	return nil
}

type metricOut struct {
	Output string       `json:"output"`
	Stat   metrics.Stat `json:"stat"`
	Value  *float64     `json:"value"` // null where the metric is not over such a record
}

func newMetricCommand(c console) *cobra.Command {
	var input string
	var m modelFlags
	cmd := &cobra.Command{
		Use:   "metric NAME [--input F] [--model M]",
		Short: "Score texts: JSONL in, statistics and the corpus score out",
		Long: fmt.Sprintf(`metric scores one text a line and prints its statistics and value, and last the corpus score with its signature.

{"output","targets":[]} holds a completion as a model gave it, which the metric's reference first cuts, normalises or
extracts from; {"prediction","reference"} are compared as they stand. A task's name stands for its column's metric.

Metrics: %s`, strings.Join(named.Names(), ", ")),
		Example: `  echo '{"prediction":"東京都","reference":"東京"}' | swallow-eval metric char_f1`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			metric, err := findMetric(cmd.Context(), c, args[0], m)
			if err != nil {
				return err
			}
			records, err := readRecords(c, input, (*metricIn).check)
			if err != nil {
				return err
			}
			return printMetric(c, metric, records)
		},
	}
	m.registerModel(cmd)
	cmd.Flags().StringVarP(&input, "input", "i", "", "JSONL file (default: standard input)")
	return cmd
}

func printMetric(c console, m named.Metric, records []metricIn) error {
	out := terminal.NewLines(c.out)
	var stats []metrics.Stat
	for i, q := range records {
		var o string
		var targets []string
		if q.Prediction != nil {
			o, targets = *q.Prediction, []string{*q.Reference}
			if m.Called == "mgsm" || strings.Contains(o, "####") && m.Called == "gsm8k" {
				o, targets = m.Prepare(o, targets) // a bare number is its own answer
			}
		} else {
			o, targets = m.Prepare(*q.Output, q.Targets)
		}
		stat := m.Each(o, targets)
		if slices.ContainsFunc(stat, math.IsNaN) {
			return fmt.Errorf("record %d: %s has no number for an empty reference: the reference implementation refuses it too", i+1, m.Metric.Name)
		}
		stats = append(stats, stat)
		line := metricOut{Output: o, Stat: stat}
		if alone := []metrics.Stat{stat}; m.Over(alone) > 0 {
			value := m.Score(alone)
			line.Value = &value
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	if len(stats) == 0 {
		return errors.Join(out.Flush(), errors.New("no records to score"))
	}
	corpus, hole := eval.Score(m.Metric, stats)
	if hole != "" {
		return errors.Join(out.Flush(), fmt.Errorf("%s has no number: %s", m.Called, hole))
	}
	err := out.Write(struct {
		results.Value
		N int `json:"n"`
	}{corpus, m.Over(stats)})
	return errors.Join(err, out.Flush())
}

// columnOf is the name of the metric of a task's published column, "" where there is no such task, or none that text alone
// can be scored by.
func columnOf(c console, task string) string {
	for _, p := range c.known() {
		t, ok := p.Task(task)
		if !ok || len(t.Spec().Metrics) == 0 {
			continue
		}
		m := t.Spec().Metrics[0]
		if m.Needs == metrics.ModelPieces {
			return named.RougeOfModel
		}
		for _, e := range metrics.Catalog() {
			if e.Metric.Name == m.Name && e.Metric.Signature == m.Signature {
				return e.Name
			}
		}
	}
	return ""
}

// findMetric returns the metric of that name, or of the task of that name. m names the directory whose tokenizer rouge2-lm counts in.
func findMetric(ctx context.Context, c console, name string, m modelFlags) (named.Metric, error) {
	if _, ok := named.Find(name); !ok {
		if column := columnOf(c, name); column != "" {
			name = column
		}
	}
	if name == named.RougeOfModel {
		place, _, err := m.local(ctx, c, tokenizerOnly)
		if err != nil {
			return named.Metric{}, fmt.Errorf("%s counts a model's tokens: %w", name, err)
		}
		tok, err := place.Tokenizer()
		if err != nil {
			return named.Metric{}, fmt.Errorf("--model: %w", err)
		}
		return named.OfModel(tok.Pieces, tok.Digest()), nil
	}
	if m.model != "" {
		return named.Metric{}, fmt.Errorf("--model is for %s: %s needs none", named.RougeOfModel, name)
	}
	if found, ok := named.Find(name); ok {
		return found, nil
	}
	return named.Metric{}, fmt.Errorf("unknown metric %q: choose one of %s", name, strings.Join(named.Names(), ", "))
}
