package kernel

import (
	"encoding/binary"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

const (
	// columnsBF16 is the number of columns of a bfloat16 panel: four registers of 16 lanes.
	columnsBF16 = 64
	// pairSize is the number of bytes of two rows of such a panel.
	pairSize = columnsBF16 * 4
	// rowsBF16 is how many rows of A a tile has at most.
	rowsBF16 = 6
)

// RoundBF16 rounds src to the nearest bfloat16, ties to even, as num.F32ToBF16 does: subnormal numbers stay, a NaN stays
// one. dst is at least as long as src.
func (k *Kernel) RoundBF16(dst []uint16, src []float32) {
	k.roundBF16(first(dst, len(src)), src)
}

// GemmBF16 computes C[i*ldc+j] = sum over kk of A[i*lda+kk] * B[kk][j] for i < m, j < n and kk < k, where A is bfloat16
// given as its bits and B a run of ModeBF16 panels. With acc the sum starts from the old C, else from +0. Only the m x n
// block of C is written; it must not overlap A.
//
// Each element of C is one chain over k in pairs, an odd k filled up with zeros: for every pair first the fused
// multiply-add of its second element (kk odd), then that of its first. There are no subnormal numbers in the chain: they
// count as zeros of their sign where they come in, C's old value included, and become such where they come out (see
// num.FMAFlush32). That is what the instruction VDPBF16PS does, whatever the state of the floating-point unit: so the Intel
// 64 and IA-32 Architectures Software Developer's Manual, volume 2, gives its operation, and so a processor of AMD's (Zen
// 4) does it, on tens of millions of random and adversarial operands. It is what every kernel here does, so the bits are
// the same with and without the instruction. As with Gemm they depend neither on the rows computed together nor on
// threads, and a product cut along k at an even place equals the uncut one.
func (k *Kernel) GemmBF16(m, n, kk int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool) {
	c, todo := prepare(ModeBF16, m, n, kk, lda, kk, c, ldc, acc)
	if todo {
		k.gemmBF16(m, n, kk, first(a, (m-1)*lda+kk), lda, first(b, ModeBF16.PackedSize(kk, n)), c, ldc, acc)
	}
}

// GemmMixed is GemmBF16 for an A of float32: the panels' weights are widened, nothing is rounded or flushed, and the chain
// is that of Gemm, so the bits are those of Gemm on the widened matrix at half the memory.
func (k *Kernel) GemmMixed(m, n, kk int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, s *Scratch) {
	c, todo := prepare(ModeBF16, m, n, kk, lda, kk, c, ldc, acc)
	if todo {
		k.gemmMixed(m, n, kk, first(a, (m-1)*lda+kk), lda, first(b, ModeBF16.PackedSize(kk, n)), c, ldc, acc, s)
	}
}

// prepare checks the arguments of a product with panels whose rows of A have width elements, and settles those with
// nothing to sum. It returns the part of c that the product may touch and whether there is something left to do.
func prepare(mode Mode, m, n, k, lda, width int, c []float32, ldc int, acc bool) (part []float32, todo bool) {
	if m < 0 || n < 0 || k < 0 || m > 1 && (width > lda || n > ldc) {
		panic(fmt.Sprintf("kernel: %v product of %d x %d x %d with strides %d, %d", mode, m, n, k, lda, ldc))
	}
	if m == 0 || n == 0 {
		return nil, false
	}
	c = first(c, (m-1)*ldc+n)
	if k > 0 {
		return c, true
	}
	if !acc {
		for i := range m {
			clear(c[i*ldc : i*ldc+n])
		}
	}
	return nil, false
}

func roundBF16Portable(dst []uint16, src []float32) {
	for i, x := range src {
		dst[i] = num.F32ToBF16(x)
	}
}

// pairOf widens a pair of rows of a bfloat16 panel.
func pairOf(even, odd *[columnsBF16]float32, b []byte) {
	b = b[:pairSize]
	for j := range columnsBF16 {
		even[j] = num.BF16ToF32(binary.LittleEndian.Uint16(b[4*j:]))
		odd[j] = num.BF16ToF32(binary.LittleEndian.Uint16(b[4*j+2:]))
	}
}

func gemmBF16Portable(m, n, k int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool) {
	var even, odd [columnsBF16]float32
	for j := 0; j < n; j += columnsBF16 {
		cols := min(columnsBF16, n-j)
		for i := range m {
			out := c[i*ldc+j:][:cols]
			if !acc {
				clear(out)
			}
			for x, v := range out {
				out[x] = num.Flush32(v)
			}
		}
		for kk := 0; kk < k; kk += 2 {
			pairOf(&even, &odd, b)
			b = b[pairSize:]
			for x := range even {
				even[x], odd[x] = num.Flush32(even[x]), num.Flush32(odd[x])
			}
			for i := range m {
				out, second := c[i*ldc+j:][:cols], float32(0)
				if kk+1 < k {
					second = num.BF16ToF32(a[i*lda+kk+1])
				}
				axpyFlush(out, num.Flush32(second), odd[:])
				axpyFlush(out, num.Flush32(num.BF16ToF32(a[i*lda+kk])), even[:])
			}
		}
	}
}

// axpyFlush is c[j] = FMAFlush32(x, b[j], c[j]) for arguments that are not subnormal, with the usual case inlined.
func axpyFlush(c []float32, x float32, b []float32) {
	wide := float64(x)
	b = b[:len(c)]
	for j, y := range b {
		s := wide*float64(y) + float64(c[j]) // exact product: fusing would change nothing
		if num.RoundsOnce(s) {
			c[j] = float32(s)
		} else {
			c[j] = num.FMAFlush32(x, y, c[j])
		}
	}
}

func gemmMixedPortable(m, n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, _ *Scratch) {
	var even, odd [columnsBF16]float32
	for j := 0; j < n; j += columnsBF16 {
		cols := min(columnsBF16, n-j)
		for i := range m {
			if !acc {
				clear(c[i*ldc+j:][:cols])
			}
		}
		for kk := 0; kk < k; kk += 2 {
			pairOf(&even, &odd, b)
			b = b[pairSize:]
			for i := range m {
				out := c[i*ldc+j:][:cols]
				axpyPortable(out, a[i*lda+kk], even[:])
				if kk+1 < k {
					axpyPortable(out, a[i*lda+kk+1], odd[:])
				}
			}
		}
	}
}
