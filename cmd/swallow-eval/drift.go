package main

import (
	"context"
	"errors"
	"fmt"

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
	case f.save != "" && (f.maxKL > 0 || f.minAgreement > 0):
		return errors.New("--save compares nothing: leave --max-kl and --min-agreement out")
	case f.against == "" && f.againstModel != "":
		f.against = f.dtype
	}
	return nil
}

func (f *driftFlags) drift(cmd *cobra.Command, c console) error {
	ctx := cmd.Context()
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
	if err := f.show(c, driftSheet(base, other, d)); err != nil {
		return err
	}
	return f.judge(d)
}

// baseModel is the model that --against and --against-model name, or --model where neither is given.
func (f *driftFlags) baseModel() modelFlags {
	m := f.modelFlags
	if f.against != "" {
		m.dtype = f.against
	}
	if f.againstModel != "" {
		m.model, m.announced = f.againstModel, false
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

// judge turns the limits into an exit code.
func (f *driftFlags) judge(d compare.LogitDrift) error {
	switch {
	case f.maxKL > 0 && d.KL.Mean > f.maxKL:
		return &codedError{exitGate, fmt.Errorf("gate: mean divergence %.3g is above --max-kl %g", d.KL.Mean, f.maxKL)}
	case f.minAgreement > 0 && d.Top1Agreement < f.minAgreement:
		return &codedError{exitGate, fmt.Errorf("gate: top-1 agreement %.4f is below --min-agreement %g", d.Top1Agreement, f.minAgreement)}
	}
	return nil
}

func driftSheet(base, other probeRun, d compare.LogitDrift) sheet.Sheet {
	baseHead, otherHead := base.head, other.head
	baseHead.Tokens, otherHead.Tokens = nil, nil // the text is named by its digest
	describe := func(m results.Model) string { return fmt.Sprintf("%s, %s, numerics %s", m.Name, m.DType, m.Numerics) }
	s := sheet.Sheet{
		Name: describe(base.head.Model) + " -> " + describe(other.head.Model),
		Title: []string{
			fmt.Sprintf("drift over %d positions of %s, vocabulary %d", d.Positions, base.head.Probe, d.Vocabulary),
			"base  " + describe(base.head.Model), "model " + describe(other.head.Model),
		},
		Head:   []string{"per position", "mean", "± stderr", "min", "median", "90%", "99%", "max"},
		Fields: []string{"quantity", "mean", "stderr", "min", "median", "p90", "p99", "max"},
		Notes: []string{
			fmt.Sprintf("the most probable token is the same at %.3f%% ± %.3f%% of the positions", 100*d.Top1Agreement, 100*d.Top1StdErr),
			fmt.Sprintf("root mean square of the change of probability: %.4g", d.RMSDeltaP),
			fmt.Sprintf("perplexity of the text %.5g, of the base %.5g; ln of the ratio %.3g ± %.3g", d.Perplexity, d.BasePerplexity, d.LnRatio, d.LnRatioStdErr),
		},
		Value: struct {
			Base  probeHead          `json:"base"`
			Model probeHead          `json:"model"`
			Drift compare.LogitDrift `json:"drift"`
		}{baseHead, otherHead, d},
		Cases: []sheet.Case{{Class: "swallow-eval.drift", Name: "logits", Detail: fmt.Sprintf("mean divergence %.4g, top-1 agreement %.5f", d.KL.Mean, d.Top1Agreement)}},
	}
	for _, q := range []struct {
		name string
		v    compare.Spread
	}{{"KL divergence (nats)", d.KL}, {"change of the next token's probability", d.DeltaP}, {"change of its log-probability (nats), absolute", d.LogProb}} {
		row, record := []string{q.name}, []string{q.name}
		for _, v := range []float64{q.v.Mean, q.v.StdErr, q.v.Min, q.v.Median, q.v.P90, q.v.P99, q.v.Max} {
			row, record = append(row, fmt.Sprintf("%.3g", v)), append(record, series.Number(v))
		}
		s.Rows, s.Records = append(s.Rows, row), append(s.Records, record)
	}
	return s
}
