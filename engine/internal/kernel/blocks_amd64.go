package kernel

// The assembly of rows_avx512_amd64.s and rows_avx2_amd64.s, and the choice between the two, a branch for the reason
// given at vector.

//go:noescape
func softmaxAVX512(x *float32, n int, scale float32) float32

//go:noescape
func softmaxBF16AVX512(dst *uint16, x *float32, n int, scale float32) float32

//go:noescape
func expSumAVX2(x *float32, blocks int, max, scale float32, lanes *[16]float32)

//go:noescape
func sumHalvesAVX2(x *uint16, blocks int, lanes *[16]float32)

//go:noescape
func sumExpAVX512(x *float32, blocks int, max float64, lanes *[8]float64)

//go:noescape
func sumExpAVX2(x *float32, blocks int, max float64, lanes *[8]float64)

//go:noescape
func siluMulAVX512(dst, gate, up *float32, blocks int)

//go:noescape
func geluMulAVX512(dst, gate, up *float32, blocks int)

//go:noescape
func geluMulAVX2(dst, gate, up *float32, blocks int)

//go:noescape
func capAVX512(x *float32, blocks int, scale, limit float32)

//go:noescape
func capAVX2(x *float32, blocks int, scale, limit float32)

//go:noescape
func siluMulAVX2(dst, gate, up *float32, blocks int)

//go:noescape
func sumSquaresAVX512(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func sumSquaresAVX2(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func maximumAVX512(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func maximumAVX2(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func zeroTimesAVX512(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func zeroTimesAVX2(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func scaleAVX512(dst, x, w *float32, blocks int, inv float32)

//go:noescape
func scaleAVX2(dst, x, w *float32, blocks int, inv float32)

//go:noescape
func addAVX512(dst, x *float32, blocks int)

//go:noescape
func addAVX2(dst, x *float32, blocks int)

//go:noescape
func divideAVX512(dst, x *float32, blocks int, by float32)

//go:noescape
func divideAVX2(dst, x *float32, blocks int, by float32)

//go:noescape
func rotateAVX512(dst, src, cos, sin *float32, blocks, half, vectors int)

//go:noescape
func rotateAVX2(dst, src, cos, sin *float32, blocks, half, vectors int)

// maximumLanes returns the largest lane. None is NaN.
//
//go:noescape
func maximumLanes(lanes *[16]float32) float32

// softmax of AVX-512 is one pass of its own, with the length as it is.
func (v vector) softmax(x []float32, scale float32) float32 {
	if v == vectorAVX512 && len(x) > 0 {
		return softmaxAVX512(&x[0], len(x), scale)
	}
	return v.softmaxByBlocks(x, scale)
}

func (v vector) softmaxBF16(dst []uint16, x []float32, scale float32) float32 {
	if v == vectorAVX512 && len(x) > 0 {
		return softmaxBF16AVX512(&dst[0], &x[0], len(x), scale)
	}
	return v.softmaxBF16ByBlocks(dst, x, scale)
}

// expSumBlocks and sumHalvesBlocks serve AVX2, which AVX-512 includes.
func (vector) expSumBlocks(x *float32, blocks int, max, scale float32, lanes *[16]float32) {
	expSumAVX2(x, blocks, max, scale, lanes)
}

func (vector) sumHalvesBlocks(x *uint16, blocks int, lanes *[16]float32) {
	sumHalvesAVX2(x, blocks, lanes)
}

func (v vector) sumExpBlocks(x *float32, blocks int, max float64, lanes *[8]float64) {
	if v == vectorAVX512 {
		sumExpAVX512(x, blocks, max, lanes)
		return
	}
	sumExpAVX2(x, blocks, max, lanes)
}

func (v vector) siluMulBlocks(dst, gate, up *float32, blocks int) {
	if v == vectorAVX512 {
		siluMulAVX512(dst, gate, up, blocks)
		return
	}
	siluMulAVX2(dst, gate, up, blocks)
}

func (v vector) sumSquaresBlocks(x *float32, blocks int, lanes *[16]float32) {
	if v == vectorAVX512 {
		sumSquaresAVX512(x, blocks, lanes)
		return
	}
	sumSquaresAVX2(x, blocks, lanes)
}

func (v vector) maximumBlocks(x *float32, blocks int, lanes *[16]float32) {
	if v == vectorAVX512 {
		maximumAVX512(x, blocks, lanes)
		return
	}
	maximumAVX2(x, blocks, lanes)
}

func (v vector) zeroTimesBlocks(x *float32, blocks int, lanes *[16]float32) {
	if v == vectorAVX512 {
		zeroTimesAVX512(x, blocks, lanes)
		return
	}
	zeroTimesAVX2(x, blocks, lanes)
}

func (v vector) scaleBlocks(dst, x, w *float32, blocks int, inv float32) {
	if v == vectorAVX512 {
		scaleAVX512(dst, x, w, blocks, inv)
		return
	}
	scaleAVX2(dst, x, w, blocks, inv)
}

func (v vector) addBlocks(dst, x *float32, blocks int) {
	if v == vectorAVX512 {
		addAVX512(dst, x, blocks)
		return
	}
	addAVX2(dst, x, blocks)
}

func (v vector) divideBlocks(dst, x *float32, blocks int, by float32) {
	if v == vectorAVX512 {
		divideAVX512(dst, x, blocks, by)
		return
	}
	divideAVX2(dst, x, blocks, by)
}

func (v vector) rotateBlocks(dst, src, cos, sin *float32, blocks, half, vectors int) {
	if v == vectorAVX512 {
		rotateAVX512(dst, src, cos, sin, blocks, half, vectors)
		return
	}
	rotateAVX2(dst, src, cos, sin, blocks, half, vectors)
}

func (v vector) geluMulBlocks(dst, gate, up *float32, blocks int) {
	if v == vectorAVX512 {
		geluMulAVX512(dst, gate, up, blocks)
		return
	}
	geluMulAVX2(dst, gate, up, blocks)
}

func (v vector) capBlocks(x *float32, blocks int, scale, limit float32) {
	if v == vectorAVX512 {
		capAVX512(x, blocks, scale, limit)
		return
	}
	capAVX2(x, blocks, scale, limit)
}
