package kernel

import (
	"encoding/binary"
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

const (
	// groupQ8 is the number of consecutive inputs that share a scale, of a row of weights as of a row of activations.
	// Scaling costs two multiplications a group on the unit that also does the dot products, one vector of 4 inputs at a
	// time: with 128 inputs a group the kernel can reach 32/34 of that unit's peak, with 64 only 16/18. Half as many are
	// more exact: log-probabilities of a random 110M model and of a trained small one are off by 3 to 7 % more with 128,
	// and up to half as much again where single activations stick out.
	groupQ8 = 128
	// columnsQ8 is the number of columns of a panel: two registers of 16 lanes, which leaves room for sums of both kinds.
	columnsQ8 = 32
	// quadSize is the number of bytes of four rows of a panel.
	quadSize = columnsQ8 * 4
	// weightsSize is the number of bytes of a group's weights in a panel, groupSizeQ8 that of the weights and the scales.
	weightsSize = groupQ8 / 4 * quadSize
	groupSizeQ8 = weightsSize + columnsQ8*4
	// rowGroupSize is the number of bytes of a group of activations.
	rowGroupSize = 4 + groupQ8 + 4
	// rowsQ8 is how many rows of A a tile has at most.
	rowsQ8 = 6

	levelsQ8 = 127
	// smallestQ8 is the least that the largest magnitude of a group may be, 2^-100. Groups below it become zero, because
	// quotients by smaller numbers could overflow.
	smallestQ8 = 0x1p-100

	smallestBits = (127 - 100) << 23
	infinityBits = 0x7f800000
)

// groupsQ8 is the number of groups of k inputs.
func groupsQ8(k int) int { return (k + groupQ8 - 1) / groupQ8 }

// RowSizeQ8 is the number of bytes of a row of k quantised activations.
func RowSizeQ8(k int) int { return groupsQ8(k) * rowGroupSize }

// QuantizeQ8 quantises a row of activations for GemmQ8. dst has RowSizeQ8(len(src)) bytes.
//
// Each group of 128 elements, the last one filled up with zeros, becomes an int32 offset, 128 signed bytes and a float32
// scale, all little-endian. With m the largest magnitude of the group, the scale is m/127 and a byte is x*(127/m) rounded
// to the nearest integer, ties to even; quotients and products are rounded to float32. A group with m below 2^-100 is
// zero with a scale of zero. In a group with an infinity or a NaN the bytes are zero and the scale is NaN, so that every
// output of the row is. The offset is -128 times the sum of the bytes: it undoes the 128 that packed weights carry.
func (k *Kernel) QuantizeQ8(dst []byte, src []float32) {
	k.quantizeRow(first(dst, RowSizeQ8(len(src))), src)
}

// GemmQ8 computes C[i*ldc+j] = sum over kk of A[i][kk] * B[kk][j] for i < m, j < n and kk < k, where the rows of A are
// those of QuantizeQ8, lda bytes apart, and B is a run of ModeQ8 panels. With acc the sum starts from the old C, else
// from +0. Only the m x n block of C is written; it must not overlap A.
//
// Each element of C is one chain over the groups of k: the product of the group's integers, which is exact, as a float32
// (exact too), times the product of its two scales rounded to float32, in a fused multiply-add. So the bits are the same
// for every kernel, and independent of the rows computed together; a product cut along k at multiples of 128 equals the
// uncut one.
func (k *Kernel) GemmQ8(m, n, kk int, a []byte, lda int, b []byte, c []float32, ldc int, acc bool) {
	row := RowSizeQ8(kk)
	c, todo := prepare(ModeQ8, m, n, kk, lda, row, c, ldc, acc)
	if todo {
		k.gemmQ8(m, n, groupsQ8(kk), first(a, (m-1)*lda+row), lda, first(b, ModeQ8.PackedSize(kk, n)), c, ldc, acc)
	}
}

// scalesOf returns the scale of a group whose largest magnitude has the given bits, and what its elements are multiplied
// by. Bits, because as integers they are ordered with NaN above infinity above all else.
func scalesOf(magnitude uint32) (scale, inverse float32) {
	m := math.Float32frombits(magnitude)
	switch {
	case magnitude >= infinityBits:
		return float32(math.NaN()), 0
	case m < smallestQ8:
		return 0, 0
	}
	return m / levelsQ8, levelsQ8 / m
}

// quantized returns x in units of the scale whose inverse is given.
func quantized(x, inverse float32) int32 {
	if inverse == 0 {
		return 0
	}
	return int32(math.RoundToEven(float64(float32(x * inverse))))
}

func magnitudeBits(x float32) uint32 { return math.Float32bits(x) &^ (1 << 31) }

func quantizeRowPortable(dst []byte, src []float32) {
	for len(dst) > 0 {
		group := src[:min(groupQ8, len(src))]
		quantizeGroup(dst[:rowGroupSize], group)
		dst, src = dst[rowGroupSize:], src[len(group):]
	}
}

// quantizeGroup quantises one group, of groupQ8 elements or, at the end of a row, fewer.
func quantizeGroup(dst []byte, group []float32) {
	top := uint32(0)
	for _, x := range group {
		top = max(top, magnitudeBits(x))
	}
	scale, inverse := scalesOf(top)
	bytes, sum := dst[4:4+groupQ8], int32(0)
	for i, x := range group {
		q := quantized(x, inverse)
		bytes[i] = byte(q)
		sum += q
	}
	clear(bytes[len(group):])
	binary.LittleEndian.PutUint32(dst, uint32(-128*sum))
	binary.LittleEndian.PutUint32(dst[4+groupQ8:], math.Float32bits(scale))
}

// quantizeColumnsPortable quantises a group of weights: src is a panel of groupQ8 rows of NR float32, dst a group of a
// ModeQ8 panel.
func quantizeColumnsPortable(dst []byte, src *[groupQ8 * NR]float32) {
	for j := range columnsQ8 {
		top := uint32(0)
		for i := range groupQ8 {
			top = max(top, magnitudeBits(src[i*NR+j]))
		}
		scale, inverse := scalesOf(top)
		for i := range groupQ8 {
			dst[i/4*quadSize+4*j+i%4] = byte(quantized(src[i*NR+j], inverse) + 128)
		}
		binary.LittleEndian.PutUint32(dst[weightsSize+4*j:], math.Float32bits(scale))
	}
}

func gemmQ8Portable(m, n, groups int, a []byte, lda int, b []byte, c []float32, ldc int, acc bool) {
	var sums [columnsQ8]int32
	for j := 0; j < n; j += columnsQ8 {
		cols := min(columnsQ8, n-j)
		for i := range m {
			out := c[i*ldc+j:][:cols]
			if !acc {
				clear(out)
			}
			for g := range groups {
				row, panel := a[i*lda+g*rowGroupSize:][:rowGroupSize], b[g*groupSizeQ8:][:groupSizeQ8]
				dotQ8(&sums, row, panel)
				x := math.Float32frombits(binary.LittleEndian.Uint32(row[4+groupQ8:]))
				for jj := range out {
					w := math.Float32frombits(binary.LittleEndian.Uint32(panel[weightsSize+4*jj:]))
					out[jj] = num.FMA32(float32(sums[jj]), float32(w*x), out[jj])
				}
			}
		}
		b = b[groups*groupSizeQ8:]
	}
}

// dotQ8 multiplies a group of one row by the columns of a panel's group.
func dotQ8(sums *[columnsQ8]int32, row, panel []byte) {
	offset := int32(binary.LittleEndian.Uint32(row))
	for j := range sums {
		sums[j] = offset
	}
	for i := 0; i < groupQ8; i += 4 {
		w := panel[i/4*quadSize:][:quadSize]
		x0, x1, x2, x3 := int32(int8(row[4+i])), int32(int8(row[5+i])), int32(int8(row[6+i])), int32(int8(row[7+i]))
		for j := range sums {
			sums[j] += x0*int32(w[4*j]) + x1*int32(w[4*j+1]) + x2*int32(w[4*j+2]) + x3*int32(w[4*j+3])
		}
	}
}

func peakQ8Portable() float64 {
	var sums [columnsQ8]int32
	row, panel := make([]byte, rowGroupSize), make([]byte, groupSizeQ8)
	const rounds = 100
	return peakOf(2*groupQ8*columnsQ8*rounds, func() {
		for range rounds {
			dotQ8(&sums, row, panel)
		}
	})
}
