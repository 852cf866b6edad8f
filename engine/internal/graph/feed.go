package graph

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// feedBuffers is how many parts are in memory at once, read or being read: two for each of the most readers.
const feedBuffers = 2 * mostReaders

// feed reads the units of a stream from their files, in order and round and round, some parts ahead of whoever packs them. Each
// of its readers has every so manieth part and its share of the buffers, so parts come in order without anybody sorting them.
type feed struct {
	units  []*unit
	parts  []part
	begin  []int // see partsOf
	way    Reading
	tried  []Reading
	memory *kernel.Memory
	size   int // of a buffer: a page for what is carried over, and the longest part
	bytes  atomic.Int64

	turn    sync.Mutex // of whoever takes parts; guards what follows
	next    int        // the unit whose parts come next, -1 where the readers stand still
	taken   int        // parts since the readers were started
	lanes   []lane
	halt    chan struct{} // closed to make readers end
	readers sync.WaitGroup
}

// lane is a reader's way of buffers: there to be filled, and back to be packed.
type lane struct{ free, full chan filled }

type filled struct {
	buffer []byte
	err    error
}

// feedShape returns the bytes that a buffer and all buffers take for some units.
func feedShape(parts []part) (buffer, all int) {
	for i := range parts {
		buffer = max(buffer, filePage+parts[i].span())
	}
	return buffer, feedBuffers * buffer
}

// newFeed prepares one whose parts are read in a way that is yet to be set.
func newFeed(units []*unit, slot int) (f *feed, err error) {
	f = &feed{units: units, next: -1}
	f.parts, f.begin = partsOf(units, partBytes(slot))
	size, all := feedShape(f.parts)
	f.size = size
	f.memory, err = kernel.Allocate(all)
	return f, err
}

// readable tells whether all units lie in files that can be read.
func readable(units []*unit) bool {
	for _, u := range units {
		for _, x := range u.matrices {
			if x.source == nil {
				return false
			}
		}
	}
	return true
}

func (f *feed) buffer(i int) []byte { return f.memory.Bytes()[i*f.size:][:f.size:f.size] }

// start has parts read from unit u on: without end, or where all units stay where they are, those of u.
func (f *feed) start(u int) {
	first, most := f.begin[u], -1
	if len(f.units) <= slots {
		most = f.begin[u+1] - first
	}
	f.halt, f.taken, f.lanes = make(chan struct{}), 0, make([]lane, f.way.Readers)
	for i := range f.lanes {
		f.lanes[i] = lane{make(chan filled, feedBuffers), make(chan filled, feedBuffers)}
	}
	for i := range feedBuffers {
		f.lanes[i%len(f.lanes)].free <- filled{buffer: f.buffer(i)}
	}
	for i := range f.lanes {
		f.readers.Go(func() { f.read(&f.lanes[i], first, i, most) })
	}
}

// read is a reader: of the parts from first on it has number k and then every so manieth. It ends with the first error.
func (f *feed) read(l *lane, first, k, most int) {
	for ; most < 0 || k < most; k += f.way.Readers {
		var b filled
		select {
		case <-f.halt:
			return
		case b = <-l.free:
		}
		b.err = f.get(&f.parts[(first+k)%len(f.parts)], b.buffer, f.way.Direct)
		l.full <- b
		if b.err != nil {
			return
		}
	}
}

// get reads a part into a buffer.
func (f *feed) get(p *part, buffer []byte, direct bool) error {
	n, err := p.matrix.source.ReadAt(buffer[filePage:][:p.span()], p.start, direct)
	f.bytes.Add(int64(n))
	if err == nil && p.start+int64(n) < p.to && p.to > p.start {
		err = fmt.Errorf("weights: %d bytes at %d of their file, which ended before", p.span(), p.start)
	}
	return err
}

// deliver hands all parts of a unit to pack, each with the buffer that has it, until the first error.
func (f *feed) deliver(u int, pack func(p *part, buffer []byte)) error {
	f.turn.Lock()
	defer f.turn.Unlock()
	if f.next != u {
		f.end()
		f.start(u)
	}
	f.next = -1 // until all is well
	var seam [filePage]byte
	for i := f.begin[u]; i < f.begin[u+1]; i++ {
		p, l := &f.parts[i], &f.lanes[f.taken%len(f.lanes)]
		b := <-l.full
		if b.err != nil {
			f.end()
			return b.err
		}
		f.taken++
		if p.carried {
			copy(b.buffer, seam[:])
		}
		copy(seam[:], b.buffer[p.span():])
		pack(p, b.buffer)
		f.done(p)
		l.free <- b
	}
	if f.next = (u + 1) % len(f.units); len(f.units) <= slots {
		f.end()
	}
	return nil
}

// done has the system forget what it has kept of a part.
func (f *feed) done(p *part) {
	if !f.way.Direct {
		p.matrix.source.Drop(p.start, p.end-p.start)
	}
}

// end waits until all readers have ended.
func (f *feed) end() {
	if f.halt != nil {
		close(f.halt)
		f.readers.Wait()
	}
	f.halt, f.next = nil, -1
}

func (f *feed) close() error {
	if f == nil {
		return nil
	}
	f.turn.Lock()
	defer f.turn.Unlock()
	f.end()
	return f.memory.Release()
}

// try reads parts from one on, for some time or until enough have been read, and returns how many bytes a second that were.
func (f *feed) try(way Reading, first, most int, limit time.Duration) (bytes int64, took time.Duration, err error) {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	before, begin := f.bytes.Load(), time.Now()
	var readers sync.WaitGroup
	for r := range way.Readers {
		readers.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= most || k >= way.Readers && time.Since(begin) > limit || failed.Load() != nil {
					return
				}
				if err := f.get(&f.parts[(first+k)%len(f.parts)], f.buffer(r), way.Direct); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	readers.Wait()
	took = time.Since(begin)
	if cause := failed.Load(); cause != nil {
		err = *cause
	}
	return f.bytes.Load() - before, took, err
}
