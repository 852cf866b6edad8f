package kernel

import "unsafe"

//go:noescape
func gemm12AVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm12AheadAVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int, next *byte)

//go:noescape
func gemm12WidenAVX512(pairs int, a *float32, lda int, b *byte, ldb int, c *float32, ldc int, acc int, wide *float32)

//go:noescape
func gemm8AVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm4AVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm2AVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm1AVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm1StreamAVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)

//go:noescape
func gemm4MaskedAVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int, n int)

//go:noescape
func gemm1MaskedAVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int, n int)

func peakAVX512(n int)

// blockAVX512 is how many steps of k a tile takes before the next rows have their turn: that much of a panel stays in the
// second-level cache however long k is.
const blockAVX512 = PartRows

// aheadAVX512 is how many bytes of what is multiplied by next gemm12AheadAVX512 asks for in a step of k: the double of what
// widened panels of rows enough to be worth it need.
const aheadAVX512 = 8

func gemmAVX512(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, next []byte) {
	if m <= 12 {
		tilesAVX512(m, n, k, a, lda, b, ldb, c, ldc, acc, nil)
		return
	}
	for k0 := 0; k0 < k; k0 += blockAVX512 {
		next = tilesAVX512(m, n, min(blockAVX512, k-k0), a[k0:], lda, b[k0*ldb:], ldb, c, ldc, acc || k0 > 0, next)
	}
}

// streams tells whether B is a whole panel in one piece that a single row takes from memory by itself (stream_amd64.h).
func streams(m, n, k, ldb int) bool {
	return m == 1 && n == NR && ldb == NR && k*NR*int(unsafe.Sizeof(float32(0))) > streamBytes
}

// tilesAVX512 returns what is left of next to be fetched.
func tilesAVX512(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, next []byte) []byte {
	const size = int(unsafe.Sizeof(float32(0)))
	old := flag(acc)
	pb := &b[0]
	for i := 0; i < m; {
		pa, pc := &a[i*lda], &c[i*ldc]
		switch rest := m - i; {
		case n < NR && rest >= 4:
			gemm4MaskedAVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old, n)
			i += 4
		case n < NR:
			gemm1MaskedAVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old, n)
			i++
		case rest >= 12 && len(next) > 0:
			gemm12AheadAVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old, &next[0])
			next = next[min(len(next), k*aheadAVX512):]
			i += 12
		case rest >= 12:
			gemm12AVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			i += 12
		case rest >= 8:
			gemm8AVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			i += 8
		case rest >= 4:
			gemm4AVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			i += 4
		case rest >= 2:
			gemm2AVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			i += 2
		case streams(m, n, k, ldb):
			gemm1StreamAVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			i++
		default:
			gemm1AVX512(k, pa, lda*size, pb, ldb*size, pc, ldc*size, old)
			i++
		}
	}
	return next
}

func peakRateAVX512() float64 {
	const rounds = 20_000
	return peakOf(rounds*24*16*2, func() { peakAVX512(rounds) })
}
