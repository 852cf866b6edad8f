package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/internal/sheet"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
)

// driftFlags choose two ways to compute one model.
type driftFlags struct {
	modelFlags
	against, againstModel string
	base, save, input     string
	maxKL, minAgreement   float64
	// gatesKL and gatesAgreement tell that the limits were given: 0 is one.
	gatesKL, gatesAgreement bool
	sheetFlags
}

func newDriftCommand(c console) *cobra.Command {
	var f driftFlags
	cmd := &cobra.Command{
		Use:   "drift --model M --dtype D (--against D2 | --against-model M2 | --base FILE | --save FILE)",
		Short: "How far do two arithmetics, kernels or builds move the distribution of the next token?",
		Long: `drift feeds a fixed text through a model computed in two ways and compares the whole distribution of the next token at
every position: Kullback-Leibler divergence, probability of the text's own next token, agreement of the most probable
token, perplexity, in the quantities of llama.cpp's perplexity --kl-divergence. It sees a change of arithmetic long before
any score does.

The base is the same model in the arithmetic --against, another model with the same tokenizer (--against-model), or what
an earlier build, or another machine, stored with --save. The text is fixed in the program (Japanese, English, sums, code);
--input takes a JSON string a line in its place. With --max-kl or --min-agreement the exit code is 1 beyond them.`,
		Example: `  swallow-eval drift --model ./Swallow-7b-hf --dtype bf16 --against f32
  swallow-eval drift --model ./Swallow-7b-hf --save before.logits
  swallow-eval drift --model ./Swallow-7b-hf --base before.logits --max-kl 0.001`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.drift(cmd, c) },
	}
	f.modelFlags.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.against, "against", "", "arithmetic of the base: f32, bf16 or q8")
	fl.StringVar(&f.againstModel, "against-model", "", "model of the base (default: --model)")
	fl.StringVar(&f.base, "base", "", "file that --save wrote")
	fl.StringVar(&f.save, "save", "", "store the logits as a base for later, and compare nothing")
	fl.StringVarP(&f.input, "input", "i", "", "texts in place of the fixed one, a JSON string a line")
	fl.Float64Var(&f.maxKL, "max-kl", 0, "most mean divergence, in nats a position")
	fl.Float64Var(&f.minAgreement, "min-agreement", 0, "least agreement of the most probable token, as a share")
	f.sheetFlags.register(cmd)
	return cmd
}

// check finds what is wrong with the flags before a model is loaded.
func (f *driftFlags) check() error {
	bases := 0
	for _, given := range []bool{f.against != "" || f.againstModel != "", f.base != "", f.save != ""} {
		if given {
			bases++
		}
	}
	switch {
	case f.model == "" && f.againstModel != "":
		return errors.New("--against-model is the base of --model, which is missing")
	case bases != 1:
		return errors.New("name one base: --against D, --against-model M, --base FILE, or --save FILE to make one")
	case f.maxKL < 0 || f.minAgreement < 0 || f.minAgreement > 1:
		return errors.New("--max-kl is at least 0 and --min-agreement from 0 to 1")
	case f.save != "" && (f.gatesKL || f.gatesAgreement):
		return errors.New("--save compares nothing: leave --max-kl and --min-agreement out")
	case f.against == "" && f.againstModel != "":
		f.against = f.dtype
	}
	return nil
}

func (f *driftFlags) drift(cmd *cobra.Command, c console) error {
	ctx := cmd.Context()
	f.gatesKL, f.gatesAgreement = cmd.Flags().Changed("max-kl"), cmd.Flags().Changed("min-agreement")
	if err := f.check(); err != nil {
		return err
	}
	probe, err := openProbe(c, f.input)
	if err != nil {
		return err
	}
	var base probeRun
	if f.base != "" {
		if base, err = readProbeRun(f.base); err != nil {
			return fmt.Errorf("--base: %w", err)
		}
	}
	if err := f.prepareBoth(ctx, c); err != nil {
		return err
	}
	if f.save != "" {
		run, err := f.compute(ctx, c, f.modelFlags, probe)
		if err != nil {
			return err
		}
		if err := run.save(f.save); err != nil {
			return fmt.Errorf("--save: %w", err)
		}
		_, err = fmt.Fprintf(c.out, "stored the logits of %d positions\n", run.positions())
		return err
	}
	if f.base == "" {
		if base, err = f.compute(ctx, c, f.baseModel(), probe); err != nil {
			return err
		}
	}
	other, err := f.compute(ctx, c, f.modelFlags, probe)
	if err != nil {
		return err
	}
	d, err := base.compare(other)
	if err != nil {
		return &codedError{exitIncomplete, err}
	}
	broken := f.judge(d)
	if err := f.show(c, driftSheet(base, other, d, broken)); err != nil {
		return err
	}
	if len(broken) > 0 {
		return &codedError{exitGate, errors.New("gate: " + strings.Join(broken, "; "))}
	}
	return nil
}

// baseModel is the model that --against and --against-model name, or --model where neither is given.
func (f *driftFlags) baseModel() modelFlags {
	m := f.modelFlags
	if f.against != "" {
		m.dtype = f.against
	}
	if f.againstModel != "" {
		m.model, m.announced, m.adapter = f.againstModel, false, ""
	}
	return m
}

// prepareBoth finds what is wrong with either model before the weights of the other are fetched.
func (f *driftFlags) prepareBoth(ctx context.Context, c console) error {
	if err := f.modelFlags.check(); err != nil {
		return err
	}
	base := f.baseModel()
	if err := base.check(); err != nil {
		return err
	}
	if err := f.modelFlags.prepare(ctx, c); err != nil {
		return err
	}
	base = f.baseModel()
	return base.prepare(ctx, c)
}

func (f *driftFlags) compute(ctx context.Context, c console, m modelFlags, probe probe) (probeRun, error) {
	model, err := m.openEngine(ctx, c)
	if err != nil {
		return probeRun{}, err
	}
	run, err := newProbeRun(ctx, model, probe)
	return run, errors.Join(err, model.Close())
}

// judge says which limits the drift is beyond. A limit of 0 allows no divergence at all.
func (f *driftFlags) judge(d compare.LogitDrift) []string {
	var broken []string
	if f.gatesKL && d.KL.Mean > f.maxKL {
		broken = append(broken, fmt.Sprintf("mean divergence %.3g is above --max-kl %g", d.KL.Mean, f.maxKL))
	}
	if f.gatesAgreement && d.Top1Agreement < f.minAgreement {
		broken = append(broken, fmt.Sprintf("top-1 agreement %.4f is below --min-agreement %g", d.Top1Agreement, f.minAgreement))
	}
	return broken
}

// spellings is a share of a text's tokens that are bytes or unknown, beyond which the model's vocabulary does not cover it.
const spellings = 0.1

// driftQuantities are what is compared, as columns for people and rows of a table of numbers.
func driftQuantities(d compare.LogitDrift) []struct {
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

// driftStatistics are the statistics that llama.cpp's perplexity --kl-divergence prints of each.
var driftStatistics = []struct {
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

func driftSheet(base, other probeRun, d compare.LogitDrift, broken []string) sheet.Sheet {
	baseHead, otherHead := base.head, other.head
	baseHead.Tokens, otherHead.Tokens = nil, nil // the text is named by its digest
	describe := func(m results.Model) string { return fmt.Sprintf("%s, %s, numerics %s", m.Name, m.DType, m.Numerics) }
	s := sheet.Sheet{
		Name: describe(base.head.Model) + " -> " + describe(other.head.Model),
		Title: []string{
			fmt.Sprintf("drift over %d positions of %s, vocabulary %d", d.Positions, base.head.Probe, d.Vocabulary),
			"base  " + describe(base.head.Model), "model " + describe(other.head.Model),
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
			Base  probeHead          `json:"base"`
			Model probeHead          `json:"model"`
			Drift compare.LogitDrift `json:"drift"`
		}{baseHead, otherHead, d},
	}
	for _, side := range []struct {
		name  string
		model results.Model
	}{{"base", base.head.Model}, {"model", other.head.Model}} {
		for _, note := range results.ModelNotes(side.model) {
			s.Notes = append(s.Notes, side.name+": "+note)
		}
	}
	kept := sheet.Case{Class: "swallow-eval.drift", Name: "logits", Detail: fmt.Sprintf("mean divergence %.4g, top-1 agreement %.5f", d.KL.Mean, d.Top1Agreement)}
	if len(broken) > 0 {
		kept.Outcome, kept.Kind, kept.Message = sheet.Failed, "drift", strings.Join(broken, "; ")
	}
	s.Cases = []sheet.Case{kept}
	if share := float64(base.head.Spelled) / float64(d.Positions); share > spellings {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%.0f%% of the text's tokens are single bytes or unknown: the model's vocabulary does not cover it, and what is measured is how it spells; --input takes a text that it does", 100*share))
	}
	quantities := driftQuantities(d)
	for _, q := range quantities {
		s.Head = append(s.Head, q.short)
	}
	for _, statistic := range driftStatistics {
		row := []string{statistic.name}
		for _, q := range quantities {
			row = append(row, fmt.Sprintf("%.3g", statistic.of(q.v)))
		}
		s.Rows, s.Fields = append(s.Rows, row), append(s.Fields, statistic.field)
	}
	for _, q := range quantities {
		record := []string{q.name}
		for _, statistic := range driftStatistics {
			record = append(record, series.Number(statistic.of(q.v)))
		}
		s.Records = append(s.Records, record)
	}
	return s
}
