package kernel

import (
	"encoding/binary"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

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

// PairBF16 rounds two rows of the same length as RoundBF16 does and writes them side by side, as a pair of rows of a block
// for GemmPairs: 4 bytes for each column. It reports whether all that it has written is finite, which what is finite in
// float32 need not be.
func (k *Kernel) PairBF16(dst []byte, even, odd []float32) (finite bool) {
	return k.pairBF16(first(dst, 4*len(even)), even, first(odd, len(even)))
}

func pairBF16Portable(dst []byte, even, odd []float32) bool {
	infinite := uint32(0)
	for i, x := range even {
		pair := uint32(num.F32ToBF16(x)) | uint32(num.F32ToBF16(odd[i]))<<16
		binary.LittleEndian.PutUint32(dst[4*i:], pair)
		infinite |= pair&0x7f807f80 + 0x00800080 // carries where all bits of an exponent are set
	}
	return infinite&0x80008000 == 0
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
