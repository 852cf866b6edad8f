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
	perToken := 2*int64(c.HiddenSize) + 3*queries + 2*keys + int64(c.Intermediate)
	widest := max(int64(c.HiddenSize), int64(c.Intermediate), queries)
	perThread := 2*kernel.NR*widest + 2*blockRows*kernel.NR + attentionRows*(int64(c.MaxPositions)+int64(c.HeadDim))
	logits := min(logitRows, int64(m.batchMax)) * (int64(c.VocabSize) + int64(c.HiddenSize))
	return 4 * (int64(m.batchMax)*perToken + int64(threads)*perThread + logits)
}

// cacheBudget returns how many bytes of key-value caches may exist at once, or an error with numbers when the model
// cannot run within the limit.
func (m *Model) cacheBudget(opts Options) (int64, error) {
	limit, working := opts.MemoryLimit, m.workingBytes(opts.Threads)
	smallest := m.cacheShape(false).bytes(min(m.config.MaxPositions, pageTokens))
	if limit == 0 {
		available := availableMemory()
		if available == 0 {
			return defaultCache, nil
		}
		// Half of what is left stays free for the page cache, which holds the mapped weights.
		if working+smallest > available {
			return 0, memoryError(working, smallest, available, opts)
		}
		return max(smallest, (available-working)/2), nil
	}
	if working+smallest > limit {
		return 0, memoryError(working, smallest, limit, opts)
	}
	return limit - working, nil
}

func memoryError(working, smallest, limit int64, opts Options) error {
	return fmt.Errorf("needs %s (%s for batches of %d tokens on %d threads, %s for the smallest cache), but only %s may be used: try fewer batch tokens",
		mebibytes(working+smallest), mebibytes(working), opts.MaxBatchTokens, opts.Threads, mebibytes(smallest), mebibytes(limit))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// MemoryBytes estimates the memory that the model uses at most: mapped weights, working memory and caches as far as
// they are allowed to grow.
func (m *Model) MemoryBytes() int64 {
	return m.checkpoint.Bytes() + m.workingBytes(m.Threads()) + m.cacheLimit
}

// availableMemory is what the system can give without swapping, or 0 when it does not say.
func availableMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0 // not Linux
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "MemAvailable:"); ok {
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
	s := cacheShape{layers: m.config.Layers, kvHeads: m.config.KVHeads, headDim: m.config.HeadDim}
	if transient {
		s.layers = 1
	}
	return s
}
