package bench

import (
	"fmt"
	"strconv"
	"strings"
)

// Summary is what was measured on, a line each for the model, the engine, the machine, memory and kernels.
func (r Report) Summary() string {
	return fmt.Sprintf(`model     %s parameters, stored %s, %s of weights, loaded in %.1f s, %s packed
engine    %s, %s kernel (%s), %d threads, numerics %s
machine   %.0f GFLOP/s at this arithmetic, %s, all threads, measured in this run
memory    %s at the peak
kernels   %s
%s`, count(r.Parameters), r.StoredDType, mib(r.WeightBytes), r.LoadSeconds, mib(r.PackedBytes),
		r.DType, r.Kernel, r.Instruction, r.Threads, r.Numerics, r.PeakGFLOPS, r.memoryRate(), mib(r.PeakMemoryBytes), kernelsLine(r.Kernels), r.readingLine())
}

// memoryRate is how fast memory is read.
func (r Report) memoryRate() string {
	if r.ReadGBs == 0 {
		return "no memory to measure its rate with"
	}
	return fmt.Sprintf("%.0f GB/s read from memory", r.ReadGBs)
}

// readingLine says how weights are read that are not kept, and what that was chosen from; nothing where all are.
func (r Report) readingLine() string {
	if r.Reading == "" {
		return ""
	}
	parts := []string{r.Reading}
	for i, w := range r.Readings {
		if i == 0 {
			parts = nil
		}
		part := w.Name
		switch {
		case w.Refused != "":
			part += fmt.Sprintf(" refused: %q", w.Refused) // it has a file's name
		case w.GBs > 0:
			part += fmt.Sprintf(" %.2f GB/s", w.GBs)
		}
		if w.Chosen {
			part += ", chosen"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("reading   %s of weights for every batch: %s\n", mib(r.StreamedBytes), strings.Join(parts, "; "))
}

// Rows are the rates as a table: what was measured, its rate, and what the rate compares with.
func (r Report) Rows() [][]string {
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
			strings.TrimSuffix(fmt.Sprintf("%.2f GB/s of weights, %.0f %% of reading", d.WeightGBs, 100*d.ShareOfRead), ", 0 % of reading")})
	}
	for _, l := range r.Loads {
		rows = append(rows, []string{"score, " + l.Name, fmt.Sprintf("%.2f requests/s", l.RequestsPerSecond),
			fmt.Sprintf("%.2f without prefix reuse: %.1fx", l.RequestsPerSecondWithout, l.Speedup)})
	}
	return rows
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// kernelsLine says what the kernel was chosen from.
func kernelsLine(kernels []KernelReport) string {
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

// count is a number of parameters in thousands, millions or billions.
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
