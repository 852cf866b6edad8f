package kernel

// The assembly of rows_arm64.s.

//go:noescape
func expSumNEON(x *float32, blocks int, max, scale float32, lanes *[16]float32)

//go:noescape
func sumHalvesNEON(x *uint16, blocks int, lanes *[16]float32)

//go:noescape
func sumExpNEON(x *float32, blocks int, max float64, lanes *[8]float64)

//go:noescape
func siluMulNEON(dst, gate, up *float32, blocks int)

//go:noescape
func geluMulNEON(dst, gate, up *float32, blocks int)

//go:noescape
func capNEON(x *float32, blocks int, scale, limit float32)

//go:noescape
func sumSquaresNEON(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func maximumNEON(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func zeroTimesNEON(x *float32, blocks int, lanes *[16]float32)

//go:noescape
func scaleNEON(dst, x, w *float32, blocks int, inv float32)

//go:noescape
func addNEON(dst, x *float32, blocks int)

//go:noescape
func divideNEON(dst, x *float32, blocks int, by float32)

//go:noescape
func rotateNEON(dst, src, cos, sin *float32, blocks, half, vectors int)

func maximumLanes(lanes *[blockLen]float32) float32 { return maximumPortable(lanes[:]) }

func (vector) expSumBlocks(x *float32, blocks int, max, scale float32, lanes *[16]float32) {
	expSumNEON(x, blocks, max, scale, lanes)
}

func (vector) sumHalvesBlocks(x *uint16, blocks int, lanes *[16]float32) {
	sumHalvesNEON(x, blocks, lanes)
}

func (vector) sumExpBlocks(x *float32, blocks int, max float64, lanes *[8]float64) {
	sumExpNEON(x, blocks, max, lanes)
}

func (vector) siluMulBlocks(dst, gate, up *float32, blocks int) { siluMulNEON(dst, gate, up, blocks) }

func (vector) geluMulBlocks(dst, gate, up *float32, blocks int) { geluMulNEON(dst, gate, up, blocks) }

func (vector) capBlocks(x *float32, blocks int, scale, limit float32) {
	capNEON(x, blocks, scale, limit)
}

func (vector) sumSquaresBlocks(x *float32, blocks int, lanes *[16]float32) {
	sumSquaresNEON(x, blocks, lanes)
}

func (vector) maximumBlocks(x *float32, blocks int, lanes *[16]float32) {
	maximumNEON(x, blocks, lanes)
}

func (vector) zeroTimesBlocks(x *float32, blocks int, lanes *[16]float32) {
	zeroTimesNEON(x, blocks, lanes)
}

func (vector) scaleBlocks(dst, x, w *float32, blocks int, inv float32) {
	scaleNEON(dst, x, w, blocks, inv)
}

func (vector) addBlocks(dst, x *float32, blocks int) { addNEON(dst, x, blocks) }

func (vector) divideBlocks(dst, x *float32, blocks int, by float32) {
	divideNEON(dst, x, blocks, by)
}

func (vector) rotateBlocks(dst, src, cos, sin *float32, blocks, half, vectors int) {
	rotateNEON(dst, src, cos, sin, blocks, half, vectors)
}

func (v vector) softmax(x []float32, scale float32) float32 { return v.softmaxByBlocks(x, scale) }

func (v vector) softmaxBF16(dst []uint16, x []float32, scale float32) float32 {
	return v.softmaxBF16ByBlocks(dst, x, scale)
}
