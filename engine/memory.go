package engine

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// defaultCache is the memory for key-value caches where neither the caller nor the system names a limit.
const defaultCache = 2 << 30

// workingBytes estimates the memory of a batch and of the workers' scratch, everything but weights and caches.
func (m *Model) workingBytes(threads int) int64 {
	c := m.config
	queries, keys := int64(c.Heads)*int64(c.HeadDim), int64(c.KVHeads)*int64(c.HeadDim)
	widest := max(int64(c.HiddenSize), int64(c.Intermediate), queries)
	perToken := 2*int64(c.HiddenSize) + 3*queries + 2*keys + int64(c.Intermediate) + widest/2
	const columns = 64 // of the widest panels
	perThread := columns*widest + 2*blockRows*columns + attentionRows*(int64(c.MaxPositions)*3/2+int64(c.HeadDim))
	perThread += min(logitBlockRows, int64(m.batchMax)) * blockLogits
	logits := min(logitRows, int64(m.batchMax)) * (int64(c.VocabSize) + int64(c.HiddenSize))
	logits += 3 * int64(m.batchMax) * (int64(c.VocabSize)/blockLogits + 1)     // a maximum and a sum in float64 of each block
	brief := m.cacheShape(true).bytes(pageStep) / pageStep * int64(m.batchMax) // one layer's keys of a batch
	return 4*(int64(m.batchMax)*perToken+int64(threads)*perThread+logits) + brief
}

// budget decides how many bytes of key-value caches may exist at once and whether weights are packed beside them, or
// returns an error with numbers when the model cannot run within the limit.
func (m *Model) budget(opts Options, packed int64) (cache int64, pack bool, err error) {
	limit, working := opts.MemoryLimit, m.workingBytes(opts.Threads)
	smallest := m.cacheShape(false).bytes(min(m.config.MaxPositions, pageTokens))
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
	if left := limit - working - packed; left >= 4*m.cacheShape(false).bytes(m.config.MaxPositions) {
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
	return m.checkpoint.Bytes() + m.PackedBytes() + m.workingBytes(m.Threads()) + m.cacheLimit
}

// PackedBytes is the memory of the weights that were packed for the kernel while loading, or 0 when there was not enough
// memory for that and products pack what they need.
func (m *Model) PackedBytes() int64 { return m.packedSize }

// availableMemory is what the system can give without swapping, or 0 when it does not say.
func availableMemory() int64 { return kibibytes("/proc/meminfo", "MemAvailable:") }

// peakMemory is the most memory that the process has had at once, mapped files included, or 0 when the system does not
// say.
func peakMemory() int64 { return kibibytes("/proc/self/status", "VmHWM:") }

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

// cacheShape returns the shape of caches that keep all layers, or, transient, one at a time.
func (m *Model) cacheShape(transient bool) cacheShape {
	s := cacheShape{layers: m.config.Layers, kvHeads: m.config.KVHeads, headDim: m.config.HeadDim, halves: m.halves()}
	if transient {
		s.layers = 1
	}
	return s
}

// halves tells whether queries, keys, values and their weights are bfloat16.
func (m *Model) halves() bool { return m.mode != kernel.ModeF32 }
