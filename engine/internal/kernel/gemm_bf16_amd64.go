package kernel

import "unsafe"

// The tiles of gemm_bf16_amd64.s, gemm_wide_avx512_amd64.s and gemm_wide_avx2_amd64.s: rows of A, at most rowsBF16, by the
// columns of a panel. Strides are in bytes; there is at least one pair of k.

//go:noescape
func tileBF16(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

//go:noescape
func tileFlushAVX512(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

//go:noescape
func tileMixedAVX512(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

//go:noescape
func tileFlushAVX2(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

//go:noescape
func tileMixedAVX2(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

func peakBF16(n int)

// tile names a family of tiles: how they multiply a panel of bfloat16.
type tile uint8

const (
	dotBF16     tile = iota // VDPBF16PS
	flushAVX512             // fused multiply-adds of widened operands, without subnormal numbers
	flushAVX2
	mixedAVX512 // the same for an A of float32, with subnormal numbers
	mixedAVX2
)

const (
	// streamRows is up to how many rows k goes through in long runs, so that weights arrive from memory in a stream. With
	// more of them a block of a panel stays in the second-level cache until all rows have used it.
	streamRows = 64
	// streamPairs bounds the time of a call.
	streamPairs = 4096
	// blockPairs is the length of a block: 64 KiB of a panel.
	blockPairs = 256
)

// products multiplies m rows of A, lda bytes apart and size bytes to an element, by all pairs of the panels of n columns,
// panelSize bytes each.
func (t tile) products(m, n, pairs int, a unsafe.Pointer, size, lda int, b []byte, panelSize int, c []float32, ldc int, acc bool) {
	block := blockPairs
	if m <= streamRows {
		block = streamPairs
	}
	for j := 0; j < n; j += columnsBF16 {
		panel := b[j/columnsBF16*panelSize:]
		for p := 0; p < pairs; p += block {
			t.rows(m, min(columnsBF16, n-j), min(block, pairs-p), unsafe.Add(a, 2*p*size), lda, &panel[p*pairSize], c[j:], ldc, acc || p > 0)
		}
	}
}

// rows cuts the rows of A into tiles of about the same height.
func (t tile) rows(m, n, pairs int, a unsafe.Pointer, lda int, b *byte, c []float32, ldc int, acc bool) {
	old := 0
	if acc {
		old = 1
	}
	for i := 0; i < m; {
		left := (m - i + rowsBF16 - 1) / rowsBF16
		rows := (m - i + left - 1) / left
		pa, pc := unsafe.Add(a, i*lda), c[i*ldc:]
		if n == columnsBF16 {
			t.run(rows, pairs, pa, lda, b, &pc[0], ldc*4, old)
		} else {
			var whole [rowsBF16 * columnsBF16]float32
			for r := 0; r < rows && acc; r++ {
				copy(whole[r*columnsBF16:], pc[r*ldc:r*ldc+n])
			}
			t.run(rows, pairs, pa, lda, b, &whole[0], columnsBF16*4, old)
			for r := range rows {
				copy(pc[r*ldc:r*ldc+n], whole[r*columnsBF16:])
			}
		}
		i += rows
	}
}

// run is a branch for the reason given at vector.
func (t tile) run(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int) {
	switch t {
	case dotBF16:
		tileBF16(rows, pairs, a, lda, b, c, ldc, acc)
	case flushAVX512:
		tileFlushAVX512(rows, pairs, a, lda, b, c, ldc, acc)
	case mixedAVX512:
		tileMixedAVX512(rows, pairs, a, lda, b, c, ldc, acc)
	case flushAVX2:
		tileFlushAVX2(rows, pairs, a, lda, b, c, ldc, acc)
	case mixedAVX2:
		tileMixedAVX2(rows, pairs, a, lda, b, c, ldc, acc)
	}
}

func (t tile) gemmBF16(m, n, k int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool) {
	panel := ModeBF16.PanelSize(k)
	if k > 1 {
		t.products(m, n, k/2, unsafe.Pointer(&a[0]), 2, lda*2, b, panel, c, ldc, acc)
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

func (t tile) gemmMixed(m, n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool) {
	panel := ModeBF16.PanelSize(k)
	if k > 1 {
		t.products(m, n, k/2, unsafe.Pointer(&a[0]), 4, lda*4, b, panel, c, ldc, acc)
	}
	if k%2 == 0 {
		return
	}
	for j := 0; j < n; j += columnsBF16 {
		pair := b[(j/columnsBF16+1)*panel-pairSize:]
		gemmMixedPortable(m, min(columnsBF16, n-j), 1, a[k-1:], lda, pair, c[j:], ldc, acc || k > 1)
	}
}

func peakRateBF16() float64 {
	const rounds = 20_000
	return peakOf(rounds*24*32*2, func() { peakBF16(rounds) })
}
