package kernel

// The tiles of gemm_q8_arm64.s. Strides are in bytes; there is at least one group. They add to C.

//go:noescape
func tileSDOT(rows, groups int, a *byte, lda int, b *byte, c *float32, ldc int)

//go:noescape
func tileSMULL(groups int, a *byte, b *byte, c *float32)

func peakSDOT(n int)

func peakSMULL(n int)

// quads names a family of tiles: how they multiply four inputs at a time.
type quads uint8

const (
	quadsSMULL quads = iota // SMULL and SADALP
	quadsSDOT               // SDOT
)

const (
	// quadRowsMax is how many rows of A a tile has at most.
	quadRowsMax = 8
	// streamGroups bounds the time of a call for few rows; otherwise blockGroups of k have their turn, 32 KiB of a panel,
	// before the next rows.
	streamGroups = 8192 / groupQ8
	blockGroups  = 1024 / groupQ8
)

// partQ8 is how many columns a tile of some rows takes at a time.
func (q quads) partQ8(rows int) int {
	switch {
	case q == quadsSMULL || rows > 4:
		return columnsQ8 / 4
	case rows > 2:
		return columnsQ8 / 2
	}
	return columnsQ8
}

func (q quads) gemmQ8(m, n, groups int, a []byte, lda int, b []byte, c []float32, ldc int, acc bool) {
	if !acc {
		for i := range m {
			clear(c[i*ldc:][:n])
		}
	}
	panel, block := groups*groupSizeQ8, blockGroups
	if m <= 2 {
		block = streamGroups
	}
	for j := 0; j < n; j += columnsQ8 {
		for g := 0; g < groups; g += block {
			q.rows(m, min(columnsQ8, n-j), min(block, groups-g), a[g*rowGroupSize:], lda, b[j/columnsQ8*panel+g*groupSizeQ8:], c[j:], ldc)
		}
	}
}

// rows cuts the rows of A into tiles of about the same height and multiplies each by n columns of a panel.
func (q quads) rows(m, n, groups int, a []byte, lda int, b []byte, c []float32, ldc int) {
	tiles := (m + quadRowsMax - 1) / quadRowsMax
	for tile, i := 0, 0; tile < tiles; tile++ {
		rows := height(m-i, tiles-tile)
		pc, part := c[i*ldc:], q.partQ8(rows)
		whole := n / part * part
		for j := 0; j < whole; j += part {
			q.run(rows, groups, a[i*lda:], lda, &b[4*j], pc[j:], ldc)
		}
		if whole < n {
			var last [quadRowsMax * columnsQ8]float32
			for r := range rows {
				copy(last[r*part:], pc[r*ldc+whole:r*ldc+n])
			}
			q.run(rows, groups, a[i*lda:], lda, &b[4*whole], last[:], part)
			for r := range rows {
				copy(pc[r*ldc+whole:r*ldc+n], last[r*part:])
			}
		}
		i += rows
	}
}

// run is a branch for the reason given at vector.
func (q quads) run(rows, groups int, a []byte, lda int, b *byte, c []float32, ldc int) {
	if q == quadsSDOT {
		tileSDOT(rows, groups, &a[0], lda, b, &c[0], ldc*4)
		return
	}
	for r := range rows {
		tileSMULL(groups, &a[r*lda], b, &c[r*ldc])
	}
}

func peakRateSDOT() float64 {
	const rounds = 20_000
	return peakOf(rounds*16*16*2, func() { peakSDOT(rounds) })
}

func peakRateSMULL() float64 {
	const rounds = 20_000
	return peakOf(rounds*8*8*2, func() { peakSMULL(rounds) })
}
