package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

// packable are the matrices that are packed where there is memory for it: all but those that stay as they are stored.
func (n *Network) packable() []*matrix {
	return slices.DeleteFunc(slices.Clone(n.matrices), func(x *matrix) bool { return x.kept })
}

// settle decides in what form x is packed. Panels of blocks are made as fast as they are read, and would be up to seven
// times as large: so blocks are woven where the kernel has products with these, and stay as they are stored where it has none.
// In 8 bits they are quantised anew, which takes longer than reading: panels of these are packed, unless memory is scarce
// and they are much larger than the blocks.
func (x *matrix) settle(k *kernel.Kernel, mode kernel.Mode, scarce bool) {
	x.mode = mode
	if mode == kernel.ModeF32 && x.format == kernel.BF16 {
		x.mode = kernel.ModeBF16 // widened in the product: the same bits from half the memory
	}
	large := mode != kernel.ModeQ8 || scarce && mode.PackedSize(x.cols, x.rows) > len(x.data)*5/4
	x.kept = x.blocks != blocks.None && large && !k.Weaves(x.blocks)
	x.woven = x.blocks != blocks.None && large && !x.kept
}

// columns is the number of outputs whose weights lie side by side: those of a panel or of a strip.
func (x *matrix) columns() int {
	if x.woven {
		return blocks.Strip
	}
	return x.mode.Columns()
}

// panelSize is the number of bytes of a panel or strip.
func (x *matrix) panelSize() int {
	if x.woven {
		return blocks.Strip * x.cols / x.blocks.Elements() * x.blocks.Bytes()
	}
	return x.mode.PanelSize(x.cols)
}

// packedSize is the number of bytes of all of them.
func (x *matrix) packedSize() int { return x.panels() * x.panelSize() }

// PackedSize is the bytes of these as panels.
func (n *Network) PackedSize() int64 { return packedSize(n.packable()) }

func packedSize(list []*matrix) int64 {
	size := int64(0)
	for _, x := range list {
		size += int64(x.packedSize())
	}
	return size
}

// StepBytes counts the bytes of weights that one forward pass reads, in the form it reads them: all but the embedding, of
// which it reads rows.
func (n *Network) StepBytes() int64 {
	size := n.packedSize
	for _, x := range n.matrices {
		if x.packed == nil && x.room == nil {
			size += int64(len(x.data))
		}
	}
	return size
}

// Packed is the memory of packed weights, empty unless they are or will be.
func (n *Network) Packed() *kernel.Memory { return n.packed }

// packTask is a run of a matrix's panels.
type packTask struct {
	matrix      *matrix
	first, last int
}

// Pack has the matrices packed once and for all, each when it is reached, so that products need not convert and pack what they
// read. The bits of answers are the same either way. What has been packed is forgotten in its stored form, unless it is in memory
// only.
func (n *Network) Pack(inMemory bool) error {
	if err := n.place(n.packable()); err != nil {
		return err
	}
	n.reaching = &reaching{inMemory: inMemory}
	return nil
}

// place gives matrices their places in memory, which they take when they are packed.
func (n *Network) place(list []*matrix) (err error) {
	size := packedSize(list)
	if size == 0 {
		return nil
	}
	if n.packed, err = kernel.Allocate(int(size)); err != nil {
		return err
	}
	rest := n.packed.Bytes()
	for _, x := range list {
		size := x.packedSize()
		x.room, rest = rest[:size:size], rest[size:]
	}
	n.packedSize = size
	return nil
}

// pack packs matrices that have places.
func (n *Network) pack(ctx context.Context, list []*matrix, inMemory bool) (err error) {
	const (
		together = 8 // matrices, about a layer's
		run      = 4 // panels: enough to be worth a task, few enough to keep all goroutines busy to the end
	)
	for some := range slices.Chunk(list, together) {
		var tasks []packTask
		for _, x := range some {
			for first := 0; first < x.panels(); first += run {
				tasks = append(tasks, packTask{x, first, min(x.panels(), first+run)})
			}
		}
		if err := n.pool.Run(ctx, len(tasks), func(w *Worker, i int) {
			x := tasks[i].matrix
			if x.decoder == nil {
				n.kernel.PackPanels(x.room, x.mode, x.data, x.format, x.cols, x.rows, tasks[i].first, tasks[i].last)
				return
			}
			for p := tasks[i].first; p < tasks[i].last; p++ {
				x.packPanel(n.kernel, w, x.room[p*x.panelSize():][:x.panelSize()], p)
			}
		}); err != nil {
			return err
		}
		for _, x := range some {
			x.packed, x.room = x.room, nil
			if inMemory {
				continue
			}
			if err := forget(x.data); err != nil {
				return fmt.Errorf("release what has been packed: %w", err)
			}
		}
	}
	return nil
}

// panels is the number of the matrix's panels or strips.
func (x *matrix) panels() int { return (x.rows + x.columns() - 1) / x.columns() }

// run returns as many as possible of panels from..to-1, up to end, and their number of columns. It packs what has not
// been packed into the scratch of w, one panel at a time.
func (x *matrix) run(k *kernel.Kernel, w *Worker, from, to int) (panels []byte, end, cols int) {
	size, first := x.mode.PanelSize(x.cols), from*x.mode.Columns()
	if x.packed != nil {
		return x.packed[from*size : to*size], to, min(to*x.mode.Columns(), x.rows) - first
	}
	panels = grown(&w.panel, size)
	x.packPanel(k, w, panels, from)
	return panels, from + 1, min(x.mode.Columns(), x.rows-first)
}

// packPanel packs panel i alone.
func (x *matrix) packPanel(k *kernel.Kernel, w *Worker, panel []byte, i int) {
	switch {
	case x.woven:
		x.takeRows(w, i)
		blocks.Weave(panel, x.blocks, w.stored)
		return
	case x.blocks != blocks.None:
		x.takeRows(w, i)
		for at := 0; at < x.cols; at += blockInputs {
			n := min(blockInputs, x.cols-at)
			x.packBlocks(k, w, panel[x.mode.PanelSize(at):][:x.mode.PanelSize(n)], w.stored, at, n)
		}
		return
	}
	first := i * x.mode.Columns()
	cols := min(x.mode.Columns(), x.rows-first)
	data, release := x.stored(first, cols)
	k.PackPanels(panel, x.mode, data, x.format, x.cols, cols, 0, 1)
	release()
}

// blockInputs is how many inputs of a panel are made of blocks at a time: whole blocks of any format and whole groups of
// ModeQ8, few enough for the first-level cache in float32.
const blockInputs = blocks.MostElements

// takeRows has the rows of panel or strip i ready.
func (x *matrix) takeRows(w *Worker, i int) {
	first := i * x.columns()
	w.stored = w.stored[:0]
	for row := first; row < min(x.rows, first+x.columns()); row++ {
		w.stored = append(w.stored, x.decoder.Row(row))
	}
}

// packBlocks packs n inputs, from at on, of rows that were taken, as one panel; both are whole blocks.
func (x *matrix) packBlocks(k *kernel.Kernel, w *Worker, panel []byte, rows [][]byte, at, n int) {
	begin, end := at/x.blocks.Elements()*x.blocks.Bytes(), (at+n)/x.blocks.Elements()*x.blocks.Bytes()
	w.cut = w.cut[:0]
	for _, row := range rows {
		w.cut = append(w.cut, row[begin:end])
	}
	k.PackBlocks(panel, x.mode, x.blocks, w.cut, &w.blocks)
}

// packSome packs n inputs, from at on, of panel or strip i: strips become as many panels of rows that were taken, or of what
// has been woven.
func (x *matrix) packSome(k *kernel.Kernel, w *Worker, i, at, n int) (panels []byte) {
	size, columns := x.mode.PanelSize(n), x.mode.Columns()
	panels = grown(&w.panel, x.columns()/columns*size)
	if x.packed != nil {
		strip := x.packed[i*x.panelSize():][:x.panelSize()]
		begin, end := at*len(strip)/x.cols, (at+n)*len(strip)/x.cols
		k.PackStrip(panels, x.mode, x.blocks, strip[begin:end], &w.blocks, end-begin)
		return panels
	}
	x.fetchBlocks(k, i+1, at, n)
	for c := 0; c < len(w.stored); c += columns {
		x.packBlocks(k, w, panels[c/columns*size:][:size], w.stored[c:min(c+columns, len(w.stored))], at, n)
	}
	return panels
}

// fetchBlocks asks for what panel i has in the place of n inputs from at on: all of it, part by part. Rows are too short
// for the processor to notice that they are read in order.
func (x *matrix) fetchBlocks(k *kernel.Kernel, i, at, n int) {
	size := len(x.data) / x.rows * x.columns()
	begin, end := i*size+size*at/x.cols, i*size+size*(at+n)/x.cols
	if begin < len(x.data) {
		k.Fetch(x.data[begin:min(end, len(x.data))])
	}
}
