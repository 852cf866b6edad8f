package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/results"
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
				return fmt.Errorf("--model: %w", err)
			}
			loaded := model.Config()
			for _, note := range results.ModelNotes(results.Model{DType: string(model.DType()), StoredDType: loaded.StoredDType, IgnoredConfig: loaded.Ignored, Adapter: adapterOf(place)}) {
				if _, err := fmt.Fprintln(c.err, textsafe.Terminal(note)); err != nil {
					return errors.Join(err, model.Close())
				}
			}
			options := bench.Default()
			if !suite {
				options.Prefill, options.Scored, options.Decode, options.Loads = []int{128, 512}, nil, []int{1, 8, 16}, nil
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
	_, err := fmt.Fprintf(c.out, `model     %s parameters, stored %s, %s of weights, loaded in %.1f s, %s packed
engine    %s, %s kernel (%s), %d threads, numerics %s
machine   %.0f GFLOP/s at this arithmetic, %.0f GB/s read from memory, all threads, measured in this run
memory    %s at the peak
`, count(r.Parameters), r.StoredDType, terminal.MiB(r.WeightBytes), r.LoadSeconds, terminal.MiB(r.PackedBytes),
		r.DType, r.Kernel, r.Instruction, r.Threads, r.Numerics, r.PeakGFLOPS, r.ReadGBs, terminal.MiB(r.PeakMemoryBytes))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.out, "kernels   %s\n", kernelsLine(r.Kernels)); err != nil {
		return err
	}
	rows := [][]string{}
	for _, p := range r.Prefill {
		rows = append(rows, []string{fmt.Sprintf("prefill %d tokens", p.Tokens), fmt.Sprintf("%.1f tokens/s", p.TokensPerSecond),
			fmt.Sprintf("%.1f GFLOP/s, %.0f %% of peak", p.GFLOPS, 100*p.ShareOfPeak)})
	}
	for _, s := range r.Scored {
		rows = append(rows, []string{fmt.Sprintf("score all of %d tokens", s.Tokens), fmt.Sprintf("%.1f tokens/s", s.TokensPerSecond),
			fmt.Sprintf("%.0f %% more time than prefill, %.0f %% than all layers at every position", 100*s.Cost, 100*s.OutputCost)})
	}
	for _, d := range r.Decode {
		rows = append(rows, []string{fmt.Sprintf("decode, batch %d", d.Batch), fmt.Sprintf("%.1f tokens/s", d.TokensPerSecond),
			fmt.Sprintf("%.2f GB/s of weights, %.0f %% of reading", d.WeightGBs, 100*d.ShareOfRead)})
	}
	for _, l := range r.Loads {
		rows = append(rows, []string{"score, " + l.Name, fmt.Sprintf("%.2f requests/s", l.RequestsPerSecond),
			fmt.Sprintf("%.2f without prefix reuse: %.1fx", l.RequestsPerSecondWithout, l.Speedup)})
	}
	return terminal.Table(c.out, []string{"", "rate", ""}, rows)
}

// kernelsLine says what the kernel was chosen from.
func kernelsLine(kernels []bench.KernelReport) string {
	parts := make([]string, len(kernels))
	for i, k := range kernels {
		parts[i] = k.Name + " (" + k.Instruction + ")"
		switch {
		case k.Wrong:
			parts[i] += " gives other bits on this machine and is left out"
		case k.GFLOPS > 0:
			parts[i] += fmt.Sprintf(" %.0f GFLOP/s", k.GFLOPS)
		}
		if k.Chosen {
			parts[i] += ", chosen"
		}
	}
	return strings.Join(parts, "; ")
}

func count(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f B", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f K", float64(n)/1e3)
	}
	return strconv.FormatInt(n, 10)
}
