package kernel

import "unsafe"

// The tiles of gemm_f32_arm64.s. Strides are in bytes.

//go:noescape
func tileF32NEON(rows, k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func quadF32NEON(rows, k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

func peakNEON(n int)

const (
	// rowsNEON is how many rows of A a tile of float32 has at most, tileNEON and quadNEON are how many columns.
	rowsNEON = 6
	tileNEON = 16
	quadNEON = 4
	// blockNEON is how many steps of k a tile takes before the next rows have their turn: half of that much of a panel, 16 KiB,
	// stays in the first-level cache.
	blockNEON = 256
	// edgeNEON is how many rows of the last one to three columns are copied at a time.
	edgeNEON = 64
)

func gemmNEON(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, _ []byte) {
	block := blockNEON
	if m <= rowsNEON {
		block = k
	}
	for k0 := 0; k0 < k; k0 += block {
		tilesNEON(m, n, min(block, k-k0), a[k0:], lda, b[k0*ldb:], ldb, c, ldc, acc || k0 > 0)
	}
}

func tilesNEON(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool) {
	const size = int(unsafe.Sizeof(float32(0)))
	old, whole := flag(acc), n/quadNEON*quadNEON
	tiles := (m + rowsNEON - 1) / rowsNEON
	for t, i := 0, 0; t < tiles && whole > 0; t++ {
		rows, j := height(m-i, tiles-t), 0
		for ; j+tileNEON <= whole; j += tileNEON {
			tileF32NEON(rows, k, &a[i*lda], lda*size, &b[j], ldb*size, &c[i*ldc+j], ldc*size, old)
		}
		for ; j < whole; j += quadNEON {
			quadF32NEON(rows, k, &a[i*lda], lda*size, &b[j], ldb*size, &c[i*ldc+j], ldc*size, old)
		}
		i += rows
	}
	if whole < n {
		edgesNEON(m, n-whole, k, a, lda, b[whole:], ldb, c[whole:], ldc, acc)
	}
}

// edgesNEON multiplies by the one to three columns that fill no register, by way of copies.
func edgesNEON(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool) {
	const size = int(unsafe.Sizeof(float32(0)))
	var panel [edgeNEON * quadNEON]float32
	var whole [rowsNEON * quadNEON]float32
	tiles := (m + rowsNEON - 1) / rowsNEON
	for k0 := 0; k0 < k; k0 += edgeNEON {
		some := min(edgeNEON, k-k0)
		for kk := range some {
			copy(panel[kk*quadNEON:], b[(k0+kk)*ldb:][:n])
		}
		for t, i := 0, 0; t < tiles; t++ {
			rows := height(m-i, tiles-t)
			for r := range rows {
				copy(whole[r*quadNEON:], c[(i+r)*ldc:][:n])
			}
			quadF32NEON(rows, some, &a[i*lda+k0], lda*size, &panel[0], quadNEON*size, &whole[0], quadNEON*size, flag(acc || k0 > 0))
			for r := range rows {
				copy(c[(i+r)*ldc:][:n], whole[r*quadNEON:])
			}
			i += rows
		}
	}
}

func peakRateNEON() float64 {
	const rounds = 20_000
	return peakOf(rounds*24*4*2, func() { peakNEON(rounds) })
}
