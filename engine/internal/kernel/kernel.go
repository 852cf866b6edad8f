// Package kernel holds the engine's dense building blocks, for the instruction sets a machine may have: float32
// throughout, and matrix products also of bfloat16 and of 8-bit integers.
//
// Every kernel gives the same bits, because the order of every floating-point operation is part of the contract:
//
//   - Each element of a matrix product is one chain of fused multiply-adds over k = 0, 1, ..., K-1, starting from +0
//     or, when accumulating, from the old value. Nothing else touches it, so the bits cannot depend on the shape of a
//     tile, the rows computed together, the threads, or the instruction set; and a product cut in pieces along k equals
//     the uncut one.
//   - Products in bfloat16 are chains as well, in pairs of k, with the rounding of the instruction VDPBF16PS: see GemmBF16.
//     Those of 8-bit integers are exact within a group of k and a chain over the groups: see GemmQ8.
//   - Sums that are not matrix products (sum of squares, sum of exponentials) run in 16 float32 lanes: lane j takes the
//     elements i with i mod 16 = j in increasing order, from +0; then lane j takes lane j+8 for j < 8, j+4 for j < 4, j+2
//     for j < 2, and lane 0 takes lane 1. SumExp does so with 8 float64 lanes.
//   - Maxima ignore NaN, so that they do not depend on the order of comparison; the NaN shows in the sums.
//   - Exponentials are num.Exp32 and num.Exp64.
//
// A NaN is a NaN: sign and payload are not promised. All lengths and strides count elements, not bytes. Slices shorter
// than the operation needs are broken invariants and panic.
//
// The package knows arrays of numbers; it does not know what a layer or a model is, nor does it start goroutines.
package kernel

import (
	"fmt"
	"math"
)

// NR is the number of columns of a packed panel.
const NR = 32

// PadStride returns a row stride of at least n for the A of Gemm. Rows a multiple of 4 KiB apart fall into the same few
// places of the first-level cache and push each other out; such strides get one more line.
func PadStride(n int) int {
	if n%1024 == 0 {
		return n + 16
	}
	return n
}

// Kernel is one implementation of the building blocks. Kernels differ in speed only.
type Kernel struct {
	name string

	// The fields take arguments whose sizes the methods have checked.

	// next is memory that is read afterwards.
	gemm        func(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, next []byte)
	gemmMixed   func(m, n, k int, a []float32, lda int, b []byte, c []float32, ldc int, acc bool, s *Scratch)
	gemmBF16    func(m, n, k int, a []uint16, lda int, b []byte, c []float32, ldc int, acc bool)
	gemmPairs   func(m, n, pairs int, a []uint16, lda int, b []byte, ldb int, c []float32, ldc int, acc bool)
	gemmQ8      func(m, n, groups int, a []byte, lda int, b []byte, c []float32, ldc int, acc bool)
	roundBF16   func(dst []uint16, src []float32)
	pairBF16    func(dst []byte, even, odd []float32) bool
	quantizeRow func(dst []byte, src []float32)
	packF32     func(dst []float32, src []float32, stride, k, n int)
	packing     vector

	sumSquares  func(x []float32) float32
	scale       func(dst, x, w []float32, inv float32)
	maximum     func(x []float32) float32
	softmax     func(x []float32, scale float32) float32
	softmaxBF16 func(dst []uint16, x []float32, scale float32) float32
	siluMul     func(dst, gate, up []float32)
	geluMul     func(dst, gate, up []float32)
	cap         func(x []float32, scale, limit float32)
	add         func(dst, x []float32)
	divide      func(dst, x []float32, by float32)
	rotate      func(dst, src, cos, sin []float32)
	sumExp      func(x []float32, max float32) float64
	allFinite   func(x []float32) bool

	units [modes]unit
}

// unit is what a kernel computes the products of one mode with.
type unit struct {
	instruction string
	peak        func() float64
}

// vector names the assembly that packs weights. A branch chooses it rather than a function value: a pointer given to an
// unknown function escapes, and every panel would allocate.
type vector uint8

const (
	vectorNone vector = iota
	vectorAVX2
	vectorAVX512
	vectorNEON
)

// Portable returns the kernel written in Go alone, which defines the bits of all others.
func Portable() *Kernel {
	return &Kernel{
		name:        "portable",
		gemm:        gemmPortable,
		gemmMixed:   gemmMixedPortable,
		gemmBF16:    gemmBF16Portable,
		gemmPairs:   gemmPairsPortable,
		gemmQ8:      gemmQ8Portable,
		roundBF16:   roundBF16Portable,
		pairBF16:    pairBF16Portable,
		quantizeRow: quantizeRowPortable,
		packF32:     packF32Portable,
		packing:     vectorNone,
		sumSquares:  sumSquaresPortable,
		scale:       scalePortable,
		maximum:     maximumPortable,
		softmax:     softmaxPortable,
		softmaxBF16: softmaxBF16Portable,
		siluMul:     siluMulPortable,
		geluMul:     geluMulPortable,
		cap:         capPortable,
		add:         addPortable,
		divide:      dividePortable,
		rotate:      rotatePortable,
		sumExp:      sumExpPortable,
		allFinite:   allFinitePortable,
		units: [modes]unit{
			ModeF32:  {"go", peakPortable},
			ModeBF16: {"go", peakPortable},
			ModeQ8:   {"go", peakQ8Portable},
		},
	}
}

// Available lists the kernels this machine can run, those with the most of its instructions first. Portable is the last.
func Available() []*Kernel {
	return append(native(), Portable())
}

// Name says which instruction set the kernel needs: "avx512", "avx2", "neon" or "portable". With "-fma" its products of
// bfloat16 are fused multiply-adds, although the processor has an instruction for them.
func (k *Kernel) Name() string { return k.name }

// Peak is PeakOf(ModeF32).
func (k *Kernel) Peak() float64 { return k.PeakOf(ModeF32) }

// PeakOf measures for about 50 ms what one core can reach at most in a mode: the rate of the instruction that the kernel
// computes its products with, among registers, in units of 10^9 operations a second. A multiplication with the addition
// that follows it is two operations. It is the yardstick for the mode's products in the same run.
func (k *Kernel) PeakOf(m Mode) float64 { return k.units[m].peak() }

// Instruction names the instruction that the products of a mode consist of: "VDPBF16PS", say, or "go" where there is no
// assembly.
func (k *Kernel) Instruction(m Mode) string { return k.units[m].instruction }

// first returns the first n elements of x and panics where x is shorter, whatever its capacity.
func first[T any](x []T, n int) []T {
	return x[:n:len(x)]
}

// Gemm computes C[i*ldc+j] = sum over kk of A[i*lda+kk] * B[kk*ldb+j] for i < m, j < n and kk < k, in the canonical
// order of the package comment. With acc the sum starts from the old C, else from +0. n is at most NR. B is a packed
// panel (ldb = NR) or any row-major block. Only the m x n block of C is written; it must not overlap A or B.
//
// Strides of A that are multiples of 1024 make the rows of a tile compete for the same lines of the first-level cache;
// see PadStride.
func (k *Kernel) Gemm(m, n, kk int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool) {
	k.gemmNext(m, n, kk, a, lda, b, ldb, c, ldc, acc, nil)
}

// gemmNext is Gemm, and fetches some of next meanwhile.
func (k *Kernel) gemmNext(m, n, kk int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, next []byte) {
	if m < 0 || n < 0 || kk < 0 || n > NR || m > 1 && (kk > lda || n > ldc) || kk > 1 && n > ldb {
		panic(fmt.Sprintf("kernel: Gemm of %d x %d x %d with strides %d, %d, %d", m, n, kk, lda, ldb, ldc))
	}
	if m == 0 || n == 0 {
		return
	}
	c = first(c, (m-1)*ldc+n)
	if kk == 0 {
		if !acc {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	k.gemm(m, n, kk, first(a, (m-1)*lda+kk), lda, first(b, (kk-1)*ldb+n), ldb, c, ldc, acc, next)
}

// RMSNorm writes x / sqrt(mean(x^2) + eps) * w to dst, which may be x. The three have the same length.
//
// The sum of squares is the 16-lane sum of fused multiply-adds; the mean and the addition of eps are float32
// operations; 1/sqrt is taken in float64 and rounded to float32. Each element is then x*inv rounded to float32, times w
// rounded to float32, which is LlamaRMSNorm's order in Hugging Face transformers: normalise first, weigh after.
func (k *Kernel) RMSNorm(dst, x, w []float32, eps float32) {
	if len(x) == 0 {
		return
	}
	dst, w = first(dst, len(x)), first(w, len(x))
	mean := float32(k.sumSquares(x) / float32(len(x)))
	inv := float32(1 / math.Sqrt(float64(float32(mean+eps))))
	k.scale(dst, x, w, inv)
}

// Softmax multiplies row[:n] by scale, which is positive, replaces the products by num.Exp32(x - max) and returns the
// 16-lane sum of these: the caller divides by it after the product with the values. An empty row gives 0.
func (k *Kernel) Softmax(row []float32, n int, scale float32) float32 {
	return k.softmax(first(row, n), scale)
}

// SoftmaxBF16 is Softmax of row[:n], but that the exponentials go, rounded as RoundBF16 does, to dst, which is at least as
// long; the sum is that of the rounded ones, so that what the caller divides by it are weights of one in all. row holds
// anything afterwards.
func (k *Kernel) SoftmaxBF16(dst []uint16, row []float32, n int, scale float32) float32 {
	return k.softmaxBF16(first(dst, n), first(row, n), scale)
}

// Divide writes x/by + 0 to dst, which may be x: each operation is rounded, and a negative zero becomes positive. dst is
// at least as long as x.
func (k *Kernel) Divide(dst, x []float32, by float32) {
	k.divide(first(dst, len(x)), x, by)
}

// Rotate turns pairs of the vectors that src consists of, each twice as long as cos: element i of one with element i +
// len(cos), by the angles of which cos and sin hold the cosines and sines. It writes them to dst, which may be src:
// a*cos - b*sin and b*cos + a*sin, each product rounded before the sum.
func (k *Kernel) Rotate(dst, src, cos, sin []float32) {
	half := len(cos)
	if half == 0 || len(src)%(2*half) != 0 {
		panic(fmt.Sprintf("kernel: Rotate of %d elements by %d angles", len(src), half))
	}
	if len(src) > 0 {
		k.rotate(first(dst, len(src)), src, cos, first(sin, half))
	}
}

// SiLUMul writes gate/(1+e^-gate) * up to dst, which may be gate or up. The three have the same length. Each of the
// four operations is rounded to float32.
func (k *Kernel) SiLUMul(dst, gate, up []float32) {
	k.siluMul(first(dst, len(gate)), gate, first(up, len(gate)))
}

// GELUMul writes gelu(gate) * up to dst, which may be gate or up, where gelu(z) = z/2 * (1 + tanh(sqrt(2/pi) * (z +
// 0.044715 z^3))) is computed as z / (1 + e^-y), y = z * FMA(z^2, c, b), with b = 2 sqrt(2/pi) and c = 0.044715 b: nothing
// cancels. The three have the same length. Each operation is rounded to float32.
func (k *Kernel) GELUMul(dst, gate, up []float32) {
	k.geluMul(first(dst, len(gate)), gate, first(up, len(gate)))
}

// Cap replaces each x by limit * num.Tanh32(x * scale / limit). Each operation is rounded to float32.
func (k *Kernel) Cap(x []float32, scale, limit float32) {
	k.cap(x, scale, limit)
}

// Add adds x to dst, element by element. dst is at least as long as x.
func (k *Kernel) Add(dst, x []float32) {
	k.add(first(dst, len(x)), x)
}

// SumExp returns the largest logit and the 8-lane sum of num.Exp64(logit - largest), in float64, which is NaN unless all
// logits are finite. No logits give -Inf and 0.
func (k *Kernel) SumExp(logits []float32) (largest float32, sum float64) {
	largest = k.maximum(logits)
	if !k.allFinite(logits) {
		return largest, math.NaN()
	}
	return largest, k.sumExp(logits, largest)
}

// ArgMax returns the lowest index of the largest element. NaN is never largest; without any number the answer is 0.
func (k *Kernel) ArgMax(x []float32) int {
	m := k.maximum(x)
	for i, v := range x {
		if v == m {
			return i
		}
	}
	return 0
}

// AllFinite reports whether x holds neither infinities nor NaN.
func (k *Kernel) AllFinite(x []float32) bool {
	return k.allFinite(x)
}
