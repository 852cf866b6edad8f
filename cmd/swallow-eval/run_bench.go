package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

func newBenchCommand(c console) *cobra.Command {
	var m modelFlags
	var format formatFlag
	var suite bool
	cmd := &cobra.Command{
		Use:   "bench --model M",
		Short: "Measure the engine on a model and this machine",
		Long: `bench measures prefill and decode speed with fixed random tokens, and in the same run what the processor's
multiply-add units can do, so that shares of the peak can be compared between machines. Only weights are needed, no
tokenizer.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := m.options()
			if err != nil {
				return err
			}
			place, _, err := m.local(cmd.Context(), c, local.Engine)
			if err != nil {
				return err
			}
			model, err := place.Engine(o)
			if err != nil {
				return m.flagged(err)
			}
			loaded := model.Config()
			said := notes.OfModel(results.Model{DType: string(model.DType()), StoredDType: loaded.StoredDType, IgnoredConfig: loaded.Ignored, Adapter: adapterOf(place)})
			if err := c.notes(said); err != nil {
				return errors.Join(err, model.Close())
			}
			options := bench.Default()
			if !suite {
				options.Prefill, options.Scored, options.Decode, options.Loads = []int{128, 512}, nil, []int{1, 8, 16}, nil
			}
			options.ProcessLimit, err = memoryLimit(m.memory)
			if err != nil {
				return errors.Join(err, model.Close())
			}
			report, err := bench.Run(cmd.Context(), model, options)
			if err := errors.Join(err, model.Close()); err != nil {
				return err
			}
			if format.json() {
				return writeJSON(c.out, report)
			}
			return printBench(c, report)
		},
	}
	m.register(cmd)
	format.register(cmd)
	cmd.Flags().BoolVar(&suite, "suite", false, "also measure a prefill of 2048 tokens, scoring every position, decoding 32 sequences and scoring with and without shared prefixes")
	return cmd
}

func printBench(c console, r bench.Report) error {
	if _, err := fmt.Fprint(c.out, r.Summary()); err != nil {
		return err
	}
	return terminal.Table(c.out, []string{"", "rate", ""}, r.Rows())
}
