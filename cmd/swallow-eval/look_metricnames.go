package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// rougeOfModel is the metric that counts the tokens of a model's own tokenizer, as XL-Sum's published column does.
const rougeOfModel = "rouge2-lm"

// preparedMetric is a metric with what its task does to a completion and its targets before scoring.
type preparedMetric struct {
	name, about string
	metrics.Metric
	prepare func(output string, targets []string) (string, []string)
}

func asTheyStand(output string, targets []string) (string, []string) { return output, targets }

// firstLine is what llm-jp-eval does: NFKC of both, and of the prediction the first line.
func firstLine(output string, targets []string) (string, []string) {
	prepared := make([]string, len(targets))
	for i, t := range targets {
		prepared[i] = pytext.NFKC(t)
	}
	return pytext.FirstLine(pytext.NFKC(output)), prepared
}

// extracted brings the answer out of a completion first, so that what is printed is what was compared.
func extracted(answer func(string) string) func(string, []string) (string, []string) {
	return func(output string, targets []string) (string, []string) { return answer(output), targets }
}

// gsm8kAnswers extracts from the targets too where they are whole solutions.
func gsm8kAnswers(output string, targets []string) (string, []string) {
	prepared := make([]string, len(targets))
	for i, t := range targets {
		prepared[i] = t
		if strings.Contains(t, "####") {
			prepared[i] = metrics.GSM8KAnswer(t)
		}
	}
	return metrics.GSM8KAnswer(output), prepared
}

// preparedMetrics lists the metrics by the names users know them by.
func preparedMetrics() []preparedMetric {
	equal := metrics.Accuracy("acc").Each
	var list []preparedMetric
	for _, e := range metrics.Catalog() {
		p := preparedMetric{e.Name, e.About, e.Metric, asTheyStand}
		switch e.Name {
		case "exact_match", "char_f1":
			p.prepare = firstLine
		case "mgsm":
			p.prepare, p.Each = extracted(metrics.MGSMAnswer), equal
		case "gsm8k":
			p.prepare, p.Each = gsm8kAnswers, equal
		}
		list = append(list, p)
	}
	return list
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
			return rougeOfModel
		}
		for _, e := range metrics.Catalog() {
			if e.Metric.Name == m.Name && e.Metric.Signature == m.Signature {
				return e.Name
			}
		}
	}
	return ""
}

func metricNames() []string {
	var names []string
	for _, m := range preparedMetrics() {
		names = append(names, m.name)
	}
	return append(names, rougeOfModel)
}

// findMetric returns the metric of that name, or of the task of that name. m names the directory whose tokenizer rouge2-lm counts in.
func findMetric(ctx context.Context, c console, name string, m modelFlags) (preparedMetric, error) {
	named := func(p preparedMetric) bool { return p.name == name }
	if !slices.ContainsFunc(preparedMetrics(), named) {
		if column := columnOf(c, name); column != "" {
			name = column
		}
	}
	if name == rougeOfModel {
		place, _, err := m.local(ctx, c, tokenizerOnly)
		if err != nil {
			return preparedMetric{}, fmt.Errorf("%s counts a model's tokens: %w", name, err)
		}
		tok, err := place.Tokenizer()
		if err != nil {
			return preparedMetric{}, fmt.Errorf("--model: %w", err)
		}
		return preparedMetric{name, "", metrics.Rouge2OfModel().Bind(metrics.Env{Pieces: tok.Pieces, PiecesDigest: tok.Digest()}), asTheyStand}, nil
	}
	if m.model != "" {
		return preparedMetric{}, fmt.Errorf("--model is for %s: %s needs none", rougeOfModel, name)
	}
	if list := preparedMetrics(); slices.ContainsFunc(list, named) {
		return list[slices.IndexFunc(list, named)], nil
	}
	return preparedMetric{}, fmt.Errorf("unknown metric %q: choose one of %s", name, strings.Join(metricNames(), ", "))
}
