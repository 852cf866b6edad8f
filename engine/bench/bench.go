// Package bench measures how fast a model runs on this machine: prefill, scoring, decoding and a made-up task, and in the same
// run what the machine can do at most, so that shares can be compared between machines.
package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
)

// Options choose what Run measures; empty lists measure nothing.
type Options struct {
	Prefill      []int  // prompt lengths, one prompt at a time
	Scored       []int  // lengths of prompts of which every position is scored
	Decode       []int  // numbers of sequences that generate together
	DecodeTokens int    // tokens that each of them generates; 0 means 32
	Loads        []Load // tasks to score
	Repeats      int    // runs of each measurement, of which the median counts; 0 means 3
	// ProcessLimit is the engine.Options' of the model: what measuring itself takes keeps to it.
	ProcessLimit int64
}

// Default is what swallow-eval bench measures unless told otherwise.
func Default() Options {
	return Options{Prefill: []int{128, 512, 2048}, Scored: []int{512}, Decode: []int{1, 8, 16, 32}, Loads: []Load{FourShot()}}
}

// benchPrompt is the length of the prompts that decoding continues.
const benchPrompt = 16

// Report says how fast a model runs on this machine. Rates are only comparable within one report: machines are
// shared, so the peak is measured in the same minute.
type Report struct {
	Numerics    string          `json:"numerics"`
	Kernel      string          `json:"kernel"`
	Threads     int             `json:"threads"`
	Parameters  int64           `json:"parameters"`
	WeightBytes int64           `json:"weight_bytes"`
	StoredDType string          `json:"stored_dtype"`
	PeakGFLOPS  float64         `json:"peak_gflops"` // of the arithmetic in use, among registers, on all threads together
	Prefill     []PrefillReport `json:"prefill"`
	Scored      []ScoredReport  `json:"scored"`
	Decode      []DecodeReport  `json:"decode"`

	DType           string             `json:"dtype"`
	Instruction     string             `json:"instruction"`        // that products consist of
	Peaks           map[string]float64 `json:"peaks_gflops"`       // of each arithmetic that the kernel has
	ReadGBs         float64            `json:"read_gb_per_second"` // from memory, of weights if they are large, on all threads together; 0 where there was no memory to measure it with
	LoadSeconds     float64            `json:"load_seconds"`       // Load, and packing all weights, which a run does as it reaches them
	PackedBytes     int64              `json:"packed_bytes"`
	MemoryBytes     int64              `json:"memory_bytes"`      // Model.MemoryBytes
	PeakMemoryBytes int64              `json:"peak_memory_bytes"` // of the process so far, 0 where the system does not say
	Loads           []LoadReport       `json:"loads"`
	Kernels         []KernelReport     `json:"kernels"` // what the kernel was chosen from

	StreamedBytes int64           `json:"streamed_bytes,omitempty"` // of weights, which every batch reads from their files
	Reading       string          `json:"reading,omitempty"`        // how, one of engine.Readings
	Readings      []ReadingReport `json:"readings,omitempty"`       // what that was chosen from
}

// ReadingReport is a way to read weights as it was found when the model was loaded.
type ReadingReport struct {
	Name    string  `json:"name"`
	GBs     float64 `json:"gb_per_second"`     // 0 where it was not measured
	Refused string  `json:"refused,omitempty"` // why it cannot be had
	Chosen  bool    `json:"chosen"`
}

// KernelReport is a kernel as it was found when the model was loaded.
type KernelReport struct {
	Name        string  `json:"name"`
	Instruction string  `json:"instruction"` // that products consist of
	GFLOPS      float64 `json:"gflops"`      // of a small product on one thread, the best of some trials; 0 where it was not measured
	Wrong       bool    `json:"wrong"`       // its bits are not the canonical ones on this machine, so it is not used
	Chosen      bool    `json:"chosen"`
}

// PrefillReport is the time to the first logits of a prompt.
type PrefillReport struct {
	Tokens          int     `json:"tokens"`
	Seconds         float64 `json:"seconds"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	GFLOPS          float64 `json:"gflops"`        // useful operations, a multiply-add counting two
	ShareOfPeak     float64 `json:"share_of_peak"` // of PeakGFLOPS
}

// ScoredReport is the time to the log-probability of every token of a prompt but the first.
type ScoredReport struct {
	Tokens          int     `json:"tokens"`
	Seconds         float64 `json:"seconds"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	// Cost is the part by which that takes longer than a prefill of the same prompt, which spares the last layer's work for
	// all positions but one, too.
	Cost float64 `json:"cost"`
	// OutputCost is the part by which it takes longer than all layers at every position: the output matrix and the
	// log-sum-exps.
	OutputCost float64 `json:"output_cost"`
}

// DecodeReport is the rate of generation after the prompts.
type DecodeReport struct {
	Batch           int     `json:"batch"`
	Seconds         float64 `json:"seconds"` // for one step, that is one token of each sequence
	TokensPerSecond float64 `json:"tokens_per_second"`
	WeightGBs       float64 `json:"weight_gb_per_second"` // weights read, in 10^9 bytes a second
	ShareOfRead     float64 `json:"share_of_read"`        // of Report.ReadGBs
}

// Run measures m with inputs that are the same every time.
func Run(ctx context.Context, model *engine.Model, opt Options) (Report, error) {
	if opt.DecodeTokens == 0 {
		opt.DecodeTokens = 32
	}
	if opt.Repeats == 0 {
		opt.Repeats = 3
	}
	if bad := slices.Min(slices.Concat([]int{opt.Repeats, opt.DecodeTokens - 1}, opt.Prefill, opt.Scored, opt.Decode)); bad < 1 {
		return Report{}, fmt.Errorf("bench: lengths, batches and repeats are at least 1, decoded tokens at least 2")
	}
	m := measurement{model, opt}
	r := Report{
		Numerics: m.Numerics(), Kernel: m.KernelName(), Threads: m.Threads(), Parameters: m.Parameters(),
		WeightBytes: m.WeightBytes(), StoredDType: m.Config().StoredDType,
		DType: string(m.DType()), LoadSeconds: m.LoadTime().Seconds(), PackedBytes: m.PackedBytes(), MemoryBytes: m.MemoryBytes(),
	}
	r.StreamedBytes, r.Reading = m.StreamedBytes(), m.Reading()
	packing, err := m.pack(ctx)
	if err != nil {
		return r, fmt.Errorf("bench: packing: %w", err)
	}
	r.LoadSeconds += packing.wall
	steps := []func(context.Context, *Report) error{m.peaks, m.prefill, m.scored, m.decode, m.loads}
	for _, step := range steps {
		if err := step(ctx, &r); err != nil {
			return r, err
		}
	}
	r.PeakMemoryBytes = peakMemory()
	// Last, since it may need memory of its own.
	return r, m.read(ctx, &r)
}

// measurement is a model being measured.
type measurement struct {
	*engine.Model
	opt Options
}

func (m measurement) prefill(ctx context.Context, r *Report) error {
	for _, n := range m.opt.Prefill {
		seconds, err := median(m.opt.Repeats, func() (float64, error) { return m.timePrefill(ctx, n, n) })
		if err != nil {
			return fmt.Errorf("bench: prefill of %d tokens: %w", n, err)
		}
		rate := m.prefillFLOPs(n) / seconds / 1e9
		r.Prefill = append(r.Prefill, PrefillReport{Tokens: n, Seconds: seconds, TokensPerSecond: float64(n) / seconds, GFLOPS: rate, ShareOfPeak: rate / r.PeakGFLOPS})
	}
	return nil
}

func (m measurement) scored(ctx context.Context, r *Report) error {
	for _, n := range m.opt.Scored {
		report, err := m.timeScored(ctx, n)
		if err != nil {
			return fmt.Errorf("bench: scoring %d positions: %w", n, err)
		}
		r.Scored = append(r.Scored, report)
	}
	return nil
}

func (m measurement) decode(ctx context.Context, r *Report) error {
	weights := int64(0)
	if err := m.Measure(ctx, func(n *graph.Network, _ *schedule.Scheduler) error {
		weights = n.StepBytes()
		return nil
	}); err != nil {
		return err
	}
	for _, n := range m.opt.Decode {
		seconds, err := median(m.opt.Repeats, func() (float64, error) { return m.timeDecode(ctx, n, m.opt.DecodeTokens) })
		if err != nil {
			return fmt.Errorf("bench: decoding %d sequences: %w", n, err)
		}
		r.Decode = append(r.Decode, DecodeReport{Batch: n, Seconds: seconds, TokensPerSecond: float64(n) / seconds, WeightGBs: float64(weights) / seconds / 1e9})
	}
	return nil
}

func (m measurement) loads(ctx context.Context, r *Report) error {
	for _, load := range m.opt.Loads {
		report, err := m.timeLoad(ctx, load)
		if err != nil {
			return fmt.Errorf("bench: load %s: %w", load.Name, err)
		}
		r.Loads = append(r.Loads, report)
	}
	return nil
}
