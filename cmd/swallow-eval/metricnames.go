package main

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// preparedMetrics lists the metrics by the names the command knows them by: the library's own, and the accuracy of
// the tasks whose answers are extracted first.
func preparedMetrics() []preparedMetric {
	identity := func(s string) string { return s }
	firstLine := func(s string) string { return pytext.FirstLine(pytext.NFKC(s)) }
	prepare := map[string]func(string, []string) (string, []string){
		"exact_match": each(firstLine, pytext.NFKC),
		"char_f1":     each(firstLine, pytext.NFKC),
	}
	var list []preparedMetric
	for _, name := range metrics.Names() {
		m, _ := metrics.ByName(name)
		p := preparedMetric{name, m, asTheyStand}
		if f, ok := prepare[name]; ok {
			p.prepare = f
		}
		list = append(list, p)
	}
	return append(list,
		preparedMetric{"mgsm", metrics.Accuracy("acc"), each(metrics.MGSMAnswer, identity)},
		preparedMetric{"gsm8k", metrics.Accuracy("acc"), each(metrics.GSM8KAnswer, gsm8kGold)},
	)
}

// gsm8kGold is a gold answer: extracted where it is a whole solution, itself where it is only the number.
func gsm8kGold(s string) string {
	if strings.Contains(s, "####") {
		return metrics.GSM8KAnswer(s)
	}
	return s
}

func metricNames() []string {
	var names []string
	for _, m := range preparedMetrics() {
		names = append(names, m.name)
	}
	return names
}

func findMetric(name string) (preparedMetric, error) {
	for _, m := range preparedMetrics() {
		if m.name == name {
			return m, nil
		}
	}
	return preparedMetric{}, fmt.Errorf("unknown metric %q: choose one of %s", name, strings.Join(metricNames(), ", "))
}
