package kernel

import "fmt"

// chunkPairs is how many pairs of a block are copied into a panel at a time, where no tile reads the block as it is.
const chunkPairs = 32

// GemmPairs is GemmBF16 for a single block of B that need not be a panel: n columns, at most 64, and an even number kk of
// rows, in pairs. Column j of a pair is the two bfloat16 at b[4*j:], that of the next pair ldb bytes farther. The bits are
// those of GemmBF16. Nothing beyond the block is read, so what lies between its rows may be anything.
func (k *Kernel) GemmPairs(m, n, kk int, a []uint16, lda int, b []byte, ldb int, c []float32, ldc int, acc bool) {
	if n > columnsBF16 || kk%2 != 0 || kk > 2 && 4*n > ldb {
		panic(fmt.Sprintf("kernel: block of %d x %d with a stride of %d bytes", n, kk, ldb))
	}
	c, todo := prepare(ModeBF16, m, n, kk, lda, kk, c, ldc, acc)
	if todo {
		k.gemmPairs(m, n, kk/2, first(a, (m-1)*lda+kk), lda, first(b, (kk/2-1)*ldb+4*n), ldb, c, ldc, acc)
	}
}

// copyPairs makes a panel of some pairs of a block.
func copyPairs(panel *[chunkPairs * pairSize]byte, b []byte, ldb, n, some int) {
	for i := range some {
		copy(panel[i*pairSize:], b[i*ldb:][:4*n])
	}
}

func gemmPairsPortable(m, n, pairs int, a []uint16, lda int, b []byte, ldb int, c []float32, ldc int, acc bool) {
	var panel [chunkPairs * pairSize]byte
	for p := 0; p < pairs; p += chunkPairs {
		some := min(chunkPairs, pairs-p)
		copyPairs(&panel, b[p*ldb:], ldb, n, some)
		gemmBF16Portable(m, n, 2*some, a[2*p:], lda, panel[:], c, ldc, acc || p > 0)
	}
}
