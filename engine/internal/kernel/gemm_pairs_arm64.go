package kernel

import (
	"encoding/binary"
	"unsafe"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// The tiles of gemm_pairs_arm64.s. Strides are in bytes.

//go:noescape
func tileMixedNEON(rows, pairs int, a unsafe.Pointer, lda int, b *byte, ldb int, c *float32, ldc int, acc int, ahead int)

//go:noescape
func tileFlushNEON(rows, pairs int, a unsafe.Pointer, lda int, b *byte, ldb int, c *float32, ldc int, acc int, ahead int) (underflow int)

//go:noescape
func tileBFMLAL(rows, pairs int, a unsafe.Pointer, lda int, b *byte, ldb int, c *float32, ldc int, acc int, ahead int) (underflow int)

//go:noescape
func widenNEON(blocks int, src unsafe.Pointer, dst *float32)

func peakBFMLAL(n int)

// tile names a family of tiles: how they multiply pairs of bfloat16.
type tile uint8

const (
	mixedNEON tile = iota // fused multiply-adds of widened weights, for an A of float32
	flushNEON             // the same without subnormal numbers, for an A of bfloat16
	bfmlal                // BFMLALB and BFMLALT
)

const (
	// pairRowsMax is how many rows of A a tile has at most.
	pairRowsMax = 8
	// streamPairs bounds the time of a call for a single row, which reads a panel in order.
	streamPairs = 4096
	// sharePairs is the length of a block of which a tile takes a part of the columns at a time: 64 KiB.
	sharePairs = 256
	// widenBlock is how many elements widenNEON takes at a time.
	widenBlock = 8
)

// wideRows holds the rows of a tile in float32, for flushNEON.
type wideRows [pairRowsMax * 2 * sharePairs]float32

// partNEON is how many columns a tile of some rows takes at a time.
func partNEON(rows int) int {
	switch {
	case rows == 1:
		return columnsBF16
	case rows == 2:
		return columnsBF16 / 2
	case rows <= 4:
		return columnsBF16 / 4
	}
	return columnsBF16 / 8
}

// products multiplies m rows of A, lda bytes apart and size bytes to an element, by all pairs of the panels of n columns,
// panelSize bytes each.
func (t tile) products(m, n, pairs int, a unsafe.Pointer, size, lda int, b []byte, panelSize int, c []float32, ldc int, acc bool, wide *wideRows) {
	length := sharePairs
	if m == 1 && t != flushNEON {
		length = streamPairs
	}
	for j := 0; j < n; j += columnsBF16 {
		panel := b[j/columnsBF16*panelSize:]
		for p := 0; p < pairs; p += length {
			some := min(length, pairs-p)
			t.rows(m, min(columnsBF16, n-j), some, unsafe.Add(a, 2*p*size), lda, panel[p*pairSize:], pairSize, c[j:], ldc, acc || p > 0, wide)
		}
	}
}

// rows cuts the rows of A into tiles of about the same height. B has n columns, or is a panel of 64 of which n count.
func (t tile) rows(m, n, pairs int, a unsafe.Pointer, lda int, b []byte, ldb int, c []float32, ldc int, acc bool, wide *wideRows) {
	tiles := (m + pairRowsMax - 1) / pairRowsMax
	for tile, i := 0, 0; tile < tiles; tile++ {
		rows := height(m-i, tiles-tile)
		pa, pc, part := unsafe.Add(a, i*lda), c[i*ldc:], partNEON(rows)
		if t == flushNEON {
			widenRows(wide, rows, 2*pairs, pa, lda)
		}
		whole := n / part * part
		for j := 0; j < whole; j += part {
			t.run(rows, pairs, pa, lda, b[4*j:], ldb, pc[j:], ldc, part, j*pairs*4, acc, wide)
		}
		if whole < n {
			var last [pairRowsMax * columnsBF16]float32
			for r := 0; r < rows && acc; r++ {
				copy(last[r*part:], pc[r*ldc+whole:r*ldc+n])
			}
			t.run(rows, pairs, pa, lda, b[4*whole:], ldb, last[:], part, part, whole*pairs*4, acc, wide)
			for r := range rows {
				copy(pc[r*ldc+whole:r*ldc+n], last[r*part:])
			}
		}
		i += rows
	}
}

// widenRows widens n elements of each row.
func widenRows(wide *wideRows, rows, n int, a unsafe.Pointer, lda int) {
	for r := range rows {
		src, dst := unsafe.Add(a, r*lda), wide[r*2*sharePairs:]
		if blocks := n / widenBlock; blocks > 0 {
			widenNEON(blocks, src, &dst[0])
		}
		half := unsafe.Slice((*uint16)(src), n)
		for i := n / widenBlock * widenBlock; i < n; i++ {
			dst[i] = num.BF16ToF32(half[i])
		}
	}
}

// run multiplies a tile's rows by cols columns. It fetches what follows the block, of which the tile's parts take their
// shares in turn: done bytes were others'. It is a branch for the reason given at vector.
func (t tile) run(rows, pairs int, a unsafe.Pointer, lda int, b []byte, ldb int, c []float32, ldc int, cols, done int, acc bool, wide *wideRows) {
	old, ahead, underflow := flag(acc), pairs*ldb+done, 0
	switch t {
	case mixedNEON:
		tileMixedNEON(rows, pairs, a, lda, &b[0], ldb, &c[0], ldc*4, old, ahead)
	case flushNEON:
		underflow = tileFlushNEON(rows, pairs, unsafe.Pointer(wide), 2*sharePairs*4, &b[0], ldb, &c[0], ldc*4, old, ahead)
	case bfmlal:
		underflow = tileBFMLAL(rows, pairs, a, lda, &b[0], ldb, &c[0], ldc*4, old, ahead)
	}
	if underflow != 0 {
		flushExactly(rows, pairs, a, lda, b, ldb, c, ldc, cols, acc)
	}
}

// flushExactly is the tile for sums so small that the processor's way of flushing them is not the canonical one.
func flushExactly(rows, pairs int, a unsafe.Pointer, lda int, b []byte, ldb int, c []float32, ldc int, cols int, acc bool) {
	var even, odd [columnsBF16]float32
	for i := range rows {
		out := c[i*ldc:][:cols]
		if !acc {
			clear(out)
		}
		for j, v := range out {
			out[j] = num.Flush32(v)
		}
	}
	for p := range pairs {
		row := b[p*ldb:][:4*cols]
		for j := range cols {
			even[j] = num.Flush32(num.BF16ToF32(binary.LittleEndian.Uint16(row[4*j:])))
			odd[j] = num.Flush32(num.BF16ToF32(binary.LittleEndian.Uint16(row[4*j+2:])))
		}
		for i := range rows {
			pair, out := unsafe.Slice((*uint16)(unsafe.Add(a, i*lda+4*p)), 2), c[i*ldc:][:cols]
			axpyFlush(out, num.Flush32(num.BF16ToF32(pair[1])), odd[:])
			axpyFlush(out, num.Flush32(num.BF16ToF32(pair[0])), even[:])
		}
	}
}

func (t tile) gemmBF16(m, n, k int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool) {
	panel := ModeBF16.PanelSize(k)
	if k > 1 {
		if t == flushNEON {
			var wide wideRows
			t.products(m, n, k/2, unsafe.Pointer(&a[0]), 2, lda*2, b, panel, c, ldc, acc, &wide)
		} else {
			t.products(m, n, k/2, unsafe.Pointer(&a[0]), 2, lda*2, b, panel, c, ldc, acc, nil)
		}
	}
	if k%2 == 0 {
		return
	}
	// The last element has no partner in A, but the next row may begin where that would be.
	for j := 0; j < n; j += columnsBF16 {
		pair := b[(j/columnsBF16+1)*panel-pairSize:]
		gemmBF16Portable(m, min(columnsBF16, n-j), 1, a[k-1:], lda, pair, c[j:], ldc, acc || k > 1)
	}
}

func (t tile) gemmMixed(m, n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, s *Scratch) {
	panel := ModeBF16.PanelSize(k)
	if k > 1 {
		t.products(m, n, k/2, unsafe.Pointer(&a[0]), 4, lda*4, b, panel, c, ldc, acc, nil)
	}
	if k%2 == 0 {
		return
	}
	for j := 0; j < n; j += columnsBF16 {
		pair := b[(j/columnsBF16+1)*panel-pairSize:]
		gemmMixedPortable(m, min(columnsBF16, n-j), 1, a[k-1:], lda, pair, c[j:], ldc, acc || k > 1, s)
	}
}

// gemmPairs reads whole blocks of 64 columns as they are; others go by way of a panel, since a tile's columns must be there.
func (t tile) gemmPairs(m, n, pairs int, a []uint16, lda int, b []byte, ldb int, c []float32, ldc int, acc bool) {
	if n == columnsBF16 && t == bfmlal {
		t.rows(m, n, pairs, unsafe.Pointer(&a[0]), lda*2, b, ldb, c, ldc, acc, nil)
		return
	}
	var panel [chunkPairs * pairSize]byte
	for p := 0; p < pairs; p += chunkPairs {
		some := min(chunkPairs, pairs-p)
		copyPairs(&panel, b[p*ldb:], ldb, n, some)
		t.gemmBF16(m, n, 2*some, a[2*p:], lda, panel[:], c, ldc, acc || p > 0)
	}
}

func peakRateBFMLAL() float64 {
	const rounds = 20_000
	return peakOf(rounds*16*4*2, func() { peakBFMLAL(rounds) })
}
