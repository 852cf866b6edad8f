package engine

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// Readings returns the names that Options.Reading accepts: "mapped" through the mapping of the files, "direct-2" past the
// system's page cache with two readers, "buffered-2" through it with pages that are given back.
func Readings() []string {
	var names []string
	for _, r := range graph.Readings() {
		names = append(names, r.String())
	}
	return names
}

// Reading says how weights are read that are not kept, one of Readings; "" where all are kept.
func (m *Model) Reading() string {
	if !m.net.Streams() {
		return ""
	}
	return m.net.Reading().String()
}

// ReadBytes is how many bytes of weights have been read from their files for batches, where that is not through the mapping
// of the files: what readers have ahead included, what was read at load to compare ways, too.
func (m *Model) ReadBytes() int64 { return m.net.ReadBytes() }

// Streaming says in one line what every batch reads from the disk and how, "" where all weights are at hand.
func (m *Model) Streaming() string {
	if !m.net.Streams() {
		if m.net.PackedSize() > 0 && m.PackedBytes() == 0 {
			return fmt.Sprintf("weights do not fit the memory, nor do two steps of them: products read the %s as they are stored, through the page cache", mebibytes(m.WeightBytes()))
		}
		return ""
	}
	way, how := m.net.Reading(), "through the page cache"
	switch {
	case way.Readers > 0 && way.Direct:
		how = fmt.Sprintf("past the page cache, readers: %d", way.Readers)
	case way.Readers > 0:
		how = fmt.Sprintf("through the page cache, which is given back, readers: %d", way.Readers)
	}
	if way.Rate > 0 {
		how += fmt.Sprintf(" (%.2f GB/s)", way.Rate/1e9)
	}
	return fmt.Sprintf("weights do not fit the memory: %s of them are read for every batch of at most %d tokens, %s", mebibytes(m.StreamedBytes()), m.BatchTokens(), how)
}
