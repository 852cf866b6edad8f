package file

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// MetricSpec is a metric as the file asks for it.
type MetricSpec struct {
	Name string
	// Options are all keys but the name, the aggregation and the direction.
	Options python.Object
	line    int
}

// defaultMetrics are what lm-eval computes where a task says nothing (api/registry.py:449).
func defaultMetrics(kind string) []MetricSpec {
	names := map[string][]string{
		MultipleChoice: {"acc", "acc_norm"}, Generate: {"exact_match"}, LogLikelihood: {"perplexity", "acc"},
		Rolling: {"word_perplexity", "byte_perplexity", "bits_per_byte"},
	}[kind]
	var list []MetricSpec
	for _, n := range names {
		list = append(list, MetricSpec{Name: n})
	}
	return list
}

func (p *parser) metrics(e Entry) error {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return p.Problem(e.Line, e.Key, "a list of metrics is needed")
	}
	for i, item := range list {
		key, line := fmt.Sprintf("%s[%d]", e.Key, i), e.Node.Content[i].Line
		o, _ := item.(python.Object)
		if name, ok := item.(string); ok {
			o = python.Object{{Name: "metric", Value: name}}
		}
		m := MetricSpec{Name: o.Text("metric"), line: line}
		if m.Name == "" {
			return p.Problem(line, join(key, "metric"), "a metric's name is needed")
		}
		for _, s := range o {
			switch s.Name {
			case "metric":
			case "aggregation":
				if want := aggregationOf(m.Name); s.Value != want {
					return p.Problem(line, join(key, s.Name), "%v is not what %s is aggregated by here, which is %s", s.Value, m.Name, want)
				}
			case "higher_is_better":
				if _, ok := s.Value.(bool); !ok {
					return p.Problem(line, join(key, s.Name), "true or false is needed")
				}
			case "hf_evaluate":
				if s.Value != false {
					return p.Problem(line, join(key, s.Name), "metrics of the library evaluate are code of another program's")
				}
			default:
				m.Options = append(m.Options, s)
			}
		}
		p.c.Metrics = append(p.c.Metrics, m)
	}
	return nil
}

// aggregationOf is the one way here to make a corpus score of a metric.
func aggregationOf(metric string) string {
	switch metric {
	case "perplexity", "bleu", "chrf", "ter", "f1", "bits_per_byte":
		return metric
	case "mcc":
		return "matthews_corrcoef"
	case "word_perplexity", "byte_perplexity":
		return "weighted_perplexity"
	}
	return "mean"
}

// completeScoring fills in filters and metrics and checks that they can be computed.
func (p *parser) completeScoring() error {
	c := p.c
	if c.Filters == nil {
		c.Filters = noFilter()
	}
	if c.Metrics == nil {
		c.Metrics = defaultMetrics(c.Type)
	}
	for i, f := range c.Filters {
		f.list = !slices.ContainsFunc(f.steps, func(s step) bool { return s.one })
		c.Filters[i] = f
		if other := slices.IndexFunc(f.steps, func(s step) bool { return !s.one }); c.Type != Generate && other >= 0 {
			return p.Problem(p.given["filter_list"], "filter_list", "%s is of text: %s has none", f.steps[other].name, c.Type)
		}
	}
	seen := map[string]bool{}
	for _, m := range c.Metrics {
		if _, err := c.metric(m, c.Filters[0]); err != nil {
			line := m.line
			if line == 0 {
				line = p.given["task"]
			}
			return p.Problem(line, "metric_list", "%v", err)
		}
		if seen[m.Name] {
			return p.Problem(m.line, "metric_list", "%s is there twice", m.Name)
		}
		seen[m.Name] = true
	}
	return nil
}

// metric makes the metric that scores what a pipeline leaves.
func (c *Config) metric(m MetricSpec, f Pipeline) (metrics.Metric, error) {
	made, err := c.unnamed(m, f)
	made.Name = under(m.Name, f.Name)
	return made, err
}

// known are the metrics of a kind of task, for messages.
func known(kind string) []string {
	switch kind {
	case MultipleChoice:
		return []string{"acc", "acc_norm", "acc_bytes", "acc_mutual_info", "exact_match", "f1", "mcc"}
	case LogLikelihood:
		return []string{"acc", "perplexity"}
	case Rolling:
		return []string{"word_perplexity", "byte_perplexity", "bits_per_byte"}
	}
	return append([]string{"exact_match"}, slices.DeleteFunc(metrics.Names(), func(n string) bool { return n == "exact_match" || n == "acc" })...)
}

func (c *Config) unnamed(m MetricSpec, f Pipeline) (metrics.Metric, error) {
	if !slices.Contains(known(c.Type), m.Name) {
		return metrics.Metric{}, fmt.Errorf("%s has no metric %q: there are %s", c.Type, m.Name, strings.Join(known(c.Type), ", "))
	}
	signature := "metric:" + m.Name + "|version:lm-eval-0.4.13"
	switch {
	case c.Type == Generate && m.Name == "exact_match":
		return exactMatch(m.Options, f)
	case c.Type == Generate:
		found, _ := metrics.ByName(m.Name)
		if f.list {
			return found, fmt.Errorf("%s scores one text: the filter %s leaves a list, take_first is missing", m.Name, f.Name)
		}
		if len(m.Options) > 0 {
			return found, fmt.Errorf("%s takes no setting %q", m.Name, m.Options[0].Name)
		}
		return found, nil
	case m.Name == "perplexity":
		return perplexity(signature), nil
	case c.Type == Rolling:
		return weighted(m.Name, signature), nil
	case m.Name == "f1" || m.Name == "mcc":
		return classes(m.Name, signature), nil
	}
	return judged(signature), nil
}
