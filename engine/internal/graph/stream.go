package graph

import (
	"context"
	"runtime/debug"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// Streaming is for weights that do not fit the memory. The steps of a network, in the order in which a pass comes to them,
// are units of weights; two slots of memory hold the unit that is being multiplied by and the one after it, which is read
// and packed meanwhile. So a pass reads every weight once, whatever the number of its tokens, and answers have the bits of
// packed weights. Memory that is left keeps the first units for good.
//
// The output matrix is not a unit: it is packed for good where there is room, or else products pack what they read of it.

// unit is the weights of one step.
type unit struct {
	matrices []*matrix // those that are packed
	stay     []*matrix // those that products read as they are stored, of which the system is asked in time and given back
	size     int       // bytes as panels, of those that are packed
	stored   int       // bytes of the others
	number   int       // among those that are streamed, or -1
	slot     *slot     // that has them, or is getting them
}

// weigh tells matrices that are packed from those that stay as they are stored, when the kernel is known.
func (u *unit) weigh() {
	all := slices.Concat(u.matrices, u.stay)
	u.matrices, u.stay, u.stored = nil, nil, 0
	for _, x := range all {
		if x.kept {
			u.stay, u.stored = append(u.stay, x), u.stored+len(x.data)
		} else {
			u.matrices = append(u.matrices, x)
		}
	}
	u.size = int(packedSize(u.matrices))
}

// slot is room for one unit at a time.
type slot struct {
	memory *kernel.Memory
	unit   *unit
	done   chan error // has one value when the unit is there; nil after it has been taken
	ready  bool
	worker Worker // scratch of whoever fills it
}

// slots is how many units are in memory at once: what is multiplied by and what is read meanwhile.
const slots = 2

// stream is what a network that streams has beside its weights.
type stream struct {
	units  []*unit // those that are not kept, in order
	slots  [slots]slot
	mapped bool // weights are files, whose pages can be given back
	feed   *feed
}

// StreamShape is how much memory streaming takes at least, and what more of it is worth.
type StreamShape struct {
	Slots int64   // bytes of two steps: what is multiplied by and what is read meanwhile
	Feed  int64   // bytes of buffers, where weights are read into these
	Files int64   // bytes of all steps as they are stored
	Units []int64 // bytes that the output matrix takes for good, and then those of each step in order
}

// StreamShape measures the network.
func (n *Network) StreamShape() (s StreamShape) {
	s.Units = append(s.Units, int64(n.head.packedSize()))
	if n.head.kept {
		s.Units[0] = int64(len(n.head.data))
	}
	stored := 0
	for _, u := range n.units {
		s.Units = append(s.Units, int64(u.size+u.stored))
		stored = max(stored, u.stored)
		s.Files += int64(u.stored)
		for _, x := range u.matrices {
			s.Files += int64(x.rows * x.rowBytes())
		}
	}
	s.Slots = slots * int64(n.slotSize()+stored)
	parts, _ := partsOf(n.units, partBytes(n.slotSize()))
	_, all := feedShape(parts)
	s.Feed = int64(all)
	return s
}

// slotSize is the bytes of the largest unit as panels.
func (n *Network) slotSize() (size int) {
	for _, u := range n.units {
		size = max(size, u.size)
	}
	return size
}

// Stream prepares streaming, with the first kept of StreamShape.Units in memory for good.
func (n *Network) Stream(kept int, inMemory bool) error {
	var packed []*matrix
	if kept > 0 && !n.head.kept {
		packed = append(packed, n.head)
	}
	s := &stream{mapped: !inMemory}
	for i, u := range n.units {
		if i+1 < kept {
			packed = append(packed, u.matrices...)
			continue
		}
		u.number = len(s.units)
		s.units = append(s.units, u)
	}
	if err := n.place(packed); err != nil {
		return err
	}
	if err := n.pack(context.Background(), packed, inMemory); err != nil {
		return err
	}
	n.stream = s // also to be closed after an error
	for i := range s.slots {
		var err error
		if s.slots[i].memory, err = kernel.Allocate(n.slotSize()); err != nil {
			return err
		}
	}
	return nil
}

// Feed has streamed weights read into buffers and not through the mapping of their files: in a way that is named, or "" for the
// one that is the fastest by measurement. Where nothing is streamed, or not from files, nothing happens.
func (n *Network) Feed(name string) (err error) {
	s := n.stream
	if s == nil || len(s.units) == 0 || !s.mapped || n.slotSize() == 0 || !readable(s.units) {
		return nil
	}
	f, err := newFeed(s.units, n.slotSize())
	if err != nil {
		return err
	}
	if len(f.parts) > 0 {
		if err = f.choose(name); err == nil {
			if s.feed = f; n.embedding != n.head || n.head.packed != nil {
				scatter(n.embedding.data)
			}
			return nil
		}
	}
	return Joined(err, f.close())
}

// Streams tells whether weights are read again for every pass.
func (n *Network) Streams() bool { return n.stream != nil }

// StreamedBytes is how many bytes of weights, as products want them, a pass gets from the files.
func (n *Network) StreamedBytes() (size int64) {
	if n.stream != nil {
		for _, u := range n.stream.units {
			size += int64(u.size + u.stored)
		}
	}
	return size
}

func (s *stream) close() (err error) {
	if s == nil {
		return nil
	}
	for i := range s.slots {
		s.slots[i].settle()
		if s.slots[i].memory != nil {
			err = Joined(err, s.slots[i].memory.Release())
		}
	}
	return Joined(err, s.feed.close())
}

// settle waits until nobody writes to the slot, and empties it.
func (s *slot) settle() {
	if s.done != nil {
		<-s.done
		s.done = nil
	}
	if s.unit != nil {
		s.unit.slot, s.unit = nil, nil
	}
	s.ready = false
}

// need makes the weights of a step be there as panels, and has the next ones fetched.
func (p *Pass) need(u *unit) {
	s := p.net.stream
	if u != nil {
		p.reach(u.matrices...)
	}
	if s == nil || u == nil || u.number < 0 || p.err != nil {
		return
	}
	at := u.slot
	if at == nil { // after a pass that ended early
		at = &s.slots[0]
		p.net.load(at, u)
	}
	if p.err = at.wait(p.ctx); p.err != nil {
		return
	}
	next := s.units[(u.number+1)%len(s.units)]
	other := &s.slots[0]
	if other == at {
		other = &s.slots[1]
	}
	if next != u && next.slot == nil {
		p.net.load(other, next)
	}
	rest := at.memory.Bytes()
	for _, x := range u.matrices {
		size := x.packedSize()
		x.packed, rest = rest[:size:size], rest[size:]
	}
}

// wait returns when the slot's unit is there, or why it is not.
func (s *slot) wait(ctx context.Context) error {
	if s.ready {
		return nil
	}
	select {
	case err := <-s.done:
		s.done = nil
		if err != nil {
			s.settle()
			return err
		}
		s.ready = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// through says that a step is done with its weights.
func (p *Pass) through(u *unit) {
	if p.net.stream == nil || u == nil || u.number < 0 {
		return
	}
	for _, x := range u.matrices {
		x.packed = nil
	}
	for _, x := range u.stay {
		if p.net.stream.mapped && p.err == nil {
			p.err = forget(x.data)
		}
	}
	if len(p.net.stream.units) > slots && u.slot != nil && u.slot.ready {
		u.slot.settle() // its place is for the unit after the next
	}
}

// rest gives the memory of weights back that are read as they are stored: those of the input, and of the output where they
// are not packed. The next batch gets them again.
func (p *Pass) rest() {
	if s := p.net.stream; s == nil || !s.mapped || p.err != nil {
		return
	}
	if p.err = forget(p.net.embedding.data); p.err == nil && p.net.head.packed == nil {
		p.err = forget(p.net.head.data)
	}
}

// load begins to fill a slot.
func (n *Network) load(s *slot, u *unit) {
	s.settle()
	s.unit, u.slot = u, s
	done := make(chan error, 1)
	s.done = done
	go func() { done <- n.fill(s, u) }()
}

// fill packs a unit, which is how it is read. A fault of a mapped file that was cut short is an error.
func (n *Network) fill(s *slot, u *unit) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = &PanicError{cause: cause, stack: debug.Stack()}
		}
	}()
	memory, mapped := s.memory.Bytes(), n.stream.mapped
	for _, x := range u.stay {
		if mapped {
			expect(x.data)
		}
	}
	if f := n.stream.feed; f != nil {
		return f.deliver(u.number, func(p *part, buffer []byte) {
			some := p.rows(buffer)
			some.packRun(n.kernel, &s.worker, memory[p.place:][:some.packedSize()], 0, some.panels())
		})
	}
	for _, x := range u.matrices {
		size := x.packedSize()
		if err := x.packAll(n.kernel, &s.worker, memory[:size:size], mapped); err != nil {
			return err
		}
		memory = memory[size:]
	}
	if mapped {
		// Small units are read sooner than large ones are computed: the disk goes on with what comes after.
		for _, x := range n.stream.units[(u.number+1)%len(n.stream.units)].matrices {
			expect(x.data)
		}
	}
	return nil
}

// aheadBytes is how much of a file is asked for before the part that is being packed, and how much is given back at once.
const aheadBytes = 8 << 20

// packAll packs all panels of a matrix, a part at a time: the system reads the part after the one at hand, and gets back
// the memory of the one before.
func (x *matrix) packAll(k *kernel.Kernel, w *Worker, packed []byte, mapped bool) error {
	columns := x.columns()
	perRow := len(x.data) / x.rows
	step := max(1, aheadBytes/max(1, columns*perRow)) // panels
	if x.decoder != nil {
		step = x.panels() // a decoder may read rows in another order
	}
	part := func(first int) []byte {
		from, to := min(first*columns, x.rows), min((first+step)*columns, x.rows)
		return x.data[from*perRow : to*perRow]
	}
	if mapped {
		expect(part(0))
	}
	for first := 0; first < x.panels(); first += step {
		last := min(first+step, x.panels())
		if mapped {
			expect(part(last))
		}
		x.packRun(k, w, packed, first, last)
		if mapped {
			if err := forget(part(first)); err != nil {
				return err
			}
		}
	}
	return nil
}

// packRun packs some panels into the memory of all.
func (x *matrix) packRun(k *kernel.Kernel, w *Worker, packed []byte, first, last int) {
	if x.decoder == nil {
		k.PackPanels(packed, x.mode, x.data, x.format, x.cols, x.rows, first, last)
		return
	}
	for i := first; i < last; i++ {
		x.packPanel(k, w, packed[i*x.panelSize():][:x.panelSize()], i)
	}
}
