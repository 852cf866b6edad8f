package kernel

// The tiles of gemm_q8_vnni_amd64.s and gemm_q8_avx2_amd64.s: rows of A, at most rowsQ8, by the columns of a panel. Strides
// are in bytes; there is at least one group.

//go:noescape
func tileQ8VNNI(rows, groups int, a *byte, lda int, b *byte, c *float32, ldc int, acc int, ahead, stride int)

//go:noescape
func tileQ8AVX2(rows, groups int, a *byte, lda int, b *byte, c *float32, ldc int, acc int)

func peakVNNI(n int)

func peakMaddAVX2(n int)

// quads names a family of tiles: how they multiply four inputs at a time.
type quads uint8

const (
	quadsAVX2 quads = iota // VPMADDWD of widened bytes
	quadsVNNI              // VPDPBUSD
)

const (
	// streamGroups bounds the time of a call where k is not cut.
	streamGroups = 8192 / groupQ8
	// blockGroups is how many groups of k a tile takes before the next rows have their turn: about 68 KiB of a panel stay
	// in the second-level cache meanwhile.
	blockGroups = 2048 / groupQ8
	// blockPanels is how many panels share a visit to many rows of A.
	blockPanels = 4
)

func (q quads) gemmQ8(m, n, groups int, a []byte, lda int, b []byte, c []float32, ldc int, acc bool) {
	panel, block, together := groups*groupSizeQ8, blockGroups, blockPanels
	if m <= fewRows {
		together = 1
	}
	if m <= rowsQ8 {
		block = streamGroups
	}
	for j := 0; j < n; j += together * columnsQ8 {
		for g := 0; g < groups; g += block {
			cols, part := min(together*columnsQ8, n-j), b[j/columnsQ8*panel+g*groupSizeQ8:]
			q.rows(m, cols, min(block, groups-g), a[g*rowGroupSize:], lda, part, panel, c[j:], ldc, acc || g > 0)
		}
	}
}

// rows cuts the rows of A into tiles of about the same height and multiplies each by the panels of n columns, panel bytes
// apart.
func (q quads) rows(m, n, groups int, a []byte, lda int, b []byte, panel int, c []float32, ldc int, acc bool) {
	old := flag(acc)
	tiles := (m + rowsQ8 - 1) / rowsQ8
	for tile, i := 0, 0; tile < tiles; tile++ {
		rows := height(m-i, tiles-tile)
		f := fetchFor(tile, tiles, groups*groupSizeQ8, quadSize)
		for j := 0; j < n; j += columnsQ8 {
			pa, pb, pc := &a[i*lda], &b[j/columnsQ8*panel], c[i*ldc+j:]
			if n-j >= columnsQ8 {
				q.run(rows, groups, pa, lda, pb, &pc[0], ldc*4, old, f)
				continue
			}
			var whole [rowsQ8 * columnsQ8]float32
			for r := 0; r < rows && acc; r++ {
				copy(whole[r*columnsQ8:], pc[r*ldc:r*ldc+n-j])
			}
			q.run(rows, groups, pa, lda, pb, &whole[0], columnsQ8*4, old, f)
			for r := range rows {
				copy(pc[r*ldc:r*ldc+n-j], whole[r*columnsQ8:])
			}
		}
		i += rows
	}
}

// run is a branch for the reason given at vector.
func (q quads) run(rows, groups int, a *byte, lda int, b *byte, c *float32, ldc int, acc int, f fetch) {
	if q == quadsVNNI {
		tileQ8VNNI(rows, groups, a, lda, b, c, ldc, acc, f.ahead, f.stride)
		return
	}
	tileQ8AVX2(rows, groups, a, lda, b, c, ldc, acc)
}

func peakRateVNNI() float64 {
	const rounds = 20_000
	return peakOf(rounds*24*64*2, func() { peakVNNI(rounds) })
}

func peakRateMaddAVX2() float64 {
	const rounds = 40_000
	return peakOf(rounds*12*16*2, func() { peakMaddAVX2(rounds) })
}
