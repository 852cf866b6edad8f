package drift

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// spellings is a share of a text's tokens that are bytes or unknown, beyond which the model's vocabulary does not cover it.
const spellings = 0.1

// quantitiesOf are what is compared, as columns for people and rows of a table of numbers.
func quantitiesOf(d compare.LogitDrift) []struct {
	name, short string
	v           compare.Spread
} {
	return []struct {
		name, short string
		v           compare.Spread
	}{
		{"KL divergence (nats)", "KL (nats)", d.KL}, {"change of the next token's probability", "Δ p", d.DeltaP},
		{"change of its log-probability (nats), absolute", "|Δ ln p| (nats)", d.LogProb},
	}
}

// statistics are the statistics that llama.cpp's perplexity --kl-divergence prints of each.
var statistics = []struct {
	name, field string
	of          func(s compare.Spread) float64
}{
	{"mean", "mean", func(s compare.Spread) float64 { return s.Mean }}, {"± stderr", "stderr", func(s compare.Spread) float64 { return s.StdErr }},
	{"max", "max", func(s compare.Spread) float64 { return s.Max }}, {"99.9%", "p99_9", func(s compare.Spread) float64 { return s.P999 }},
	{"99%", "p99", func(s compare.Spread) float64 { return s.P99 }}, {"95%", "p95", func(s compare.Spread) float64 { return s.P95 }},
	{"90%", "p90", func(s compare.Spread) float64 { return s.P90 }}, {"median", "median", func(s compare.Spread) float64 { return s.Median }},
	{"10%", "p10", func(s compare.Spread) float64 { return s.P10 }}, {"5%", "p5", func(s compare.Spread) float64 { return s.P05 }},
	{"1%", "p1", func(s compare.Spread) float64 { return s.P01 }}, {"0.1%", "p0_1", func(s compare.Spread) float64 { return s.P001 }},
	{"min", "min", func(s compare.Spread) float64 { return s.Min }},
}

// Report shows how far a model is from its base, for people and for machines; broken are the limits that it is beyond.
func Report(base, other Logits, d compare.LogitDrift, broken []string) cireport.Report {
	baseHead, otherHead := base.Head, other.Head
	baseHead.Tokens, otherHead.Tokens = nil, nil // the text is named by its digest
	describe := func(m results.Model) string { return fmt.Sprintf("%s, %s, numerics %s", m.Name, m.DType, m.Numerics) }
	s := cireport.Report{
		Name: describe(base.Head.Model) + " -> " + describe(other.Head.Model),
		Title: []string{
			fmt.Sprintf("drift over %d positions of %s, vocabulary %d", d.Positions, base.Head.Probe, d.Vocabulary),
			"base  " + describe(base.Head.Model), "model " + describe(other.Head.Model),
		},
		Head:   []string{"per position"},
		Fields: []string{"quantity"},
		Notes: []string{
			fmt.Sprintf("the most probable token is the same at %.3f%% ± %.3f%% of the positions", 100*d.Top1Agreement, 100*d.Top1StdErr),
			fmt.Sprintf("root mean square of the change of probability: %.4g", d.RMSDeltaP),
			fmt.Sprintf("perplexity of the text %.5g, of the base %.5g; ln of the ratio %.3g ± %.3g", d.Perplexity, d.BasePerplexity, d.LnRatio, d.LnRatioStdErr),
			fmt.Sprintf("correlation of the log-probabilities of the text's tokens: %.4f%%", 100*d.Correlation),
		},
		Value: struct {
			Base  Head               `json:"base"`
			Model Head               `json:"model"`
			Drift compare.LogitDrift `json:"drift"`
		}{baseHead, otherHead, d},
	}
	for _, side := range []struct {
		name  string
		model results.Model
	}{{"base", base.Head.Model}, {"model", other.Head.Model}} {
		for _, note := range notes.OfModel(side.model) {
			s.Notes = append(s.Notes, side.name+": "+note)
		}
	}
	kept := cireport.Case{Class: "swallow-eval.drift", Name: "logits", Detail: fmt.Sprintf("mean divergence %.4g, top-1 agreement %.5f", d.KL.Mean, d.Top1Agreement)}
	if len(broken) > 0 {
		kept.Outcome, kept.Kind, kept.Message = cireport.Failed, "drift", strings.Join(broken, "; ")
	}
	s.Cases = []cireport.Case{kept}
	if share := float64(base.Head.Spelled) / float64(d.Positions); share > spellings {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%.0f%% of the text's tokens are single bytes or unknown: the model's vocabulary does not cover it, and what is measured is how it spells; --input takes a text that it does", 100*share))
	}
	quantities := quantitiesOf(d)
	for _, q := range quantities {
		s.Head = append(s.Head, q.short)
	}
	for _, statistic := range statistics {
		row := []string{statistic.name}
		for _, q := range quantities {
			row = append(row, fmt.Sprintf("%.3g", statistic.of(q.v)))
		}
		s.Rows, s.Fields = append(s.Rows, row), append(s.Fields, statistic.field)
	}
	for _, q := range quantities {
		record := []string{q.name}
		for _, statistic := range statistics {
			record = append(record, strconv.FormatFloat(statistic.of(q.v), 'g', -1, 64))
		}
		s.Records = append(s.Records, record)
	}
	return s
}
