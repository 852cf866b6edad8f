package engine

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// defaultCache is the memory for key-value caches where neither the caller nor the system names a limit.
const defaultCache = 2 << 30

// budget decides how many bytes of key-value caches may exist at once and whether weights are packed beside them, or
// returns an error with numbers when the model cannot run within the limit.
func budget(net *graph.Network, opts Options, packed int64) (cache int64, pack bool, err error) {
	limit, working := opts.MemoryLimit, net.WorkingBytes(opts.Threads, opts.MaxBatchTokens)
	smallest := net.SmallestCache()
	if limit == 0 {
		available := availableMemory()
		if available == 0 {
			return defaultCache, false, nil
		}
		if working+smallest > available {
			return 0, false, memoryError(working, smallest, available, opts)
		}
		// A part of what is left stays free for the page cache, which holds the mapped weights, and for others.
		if left := available - working - packed; packed <= available*2/3 && left/2 >= smallest {
			return left / 2, true, nil
		}
		return max(smallest, (available-working)/2), false, nil
	}
	if working+smallest > limit {
		return 0, false, memoryError(working, smallest, limit, opts)
	}
	// Packing must leave room for a cache of some long sequences.
	if left := limit - working - packed; left >= 4*net.CacheShape(false).Bytes(net.Config().MaxPositions) {
		return left, true, nil
	}
	return limit - working, false, nil
}

func memoryError(working, smallest, limit int64, opts Options) error {
	return fmt.Errorf("needs %s (%s for batches of %d tokens on %d threads, %s for the smallest cache), but only %s may be used: try fewer batch tokens",
		mebibytes(working+smallest), mebibytes(working), opts.MaxBatchTokens, opts.Threads, mebibytes(smallest), mebibytes(limit))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// MemoryBytes estimates the memory that the model uses at most: mapped weights, packed ones, working memory and caches as
// far as they are allowed to grow.
func (m *Model) MemoryBytes() int64 {
	return m.WeightBytes() + m.PackedBytes() + m.net.WorkingBytes(m.Threads(), m.schedule.BatchMax()) + m.schedule.CacheLimit()
}

// PackedBytes is the memory of the weights that were packed for the kernel while loading, or 0 when there was not enough
// memory for that and products pack what they need.
func (m *Model) PackedBytes() int64 { return int64(len(m.net.Packed().Bytes())) }

// availableMemory is what the system can give without swapping, or 0 when it does not say.
func availableMemory() int64 { return kibibytes("/proc/meminfo", "MemAvailable:") }

// kibibytes returns the bytes that a line of a file of Linux's /proc gives in kB.
func kibibytes(file, key string) int64 {
	f, err := os.Open(file)
	if err != nil {
		return 0 // not Linux
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), key); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}
