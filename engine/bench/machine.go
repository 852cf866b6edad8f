package bench

import (
	"bufio"
	"context"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/schedule"
	"github.com/swallow-eval/swallow-eval/internal/memory"
)

// peaks measures the GFLOP/s of all threads together when none waits for memory, for each arithmetic, and
// says what the kernel was chosen from.
func (m measurement) peaks(ctx context.Context, r *Report) error {
	r.Peaks = map[string]float64{}
	err := m.Measure(ctx, func(n *graph.Network, _ *schedule.Scheduler) error {
		r.Instruction = n.Kernel().Instruction(n.Mode())
		for _, c := range n.Candidates() {
			r.Kernels = append(r.Kernels, KernelReport{Name: c.Name, Instruction: c.Instruction, GFLOPS: c.Rate, Wrong: c.Wrong, Chosen: c.Chosen})
		}
		for _, w := range n.Readings() {
			r.Readings = append(r.Readings, ReadingReport{Name: w.String(), GBs: w.Rate / 1e9, Refused: w.Refused, Chosen: w.Chosen})
		}
		rates := make([]float64, n.Pool().Size())
		for _, mode := range []kernel.Mode{kernel.ModeF32, kernel.ModeBF16, kernel.ModeQ8} {
			if err := n.Pool().Run(ctx, len(rates), func(_ *graph.Worker, i int) { rates[i] = n.Kernel().PeakOf(mode) }); err != nil {
				return err
			}
			for _, rate := range rates {
				r.Peaks[mode.String()] += rate
			}
		}
		return nil
	})
	r.PeakGFLOPS = r.Peaks[r.DType]
	return err
}

// read measures the GB/s at which all threads together read the packed weights, if they are larger than caches are, or else
// an array of that size: on machines with several memories, or guests of such ones, it matters where in memory it is. Where there is
// no room for one, nothing is measured.
func (m measurement) read(ctx context.Context, r *Report) error {
	const size, part = 512 << 20, 1 << 20
	err := m.Measure(ctx, func(n *graph.Network, _ *schedule.Scheduler) (err error) {
		array := n.Packed()
		if len(array.Bytes()) < size {
			if !fits(size, m.opt.ProcessLimit) {
				return nil
			}
			if array, err = kernel.Allocate(size); err != nil {
				return err
			}
			clear(array.Floats()) // pages that nobody has written to may all be the same one
			defer func() { err = graph.Joined(err, array.Release()) }()
		}
		r.ReadGBs, err = timeRead(ctx, n, array.Floats(), part/4)
		return err
	})
	for i := range r.Decode {
		if r.ReadGBs > 0 {
			r.Decode[i].ShareOfRead = r.Decode[i].WeightGBs / r.ReadGBs
		}
	}
	return err
}

// fits tells whether the process may take so many bytes more, and a little, by what the system leaves and by its own limit, 0 for none.
func fits(size, limit int64) bool {
	const little = 64 << 20
	bound, ok := memory.Within(limit, memory.Taken())
	return !ok || bound.Room >= size+little
}

// timeRead returns the GB/s at which all threads together read an array in parts, at best.
func timeRead(ctx context.Context, n *graph.Network, array []float32, part int) (float64, error) {
	best, parts := math.Inf(1), len(array)/part
	for range 3 {
		begin := time.Now()
		if err := n.Pool().Run(ctx, parts, func(_ *graph.Worker, i int) {
			n.Kernel().Read(array[i*part:][:part])
		}); err != nil {
			return 0, err
		}
		best = min(best, time.Since(begin).Seconds())
	}
	return float64(4*part*parts) / best / 1e9, nil
}

// peakMemory is the most memory that the process has had at once, mapped files included, or 0 when the system does not
// say.
func peakMemory() int64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0 // not Linux
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}
