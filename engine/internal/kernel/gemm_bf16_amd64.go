package kernel

import "unsafe"

// The tiles of gemm_bf16_amd64.s, gemm_wide_avx512_amd64.s and gemm_wide_avx2_amd64.s: rows of A, at most rowsBF16, by the
// columns of a panel. Strides are in bytes; there is at least one pair of k.

//go:noescape
func tileBF16(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int, ahead, stride int)

//go:noescape
func tileFlushAVX512(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int, ahead, stride int)

//go:noescape
func tileMixedAVX512(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int, ahead, stride int)

//go:noescape
func tileFlushAVX2(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

//go:noescape
func tileMixedAVX2(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int)

//go:noescape
func tilePairsBF16(rows, pairs int, a *uint16, lda int, b *byte, ldb int, c *float32, ldc int, acc int, n int)

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
	// streamPairs bounds the time of a call.
	streamPairs = 4096
	// Blocks of a panel stay in a cache until all rows have used them: 16 and 32 KiB in the first level while memory is
	// the bottleneck, 256 KiB in the second where arithmetic is.
	leastPairs = 64
	shortPairs = 128
	blockPairs = 1024
	// sharePairs is the length of a block of which AVX2 takes a quarter of the columns at a time: 64 KiB.
	sharePairs = 256
	// fewRows is up to how many rows memory is the bottleneck, or nearly so. Up to scantRows it is beyond doubt; with the longer
	// blocks, which leave little room in the first level, 16 rows were a third slower in some processes and not in others.
	fewRows   = 64
	scantRows = 16
)

// block is how many pairs a tile of m rows takes before the next rows have their turn. Up to one tile of rows weights
// stream from memory; otherwise a block's first tiles fetch the next block, so that memory and arithmetic overlap.
func (t tile) block(m int) int {
	switch {
	case m == 1:
		return streamPairs
	case t == flushAVX2 || t == mixedAVX2:
		return sharePairs
	case m <= rowsBF16:
		return streamPairs
	case m <= scantRows:
		return leastPairs
	case m <= fewRows:
		return shortPairs
	}
	return blockPairs
}

// products multiplies m rows of A, lda bytes apart and size bytes to an element, by all pairs of the panels of n columns,
// panelSize bytes each.
func (t tile) products(m, n, pairs int, a unsafe.Pointer, size, lda int, b []byte, panelSize int, c []float32, ldc int, acc bool) {
	block := t.block(m)
	for j := 0; j < n; j += columnsBF16 {
		panel := b[j/columnsBF16*panelSize:]
		for p := 0; p < pairs; p += block {
			t.rows(m, min(columnsBF16, n-j), min(block, pairs-p), unsafe.Add(a, 2*p*size), lda, &panel[p*pairSize], c[j:], ldc, acc || p > 0)
		}
	}
}

// rows cuts the rows of A into tiles of about the same height.
func (t tile) rows(m, n, pairs int, a unsafe.Pointer, lda int, b *byte, c []float32, ldc int, acc bool) {
	old := flag(acc)
	tiles := (m + rowsBF16 - 1) / rowsBF16
	for tile, i := 0, 0; tile < tiles; tile++ {
		rows := height(m-i, tiles-tile)
		f := fetchFor(tile, tiles, pairs*pairSize, pairSize)
		pa, pc := unsafe.Add(a, i*lda), c[i*ldc:]
		if n == columnsBF16 {
			t.run(rows, pairs, pa, lda, b, &pc[0], ldc*4, old, f)
		} else {
			var whole [rowsBF16 * columnsBF16]float32
			for r := 0; r < rows && acc; r++ {
				copy(whole[r*columnsBF16:], pc[r*ldc:r*ldc+n])
			}
			t.run(rows, pairs, pa, lda, b, &whole[0], columnsBF16*4, old, f)
			for r := range rows {
				copy(pc[r*ldc:r*ldc+n], whole[r*columnsBF16:])
			}
		}
		i += rows
	}
}

// fetch says which part of the weights to come a tile fetches into the cache: from ahead bytes after its own on, with
// stride bytes to a step. A stride of zero fetches nothing new, and one below zero is that of a tile that streams by itself.
type fetch struct{ ahead, stride int }

const (
	// fetchTiles is how many of a block's tiles share the fetching of the next block. With fewer, memory rests while the
	// others compute; with more, a tile would fetch single lines more than once.
	fetchTiles = 4
	// streamBytes is how far ahead a tile fetches that streams by itself (stream_amd64.h); less than that is in a cache anyhow.
	streamBytes = 16 << 10
)

// fetchFor divides the fetching of the block after this one, size bytes long, evenly between the first of a block's tiles.
// Where there is only one, that streams. A tile has a step for every step bytes of its block. The block after the last one may not be
// there; fetching memory that does not exist does nothing.
func fetchFor(tile, tiles, size, step int) fetch {
	share := min(tiles, fetchTiles)
	switch {
	case tiles == 1 && size > streamBytes:
		return fetch{stride: -1}
	case tiles == 1 || tile >= share:
		return fetch{}
	}
	return fetch{size + tile*size/share, (step + share - 1) / share}
}

// run is a branch for the reason given at vector.
func (t tile) run(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int, f fetch) {
	switch t {
	case dotBF16:
		tileBF16(rows, pairs, a, lda, b, c, ldc, acc, f.ahead, f.stride)
	case flushAVX512:
		tileFlushAVX512(rows, pairs, a, lda, b, c, ldc, acc, f.ahead, f.stride)
	case mixedAVX512:
		tileMixedAVX512(rows, pairs, a, lda, b, c, ldc, acc, f.ahead, f.stride)
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

func (t tile) gemmMixed(m, n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, s *Scratch) {
	panel := ModeBF16.PanelSize(k)
	if k > 1 {
		t.products(m, n, k/2, unsafe.Pointer(&a[0]), 4, lda*4, b, panel, c, ldc, acc)
	}
	if k%2 == 0 {
		return
	}
	for j := 0; j < n; j += columnsBF16 {
		pair := b[(j/columnsBF16+1)*panel-pairSize:]
		gemmMixedPortable(m, min(columnsBF16, n-j), 1, a[k-1:], lda, pair, c[j:], ldc, acc || k > 1, s)
	}
}

// gemmPairs reads the block as it is only with VDPBF16PS.
func (t tile) gemmPairs(m, n, pairs int, a []uint16, lda int, b []byte, ldb int, c []float32, ldc int, acc bool) {
	if t != dotBF16 {
		var panel [chunkPairs * pairSize]byte
		for p := 0; p < pairs; p += chunkPairs {
			some := min(chunkPairs, pairs-p)
			copyPairs(&panel, b[p*ldb:], ldb, n, some)
			t.gemmBF16(m, n, 2*some, a[2*p:], lda, panel[:], c, ldc, acc || p > 0)
		}
		return
	}
	old := flag(acc)
	tiles := (m + rowsBF16 - 1) / rowsBF16
	for tile, i := 0, 0; tile < tiles; tile++ {
		rows := height(m-i, tiles-tile)
		tilePairsBF16(rows, pairs, &a[i*lda], lda*2, &b[0], ldb, &c[i*ldc], ldc*4, old, n)
		i += rows
	}
}

func peakRateBF16() float64 {
	const rounds = 20_000
	return peakOf(rounds*24*32*2, func() { peakBF16(rounds) })
}
