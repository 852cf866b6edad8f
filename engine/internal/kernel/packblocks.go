package kernel

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

// BlockScratch is memory that PackBlocks works in. It grows to what is asked for and stays.
type BlockScratch struct {
	panel []float32 // what becomes a panel of another arithmetic, in whole chunks
	rows  []float32 // row-major
	strip []byte    // woven
	right []float32 // the panel of a strip's second half, which has no rows
}

// PackBlocks packs rows of whole blocks of f, all of the same length and at most m.Columns() of them, into one panel: row
// j becomes column j, and columns beyond them are zero. dst has m.PanelSize(kk) bytes for kk numbers to a row. It is
// PackPanels of the numbers that the blocks stand for.
func (k *Kernel) PackBlocks(dst []byte, m Mode, f blocks.Format, rows [][]byte, s *BlockScratch) {
	if len(rows) == 0 || len(rows) > m.Columns() {
		panic(fmt.Sprintf("kernel: PackBlocks of %d rows, %v", len(rows), m))
	}
	kk := len(rows[0]) / f.Bytes() * f.Elements()
	dst = first(dst, m.PanelSize(kk))
	if m == ModeF32 {
		k.unpack(floats(dst), f, rows, s)
		return
	}
	panel := s.chunks(kk, 1)
	for c0 := 0; c0 < m.Columns(); c0 += NR {
		k.unpack(panel[:kk*NR], f, rows[min(c0, len(rows)):min(c0+NR, len(rows))], s)
		k.convert(dst, m, panel, kk, c0)
	}
}

// chunks returns room for n panels of float32 with kk rows each, filled up with zeros to whole chunks.
func (s *BlockScratch) chunks(kk, n int) []float32 {
	size := (kk + chunkRows - 1) / chunkRows * chunkRows * NR
	all := scratch(&s.panel, n*size)
	for i := range n {
		clear(all[i*size+kk*NR : (i+1)*size])
	}
	return all
}

// convert makes columns c0 to c0+NR-1 of a panel of m, which is not ModeF32, of a panel of float32 in whole chunks.
func (k *Kernel) convert(dst []byte, m Mode, panel []float32, kk, c0 int) {
	for k0 := 0; k0 < kk; k0 += chunkRows {
		chunk := (*[chunkRows * NR]float32)(panel[k0*NR:])
		if m == ModeBF16 {
			k.packing.pairRows(dst[k0/2*pairSize+c0*4:], chunk, (min(chunkRows, kk-k0)+1)/2)
		} else {
			k.packing.quantizeColumns(dst[k0/groupQ8*groupSizeQ8:][:groupSizeQ8], chunk)
		}
	}
}

// Weaves reports whether the kernel works with woven blocks of f.
func (k *Kernel) Weaves(f blocks.Format) bool { return k.level().Weaves(f) }

// DotStrip writes to dst the products of x with the rows of a strip of woven blocks of f, at most blocks.Strip: what GemmF32
// gives for one row of A and the panels that PackStrip makes, to the bit. It fetches some of what comes behind the strip.
func (k *Kernel) DotStrip(dst []float32, f blocks.Format, strip []byte, x []float32) {
	k.level().Dot(dst, f, strip, x)
}

// PackStrip packs a strip of woven blocks of f, or some of its blocks, into blocks.Strip/m.Columns() panels, one after the other. What
// lies ahead bytes behind what it reads is fetched.
func (k *Kernel) PackStrip(dst []byte, m Mode, f blocks.Format, strip []byte, s *BlockScratch, ahead int) {
	kk := len(strip) / blocks.Strip / f.Bytes() * f.Elements()
	size := m.PanelSize(kk)
	dst = first(dst, blocks.Strip/m.Columns()*size)
	if m == ModeF32 {
		k.level().Unweave(floats(dst[:size]), floats(dst[size:]), f, strip, ahead)
		return
	}
	panels := s.chunks(kk, 2)
	left, right := panels[:len(panels)/2], panels[len(panels)/2:]
	k.level().Unweave(left, right, f, strip, ahead)
	k.convert(dst, m, left, kk, 0)
	if m.Columns() == NR {
		k.convert(dst[size:], m, right, kk, 0)
		return
	}
	k.convert(dst, m, right, kk, NR)
}

// level is the assembly for blocks that belongs to the kernel.
func (k *Kernel) level() blocks.Vector {
	switch k.packing {
	case vectorAVX512:
		return blocks.AVX512
	case vectorAVX2:
		return blocks.AVX2
	case vectorNEON:
		return blocks.NEON
	}
	return blocks.Portable
}

// unpack makes float32 columns of rows, of which there may be none.
func (k *Kernel) unpack(dst []float32, f blocks.Format, rows [][]byte, s *BlockScratch) {
	if len(rows) == 0 {
		clear(dst)
		return
	}
	if level := k.level(); level.Unpacks(f) {
		level.Unpack(dst, f, rows)
		return
	}
	kk := len(dst) / NR
	if k.Weaves(f) {
		strip := scratch(&s.strip, blocks.Strip*len(rows[0]))
		blocks.Weave(strip, f, rows)
		k.level().Unweave(dst, scratch(&s.right, kk*NR), f, strip, 0)
		for at := 0; at < len(dst) && len(rows) < NR; at += NR { // no blocks at all may stand for negative zeros
			clear(dst[at+len(rows) : at+NR])
		}
		return
	}
	values := scratch(&s.rows, len(rows)*kk)
	for i, row := range rows {
		f.Decode(values[i*kk:][:kk], row)
	}
	k.packF32(dst, values, kk, kk, len(rows))
}

// scratch returns n elements of a buffer, undefined in content.
func scratch[T any](buffer *[]T, n int) []T {
	if cap(*buffer) < n {
		*buffer = make([]T, n)
	}
	return (*buffer)[:n]
}
