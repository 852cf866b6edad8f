package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// BenchOptions choose what Bench measures; empty lists measure nothing.
type BenchOptions struct {
	Prefill      []int       // prompt lengths, one prompt at a time
	Scored       []int       // lengths of prompts of which every position is scored
	Decode       []int       // numbers of sequences that generate together
	DecodeTokens int         // tokens that each of them generates; 0 means 32
	Loads        []BenchLoad // tasks to score
	Repeats      int         // runs of each measurement, of which the median counts; 0 means 3
}

// DefaultBench is what swallow-eval bench measures unless told otherwise.
func DefaultBench() BenchOptions {
	return BenchOptions{Prefill: []int{128, 512, 2048}, Scored: []int{512}, Decode: []int{1, 8, 16, 32}, Loads: []BenchLoad{FourShot()}}
}

// benchPrompt is the length of the prompts that decoding continues.
const benchPrompt = 16

// BenchReport says how fast a model runs on this machine. Rates are only comparable within one report: machines are
// shared, so the peak is measured in the same minute.
type BenchReport struct {
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
	ReadGBs         float64            `json:"read_gb_per_second"` // from memory, of weights if they are large, on all threads together
	LoadSeconds     float64            `json:"load_seconds"`       // Load, packing included
	PackedBytes     int64              `json:"packed_bytes"`
	MemoryBytes     int64              `json:"memory_bytes"`      // Model.MemoryBytes
	PeakMemoryBytes int64              `json:"peak_memory_bytes"` // of the process so far, 0 where the system does not say
	Loads           []LoadReport       `json:"loads"`
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
	ShareOfRead     float64 `json:"share_of_read"`        // of BenchReport.ReadGBs
}

// Bench measures m with inputs that are the same every time.
func Bench(ctx context.Context, m *Model, opt BenchOptions) (BenchReport, error) {
	if opt.DecodeTokens == 0 {
		opt.DecodeTokens = 32
	}
	if opt.Repeats == 0 {
		opt.Repeats = 3
	}
	if bad := slices.Min(slices.Concat([]int{opt.Repeats, opt.DecodeTokens - 1}, opt.Prefill, opt.Scored, opt.Decode)); bad < 1 {
		return BenchReport{}, fmt.Errorf("bench: lengths, batches and repeats are at least 1, decoded tokens at least 2")
	}
	r := BenchReport{
		Numerics: m.Numerics(), Kernel: m.KernelName(), Threads: m.Threads(), Parameters: m.Parameters(),
		WeightBytes: m.checkpoint.Bytes(), StoredDType: m.config.StoredDType,
		DType: string(m.DType()), Instruction: m.kernel.Instruction(m.mode), LoadSeconds: m.loadTime.Seconds(), PackedBytes: m.PackedBytes(), MemoryBytes: m.MemoryBytes(),
	}
	var err error
	if r.Peaks, err = m.measurePeaks(ctx); err != nil {
		return r, err
	}
	r.PeakGFLOPS = r.Peaks[r.DType]
	for _, n := range opt.Prefill {
		seconds, err := median(opt.Repeats, func() (float64, error) { return m.timePrefill(ctx, n, n) })
		if err != nil {
			return r, fmt.Errorf("bench: prefill of %d tokens: %w", n, err)
		}
		rate := m.prefillFLOPs(n) / seconds / 1e9
		r.Prefill = append(r.Prefill, PrefillReport{Tokens: n, Seconds: seconds, TokensPerSecond: float64(n) / seconds, GFLOPS: rate, ShareOfPeak: rate / r.PeakGFLOPS})
	}
	for _, n := range opt.Scored {
		report, err := m.timeScored(ctx, n, opt.Repeats)
		if err != nil {
			return r, fmt.Errorf("bench: scoring %d positions: %w", n, err)
		}
		r.Scored = append(r.Scored, report)
	}
	for _, n := range opt.Decode {
		seconds, err := median(opt.Repeats, func() (float64, error) { return m.timeDecode(ctx, n, opt.DecodeTokens) })
		if err != nil {
			return r, fmt.Errorf("bench: decoding %d sequences: %w", n, err)
		}
		rate := float64(m.stepBytes()) / seconds / 1e9
		r.Decode = append(r.Decode, DecodeReport{Batch: n, Seconds: seconds, TokensPerSecond: float64(n) / seconds, WeightGBs: rate})
	}
	for _, load := range opt.Loads {
		report, err := m.timeLoad(ctx, load, opt.Repeats)
		if err != nil {
			return r, fmt.Errorf("bench: load %s: %w", load.Name, err)
		}
		r.Loads = append(r.Loads, report)
	}
	r.PeakMemoryBytes = peakMemory()
	// Last, since it may need memory of its own.
	if r.ReadGBs, err = m.measureRead(ctx); err != nil {
		return r, err
	}
	for i := range r.Decode {
		r.Decode[i].ShareOfRead = r.Decode[i].WeightGBs / r.ReadGBs
	}
	return r, nil
}

// measurePeaks returns the GFLOP/s of all threads together when none waits for memory, for each arithmetic.
func (m *Model) measurePeaks(ctx context.Context) (map[string]float64, error) {
	if err := m.acquire(ctx); err != nil {
		return nil, err
	}
	defer m.release()
	rates := make([]float64, len(m.pool.workers))
	peaks := map[string]float64{}
	for _, d := range []DType{F32, BF16, Q8} {
		mode, err := d.mode()
		if err != nil {
			return nil, err
		}
		if err := m.pool.run(ctx, len(rates), func(_ *worker, i int) { rates[i] = m.kernel.PeakOf(mode) }); err != nil {
			return nil, err
		}
		for _, rate := range rates {
			peaks[string(d)] += rate
		}
	}
	return peaks, nil
}

// measureRead returns the GB/s at which all threads together read the packed weights, if they are larger than caches are, or
// else an array of that size: on machines with several memories, or guests of such ones, it matters where in memory it is.
func (m *Model) measureRead(ctx context.Context) (float64, error) {
	if err := m.acquire(ctx); err != nil {
		return 0, err
	}
	defer m.release()
	const size, part = 512 << 20, 1 << 20
	if m.packedSize >= size {
		return m.timeRead(ctx, m.packed.Floats(), part/4)
	}
	memory, err := kernel.Allocate(size)
	if err != nil {
		return 0, err
	}
	array := memory.Floats()
	clear(array) // pages that nobody has written to may all be the same one
	rate, err := m.timeRead(ctx, array, part/4)
	return rate, joined(err, memory.Release())
}

// timeRead returns the GB/s at which all threads together read an array in parts, at best.
func (m *Model) timeRead(ctx context.Context, array []float32, part int) (float64, error) {
	best, parts := math.Inf(1), len(array)/part
	finite := make([]bool, parts)
	for range 3 {
		begin := time.Now()
		if err := m.pool.run(ctx, parts, func(_ *worker, i int) {
			finite[i] = m.kernel.AllFinite(array[i*part:][:part]) // reading must have a use
		}); err != nil {
			return 0, err
		}
		best = min(best, time.Since(begin).Seconds())
	}
	return float64(4*part*parts) / best / 1e9, nil
}

// benchTokens returns n tokens that differ from seed to seed.
func (m *Model) benchTokens(n, seed int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32((i*7919 + seed*104729 + 17) % m.config.VocabSize)
	}
	return tokens
}

// timePrefill returns the seconds to score what follows the first from of n tokens, and the next.
func (m *Model) timePrefill(ctx context.Context, n, from int) (seconds float64, err error) {
	begin := time.Now()
	err = m.Score(ctx, []Sequence{{Tokens: m.benchTokens(n+1, 0), From: from}}, func(_ int, _ Scored, err error) error { return err })
	return time.Since(begin).Seconds(), err
}

// timeScored measures scoring, prefill and layers in turns.
func (m *Model) timeScored(ctx context.Context, n, repeats int) (ScoredReport, error) {
	var prefills, layers []float64
	seconds, err := median(repeats, func() (float64, error) {
		prefill, err := m.timePrefill(ctx, n, n)
		if err != nil {
			return 0, err
		}
		all, err := m.timeLayers(ctx, n)
		if err != nil {
			return 0, err
		}
		prefills, layers = append(prefills, prefill), append(layers, all)
		return m.timePrefill(ctx, n, 1)
	})
	if err != nil {
		return ScoredReport{}, err
	}
	return ScoredReport{
		Tokens: n, Seconds: seconds, TokensPerSecond: float64(n) / seconds,
		Cost: seconds/middle(prefills[1:]) - 1, OutputCost: seconds/middle(layers[1:]) - 1,
	}, nil
}

// timeLayers returns the seconds to take n tokens through all layers at every position, as for scoring.
func (m *Model) timeLayers(ctx context.Context, n int) (seconds float64, err error) {
	begin := time.Now()
	if err := m.acquire(ctx); err != nil {
		return 0, err
	}
	defer m.release()
	item, err := m.newScoring(0, Sequence{Tokens: m.benchTokens(n+1, 0), From: 1})
	if err != nil {
		return 0, err
	}
	for w := m.newScoringWalk([]*scoring{item}, false); w.at < len(w.tree.nodes); w.drop() {
		if _, _, err := w.fill(); err != nil {
			return 0, err
		}
		w.ask()
		if err := w.pass.forward(ctx, &w.batch); err != nil {
			return 0, err
		}
	}
	return time.Since(begin).Seconds(), nil
}

// timeDecode returns the seconds of a step, averaged over the steps after the first, which is the prompts'.
func (m *Model) timeDecode(ctx context.Context, n, tokens int) (seconds float64, err error) {
	var begin, end time.Time
	prompts := make([]Prompt, n)
	for i := range prompts {
		prompts[i] = Prompt{Tokens: m.benchTokens(benchPrompt, i), MaxTokens: tokens, IgnoreEOS: true}
	}
	// Stop is called for every token: the last prompt's calls mark the ends of steps.
	prompts[n-1].Stop = func(generated []int32) bool {
		if end = time.Now(); len(generated) == 1 {
			begin = end
		}
		return false
	}
	err = m.Generate(ctx, prompts, func(_ int, _ Generated, err error) error { return err })
	return end.Sub(begin).Seconds() / float64(tokens-1), err
}

// median runs a measurement once to warm caches and memory, then n times.
func median(n int, measure func() (float64, error)) (float64, error) {
	all := make([]float64, n+1)
	for i := range all {
		var err error
		if all[i], err = measure(); err != nil {
			return 0, err
		}
	}
	return middle(all[1:]), nil
}

// middle returns the median of some numbers, the upper one of two.
func middle(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// prefillFLOPs counts the operations that a prompt of n tokens and one row of logits need: matrices and attention, which
// of the last layer only the row for the logits needs beyond its keys and values.
func (m *Model) prefillFLOPs(n int) float64 {
	c := m.config
	hidden, queries, keys := float64(c.HiddenSize), float64(c.Heads*c.HeadDim), float64(c.KVHeads*c.HeadDim)
	stored := 2 * hidden * 2 * keys
	rest := 2 * hidden * (2*queries + 3*float64(c.Intermediate))
	attention := 4 * queries // in scores and in values, for each position that is seen
	tokens := float64(n)
	before := tokens*rest + attention*tokens*(tokens+1)/2
	return float64(c.Layers)*tokens*stored + float64(c.Layers-1)*before + rest + attention*tokens + 2*hidden*float64(c.VocabSize)
}

// stepBytes counts the bytes of weights that one forward pass reads, in the form it reads them: all but the embedding,
// of which it reads rows.
func (m *Model) stepBytes() int64 {
	if m.packedSize > 0 {
		return m.packedSize
	}
	n := int64(0)
	for _, x := range m.weights.matrices() {
		n += int64(len(x.data))
	}
	return n
}
