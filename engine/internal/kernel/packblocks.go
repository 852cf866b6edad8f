package kernel

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

// BlockScratch is memory that PackBlocks works in. It grows to what is asked for and stays.
type BlockScratch struct {
	panel []float32 // what becomes a panel of another arithmetic, in whole chunks
	rows  []float32 // row-major
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
	panel := scratch(&s.panel, (kk+chunkRows-1)/chunkRows*chunkRows*NR)
	clear(panel[kk*NR:])
	for c0 := 0; c0 < m.Columns(); c0 += NR {
		k.unpack(panel[:kk*NR], f, rows[min(c0, len(rows)):min(c0+NR, len(rows))], s)
		for k0 := 0; k0 < kk; k0 += chunkRows {
			chunk := (*[chunkRows * NR]float32)(panel[k0*NR:])
			if m == ModeBF16 {
				k.packing.pairRows(dst[k0/2*pairSize+c0*4:], chunk, (min(chunkRows, kk-k0)+1)/2)
			} else {
				k.packing.quantizeColumns(dst[k0/groupQ8*groupSizeQ8:][:groupSizeQ8], chunk)
			}
		}
	}
}

// DotsBlocks reports whether a single row of float32 is multiplied with blocks of f faster without a panel in between.
func (k *Kernel) DotsBlocks(f blocks.Format) bool { return k.level().Dots(f) }

// DotBlocks writes to dst the products of x with rows of whole blocks of f, at most NR: what GemmF32 gives for one row of A
// and the panel that PackBlocks makes of them, to the bit. What lies ahead bytes behind the rows is fetched meanwhile. It
// needs k.DotsBlocks(f).
func (k *Kernel) DotBlocks(dst []float32, f blocks.Format, rows [][]byte, x []float32, ahead int) {
	k.level().Dot(dst, f, rows, x, ahead)
}

// level is the assembly for blocks that belongs to the kernel.
func (k *Kernel) level() blocks.Vector {
	if k.packing == vectorAVX512 {
		return blocks.AVX512
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
	values := scratch(&s.rows, len(rows)*kk)
	for i, row := range rows {
		f.Decode(values[i*kk:][:kk], row)
	}
	k.packF32(dst, values, kk, kk, len(rows))
}

// scratch returns n elements of a buffer, undefined in content.
func scratch(buffer *[]float32, n int) []float32 {
	if cap(*buffer) < n {
		*buffer = make([]float32, n)
	}
	return (*buffer)[:n]
}
