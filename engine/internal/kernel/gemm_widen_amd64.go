package kernel

import "unsafe"

//go:noescape
func widenAVX512(pairs int, b *byte, dst *float32)

//go:noescape
func widenAVX2(pairs int, b *byte, dst *float32)

const (
	// widenRows is from how many rows of A on half a panel is widened once for all of them. The tiles of mixedAVX512 and
	// mixedAVX2 widen it again for every six rows, and where shifts run on the ports that multiply (Intel's 512-bit ones do) that
	// is a seventh of their time. With fewer rows memory is the bottleneck, and widening on the way costs nothing.
	widenRows = 96
	// widenPairs is how many pairs of rows are widened at a time.
	widenPairs = PartRows / 2
)

// gemmWidened is gemmMixed by way of float32 panels for many rows. Every output is the same chain of fused multiply-adds,
// so the bits are the same.
func (t tile) gemmWidened(m, n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, s *Scratch) {
	if m < widenRows {
		t.gemmMixed(m, n, k, a, lda, b, c, ldc, acc, s)
		return
	}
	if s.wide == nil {
		s.wide = floats(aligned(make([]byte, ScratchBytes+line), ScratchBytes, line))
	}
	size, pairs := ModeBF16.PanelSize(k), (k+1)/2
	for p := 0; p < pairs; p += widenPairs {
		some := min(widenPairs, pairs-p)
		for j := 0; j < n; j += columnsBF16 {
			panel, next := b[j/columnsBF16*size:][:size], s.Next
			switch {
			case j+columnsBF16 < n:
				next = b[(j/columnsBF16+1)*size+p*pairSize:]
			case p+some < pairs:
				next = b[(p+some)*pairSize:]
			}
			next = next[:min(len(next), some*pairSize)]
			// Both halves in turn, for what they have of A stays in the second-level cache.
			for h := j; h < min(n, j+columnsBF16); h += NR {
				half := next[:len(next)/2]
				if h > j {
					half = next[len(half):]
				}
				cols, inputs, more := min(NR, n-h), min(2*some, k-2*p), acc || p > 0
				done := t.widen(cols, inputs, a[2*p:], lda, panel[p*pairSize+(h-j)*4:], c[h:], ldc, more, s.wide)
				t.gemmFloats(m-done, cols, inputs, a[2*p+done*lda:], lda, s.wide, c[h+done*ldc:], ldc, more, half)
			}
		}
	}
}

// widen makes wide what half a panel is in float32, and may multiply the first rows on the way: it returns how many. a and c have
// widenRows at least. It is a branch for the reason given at vector.
func (t tile) widen(n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, wide []float32) (rows int) {
	const size = int(unsafe.Sizeof(float32(0)))
	switch pairs := (k + 1) / 2; {
	case t == mixedAVX2:
		widenAVX2(pairs, &b[0], &wide[0])
	case n < NR || k%2 != 0:
		widenAVX512(pairs, &b[0], &wide[0])
	default:
		gemm12WidenAVX512(pairs, &a[0], lda*size, &b[0], pairSize, &c[0], ldc*size, flag(acc), &wide[0])
		return 12
	}
	return 0
}

// gemmFloats multiplies by a panel of float32.
func (t tile) gemmFloats(m, n, k int, a []float32, lda int, panel []float32, c []float32, ldc int, acc bool, next []byte) {
	if t == mixedAVX512 {
		tilesAVX512(m, n, k, a, lda, panel, NR, c, ldc, acc, next)
		return
	}
	gemmAVX2(m, n, k, a, lda, panel, NR, c, ldc, acc, next)
}
