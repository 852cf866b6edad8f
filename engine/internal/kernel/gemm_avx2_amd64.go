package kernel

import "unsafe"

//go:noescape
func gemm6AVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm4AVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm2AVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm1AVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm1WideAVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm1StreamAVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm4MaskedAVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int, n int)

//go:noescape
func gemm1MaskedAVX2(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int, n int)

func peakAVX2(n int)

// halfNR is the number of columns of one AVX2 tile: sixteen registers hold six rows of half a panel.
const halfNR = NR / 2

// blockAVX2 is how many steps of k a tile takes before the next rows have their turn: half of that much of a panel, 16 KiB,
// stays in the first-level cache.
const blockAVX2 = 256

func gemmAVX2(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, _ []byte) {
	if m <= 6 {
		tilesAVX2(m, n, k, a, lda, b, ldb, c, ldc, acc)
		return
	}
	for k0 := 0; k0 < k; k0 += blockAVX2 {
		tilesAVX2(m, n, min(blockAVX2, k-k0), a[k0:], lda, b[k0*ldb:], ldb, c, ldc, acc || k0 > 0)
	}
}

func tilesAVX2(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool) {
	const size = int(unsafe.Sizeof(float32(0)))
	old := flag(acc)
	whole := n / halfNR * halfNR
	for i := 0; i < m && whole > 0; {
		rest := m - i
		pa := &a[i*lda]
		if streams(m, n, k, ldb) {
			gemm1StreamAVX2(k, pa, lda*size, &b[0], ldb*size, &c[i*ldc], ldc*size, old)
			break
		}
		if rest == 1 && whole == NR {
			gemm1WideAVX2(k, pa, lda*size, &b[0], ldb*size, &c[i*ldc], ldc*size, old)
			break
		}
		rows := 1
		for j := 0; j < whole; j += halfNR {
			pb, pc := &b[j], &c[i*ldc+j]
			switch {
			case rest >= 6:
				gemm6AVX2(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
				rows = 6
			case rest >= 4:
				gemm4AVX2(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
				rows = 4
			case rest >= 2:
				gemm2AVX2(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
				rows = 2
			default:
				gemm1AVX2(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			}
		}
		i += rows
	}
	for i := 0; i < m && whole < n; {
		pa, pb, pc := &a[i*lda], &b[whole], &c[i*ldc+whole]
		if m-i >= 4 {
			gemm4MaskedAVX2(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old, n-whole)
			i += 4
			continue
		}
		gemm1MaskedAVX2(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old, n-whole)
		i++
	}
}

func peakRateAVX2() float64 {
	const rounds = 40_000
	return peakOf(rounds*12*8*2, func() { peakAVX2(rounds) })
}
