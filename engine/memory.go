package engine

import (
	"fmt"
	"os"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/internal/memory"
)

const (
	// defaultCache is the memory for key-value caches where neither the caller nor the system names a limit.
	defaultCache = 2 << 30
	// defaultBatchTokens is the size of a batch where the weights are in memory: more would not be faster.
	defaultBatchTokens = 1024
	// leastBatchTokens is the smallest batch that is made where nobody asks for one.
	leastBatchTokens = 64
	// streamBatchTokens is the largest one for each thread where every batch reads the weights: with some hundred tokens
	// the arithmetic takes longer than the reading, and what is ready is delivered once a batch.
	streamBatchTokens = 2048
)

// room is the memory that a model may take.
type room struct {
	bytes int64
	exact bool   // the caller's word for the engine alone: all of it is the engine's
	who   string // who sets the limit
	taken int64  // bytes of the limit that others or the process itself have
}

// findRoom is what options and the system leave; ok is false where neither names a limit.
func findRoom(o Options) (r room, ok bool) {
	if o.MemoryLimit > 0 {
		return room{bytes: o.MemoryLimit, exact: true}, true
	}
	bound, ok := memory.Within(o.ProcessLimit, memory.Taken())
	if !ok {
		return room{}, false
	}
	// What a run holds beside the model grows: data, answers, and the garbage among them.
	const most = 512 << 20
	return room{bytes: max(0, bound.Room-min(most, bound.Room/8)), who: bound.Who, taken: bound.Limit - bound.Room}, true
}

// plan is how a model uses the memory that it may take.
type plan struct {
	batch int
	cache int64 // bytes of key-value caches that may exist at once
	pack  bool  // all weights, for good
	// stream: weights are read for every batch, but for the first kept ones.
	stream bool
	kept   int
	feed   bool // through buffers, since the system has no room for the files' pages
	spill  graph.Spill
}

// makePlan decides that. In memory a model is fastest; where it does not fit, its weights go through memory once for a batch
// that is as large as it can be; and where not even two steps' weights fit, products read them as they are stored. An error
// has the numbers.
func makePlan(net *graph.Network, o Options) (plan, error) {
	r, ok := findRoom(o)
	p := plan{batch: o.MaxBatchTokens}
	if p.batch == 0 {
		p.batch = defaultBatchTokens
	}
	if !ok {
		p.cache = defaultCache
		return p, nil
	}
	smallest := net.SmallestCache()
	for o.MaxBatchTokens == 0 && p.batch > leastBatchTokens && net.WorkingBytes(o.Threads, p.batch)+smallest > r.bytes {
		p.batch /= 2
	}
	working := net.WorkingBytes(o.Threads, p.batch)
	if working+smallest > r.bytes {
		return plan{}, memoryError(working, smallest, r, p.batch, o)
	}
	if left, ok := packed(net, r, working, smallest); ok {
		p.pack, p.cache = true, left
		if !r.exact {
			p.cache = left / 2 // the rest is for the page cache and for others
		}
		return p, nil
	}
	if s := net.StreamShape(); s.Slots > 0 && s.Slots+working+smallest <= r.bytes {
		return p.streaming(net, o, r.bytes, s), nil
	}
	if p.cache = r.bytes - working; !r.exact {
		p.cache = max(smallest, p.cache/2)
	}
	return p, nil
}

// packed is what packed weights leave of the room, in less memory where they do not fit otherwise, and whether they fit.
// They must leave room for a cache of some long sequences, and those that stay as they are stored for these.
func packed(net *graph.Network, r room, working, smallest int64) (left int64, ok bool) {
	for _, spare := range []func(){func() {}, net.Spare} {
		spare()
		left = r.bytes - working - net.PackedSize()
		kept := net.KeptBytes()
		if left >= 4*net.CacheShape(false).Bytes(net.Config().MaxPositions) && left >= kept || !r.exact && left/2 >= max(smallest, kept) {
			return left, true
		}
	}
	return left, false
}

// streaming divides what the slots leave: half for the batch, as far as that is of use, half of the rest for caches, and then
// for weights that need not be read again. A cache that holds no long sequence would save little and fail many.
func (p plan) streaming(net *graph.Network, o Options, room int64, s graph.StreamShape) plan {
	p.stream = true
	units, left := s.Units, room-s.Slots
	if p.feed = feeds(o, room, s); p.feed {
		if fits := s.Feed+net.WorkingBytes(o.Threads, p.batch)+net.SmallestCache() <= left; fits {
			left -= s.Feed
		} else {
			p.feed = o.Reading != "" // by whoever measures or tests
		}
	}
	if o.MaxBatchTokens == 0 {
		for p.batch*2 <= streamBatchTokens*o.Threads && net.WorkingBytes(o.Threads, p.batch*2) <= left/2 {
			p.batch *= 2
		}
	}
	left -= net.WorkingBytes(o.Threads, p.batch)
	long := 2 * net.CacheShape(false).Bytes(net.Config().MaxPositions)
	p.cache = max(net.SmallestCache(), left/2, min(left, long))
	for left -= p.cache; p.kept < len(units) && units[p.kept] <= left; p.kept++ {
		left -= units[p.kept]
	}
	// What streams waits for the disk anyhow: many sequences at once, some of their keys and values on it, are cheaper than
	// few, each pass for a few tokens.
	if disk := kernel.DiskRoom(spillDir(o)); disk > 0 {
		p.spill = graph.Spill{Dir: spillDir(o), Memory: p.cache}
		p.cache += disk
	}
	return p
}

// feeds tells whether weights that are not kept are read into buffers. Where the system can keep the files in memory beside
// the room that the model has, it is better to leave them there: the second batch's weights need not come from the disk.
func feeds(o Options, room int64, s graph.StreamShape) bool {
	if o.Reading != "" {
		return o.Reading != graph.Reading{}.String()
	}
	least, ok := memory.Least(memory.Bounds())
	return ok && (least.Room-room)/4*3 < s.Files
}

// spillDir is where keys and values go that memory has no room for.
func spillDir(o Options) string {
	if o.SpillDir != "" {
		return o.SpillDir
	}
	return os.TempDir()
}

// carryOut makes the network what the plan says.
func (p plan) carryOut(net *graph.Network, inMemory bool, reading string) error {
	switch {
	case p.pack:
		return net.Pack(inMemory)
	case p.stream:
		err := net.Stream(p.kept, inMemory)
		if err == nil && p.feed {
			err = net.Feed(reading)
		}
		return err
	}
	return nil
}

// MemoryError is of a model that not even its smallest plan fits.
type MemoryError struct {
	// Needs says what the model needs, and how much of it there is.
	Needs string
	// Who sets the limit, and Enough is one in bytes under which the model could be loaded; "" and 0 where the caller gave the
	// engine its room.
	Who    string
	Enough int64
	hint   string
}

func (e *MemoryError) Error() string {
	if e.Who == "" {
		return e.Needs + e.hint
	}
	return fmt.Sprintf("%s of %s: %s would do%s", e.Needs, e.Who, mebibytes(e.Enough), e.hint)
}

func memoryError(working, smallest int64, r room, batch int, o Options) error {
	need := working + smallest
	e := &MemoryError{Who: r.who}
	e.Needs = fmt.Sprintf("needs %s (%s for batches of %d tokens on %d threads, %s for the smallest cache), but only %s may be used",
		mebibytes(need), mebibytes(working), batch, o.Threads, mebibytes(smallest), mebibytes(r.bytes))
	if r.who != "" {
		e.Enough = r.taken + need*8/7 + 1<<20
	}
	if o.MaxBatchTokens > 0 {
		e.hint = ": try fewer batch tokens"
	}
	return e
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// MemoryBytes estimates the memory that the model uses at most: mapped weights, packed ones, working memory and caches as
// far as they are allowed to grow. Weights that are read for every batch count with what they take at a time.
func (m *Model) MemoryBytes() int64 {
	stored := m.WeightBytes()
	if m.net.Streams() {
		s := m.net.StreamShape()
		if stored = s.Slots; m.net.Reading().Readers > 0 {
			stored += s.Feed
		}
	}
	return stored + m.PackedBytes() + m.net.WorkingBytes(m.Threads(), m.schedule.BatchMax()) + m.cacheMemory
}

// PackedBytes is the memory of the weights that were packed for the kernel while loading, or 0 when there was not enough
// memory for that and products pack what they need.
func (m *Model) PackedBytes() int64 { return int64(len(m.net.Packed().Bytes())) }

// StreamedBytes is how many bytes of weights, as the kernel wants them, every batch reads from the files anew, because there
// is no memory for them; 0 where all are at hand.
func (m *Model) StreamedBytes() int64 { return m.net.StreamedBytes() }

// BatchTokens is the most tokens of a batch.
func (m *Model) BatchTokens() int { return m.schedule.BatchMax() }
