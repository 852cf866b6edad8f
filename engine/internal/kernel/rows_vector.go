//go:build amd64 || arm64

package kernel

import "math"

// blockLen is the number of elements of a block. What a row has beyond whole blocks is copied to a block of its own and
// padded with elements that change nothing.
const blockLen = 16

// padded returns a block that starts with rest and goes on with pad.
func padded(rest []float32, pad float32) (block [blockLen]float32) {
	for i := copy(block[:], rest); i < blockLen; i++ {
		block[i] = pad
	}
	return block
}

func minusInf() float32 { return float32(math.Inf(-1)) }

func (v vector) softmaxByBlocks(x []float32, scale float32) float32 {
	var lanes [blockLen]float32
	largest, whole := float32(v.maximum(x)*scale), len(x)&^(blockLen-1)
	if whole > 0 {
		v.expSumBlocks(&x[0], whole/blockLen, largest, scale, &lanes)
	}
	if rest := x[whole:]; len(rest) > 0 {
		block := padded(rest, minusInf()) // the exponential of which is zero
		v.expSumBlocks(&block[0], 1, largest, scale, &lanes)
		copy(rest, block[:])
	}
	return lanes16(&lanes)
}

func (v vector) softmaxBF16ByBlocks(dst []uint16, x []float32, scale float32) float32 {
	v.softmaxByBlocks(x, scale)
	v.roundBF16(dst, x)
	var lanes [blockLen]float32
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.sumHalvesBlocks(&dst[0], whole/blockLen, &lanes)
	}
	addHalves(&lanes, dst[whole:len(x)])
	return lanes16(&lanes)
}

func (v vector) sumExp(x []float32, max float32) float64 {
	var lanes [8]float64
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.sumExpBlocks(&x[0], whole/blockLen, float64(max), &lanes)
	}
	if rest := x[whole:]; len(rest) > 0 {
		block := padded(rest, minusInf())
		v.sumExpBlocks(&block[0], 1, float64(max), &lanes)
	}
	return lanes8(&lanes)
}

func (v vector) siluMul(dst, gate, up []float32) {
	whole := len(gate) &^ (blockLen - 1)
	if whole > 0 {
		v.siluMulBlocks(&dst[0], &gate[0], &up[0], whole/blockLen)
	}
	if rest := gate[whole:]; len(rest) > 0 {
		g, u := padded(rest, 0), padded(up[whole:], 0)
		v.siluMulBlocks(&g[0], &g[0], &u[0], 1)
		copy(dst[whole:], g[:len(rest)])
	}
}

func (v vector) geluMul(dst, gate, up []float32) {
	whole := len(gate) &^ (blockLen - 1)
	if whole > 0 {
		v.geluMulBlocks(&dst[0], &gate[0], &up[0], whole/blockLen)
	}
	geluMulPortable(dst[whole:], gate[whole:], up[whole:])
}

func (v vector) cap(x []float32, scale, limit float32) {
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.capBlocks(&x[0], whole/blockLen, scale, limit)
	}
	capPortable(x[whole:], scale, limit)
}

func (v vector) sumSquares(x []float32) float32 {
	var lanes [blockLen]float32
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.sumSquaresBlocks(&x[0], whole/blockLen, &lanes)
	}
	if rest := x[whole:]; len(rest) > 0 {
		block := padded(rest, 0)
		v.sumSquaresBlocks(&block[0], 1, &lanes)
	}
	return lanes16(&lanes)
}

func (v vector) maximum(x []float32) float32 {
	lanes := padded(nil, minusInf())
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.maximumBlocks(&x[0], whole/blockLen, &lanes)
	}
	if rest := x[whole:]; len(rest) > 0 {
		block := padded(rest, minusInf())
		v.maximumBlocks(&block[0], 1, &lanes)
	}
	return maximumLanes(&lanes)
}

func (v vector) allFinite(x []float32) bool {
	var lanes [blockLen]float32
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.zeroTimesBlocks(&x[0], whole/blockLen, &lanes)
	}
	return allFinitePortable(lanes[:]) && allFinitePortable(x[whole:])
}

func (v vector) scale(dst, x, w []float32, inv float32) {
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.scaleBlocks(&dst[0], &x[0], &w[0], whole/blockLen, inv)
	}
	scalePortable(dst[whole:], x[whole:], w[whole:], inv)
}

func (v vector) add(dst, x []float32) {
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.addBlocks(&dst[0], &x[0], whole/blockLen)
	}
	addPortable(dst[whole:], x[whole:])
}

func (v vector) divide(dst, x []float32, by float32) {
	whole := len(x) &^ (blockLen - 1)
	if whole > 0 {
		v.divideBlocks(&dst[0], &x[0], whole/blockLen, by)
	}
	dividePortable(dst[whole:], x[whole:], by)
}

func (v vector) rotate(dst, src, cos, sin []float32) {
	half := len(cos)
	whole := half &^ (blockLen - 1)
	switch {
	case whole == 0:
		rotatePortable(dst, src, cos, sin)
	case whole == half:
		v.rotateBlocks(&dst[0], &src[0], &cos[0], &sin[0], whole/blockLen, half*4, len(src)/(2*half))
	default:
		for at := 0; at < len(src); at += 2 * half {
			v.rotateBlocks(&dst[at], &src[at], &cos[0], &sin[0], whole/blockLen, half*4, 1)
			rotatePairs(dst[at:], src[at:], cos, sin, whole)
		}
	}
}

// rows gives k the row operations of the instruction set v.
func (v vector) rows(k *Kernel) {
	k.softmax = v.softmax
	k.softmaxBF16 = v.softmaxBF16
	k.sumExp = v.sumExp
	k.siluMul = v.siluMul
	k.geluMul = v.geluMul
	k.cap = v.cap
	k.sumSquares = v.sumSquares
	k.maximum = v.maximum
	k.allFinite = v.allFinite
	k.scale = v.scale
	k.add = v.add
	k.divide = v.divide
	k.rotate = v.rotate
	k.roundBF16 = v.roundBF16
	k.pairBF16 = v.pairBF16
	k.quantizeRow = v.quantizeRow
}
