package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/drift"
)

// driftFlags choose two ways to compute one model.
type driftFlags struct {
	modelFlags
	against, againstModel string
	base, save, input     string
	maxKL, minAgreement   float64
	limits                drift.Limits // those of them that were given
	outputFlags
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

The base is the same model in the arithmetic --against, another model with the same vocabulary (--against-model), or what
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
	f.outputFlags.register(cmd)
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
	case f.limits.Check() != nil:
		return f.limits.Check()
	case f.save != "" && f.limits != drift.Limits{}:
		return errors.New("--save compares nothing: leave --max-kl and --min-agreement out")
	case f.against == "" && f.againstModel != "":
		f.against = f.dtype
	}
	return nil
}

func (f *driftFlags) drift(cmd *cobra.Command, c console) error {
	ctx := cmd.Context()
	if cmd.Flags().Changed("max-kl") {
		f.limits.MaxKL = &f.maxKL
	}
	if cmd.Flags().Changed("min-agreement") {
		f.limits.MinAgreement = &f.minAgreement
	}
	if err := f.check(); err != nil {
		return err
	}
	probe, err := openProbe(c, f.input)
	if err != nil {
		return err
	}
	var base drift.Logits
	if f.base != "" {
		if base, err = drift.Read(f.base); err != nil {
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
		if err := run.Save(f.save); err != nil {
			return fmt.Errorf("--save: %w", err)
		}
		_, err = fmt.Fprintf(c.out, "stored the logits of %d positions\n", run.Positions())
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
	d, err := base.Compare(other)
	if err != nil {
		return &codedError{exitIncomplete, err}
	}
	broken := f.limits.Broken(d)
	if err := f.show(c, drift.Report(base, other, d, broken)); err != nil {
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
		m.model, m.flag, m.announced, m.adapter = f.againstModel, "--against-model", false, ""
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

func (f *driftFlags) compute(ctx context.Context, c console, m modelFlags, probe drift.Probe) (drift.Logits, error) {
	model, err := m.openIdentified(ctx, c)
	if err != nil {
		return drift.Logits{}, err
	}
	run, err := drift.Compute(ctx, model, probe)
	return run, errors.Join(err, model.Close())
}

// openProbe reads the texts of a file, or takes the fixed one.
func openProbe(c console, input string) (drift.Probe, error) {
	if input == "" {
		return drift.Fixed(), nil
	}
	r, name, err := openInput(c, input)
	if err != nil {
		return drift.Probe{}, err
	}
	p, err := drift.ReadProbe(name, r)
	p.Name = input
	return p, errors.Join(err, r.Close())
}
