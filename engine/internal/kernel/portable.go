package kernel

import (
	"math"
	"time"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

// gemmPortable keeps a row of C in a local array while k runs: up to NR independent chains hide each other's latency.
func gemmPortable(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, acc bool, _ []byte) {
	var row [NR]float32
	for i := range m {
		out := c[i*ldc : i*ldc+n]
		sums := row[:n]
		if acc {
			copy(sums, out)
		} else {
			clear(sums)
		}
		for kk, x := range a[i*lda : i*lda+k] {
			axpyPortable(sums, x, b[kk*ldb:kk*ldb+n])
		}
		copy(out, sums)
	}
}

// axpyPortable is c[j] = FMA32(x, b[j], c[j]) with the usual case inlined.
func axpyPortable(c []float32, x float32, b []float32) {
	wide := float64(x)
	b = b[:len(c)]
	for j, y := range b {
		s := wide*float64(y) + float64(c[j]) // exact product: fusing would change nothing
		if num.RoundsOnce(s) {
			c[j] = float32(s)
		} else {
			c[j] = num.FMA32(x, y, c[j])
		}
	}
}

// lanes16 adds the lanes in the canonical tree.
func lanes16(l *[16]float32) float32 {
	for w := 8; w > 0; w /= 2 {
		for j := range w {
			l[j] += l[j+w]
		}
	}
	return l[0]
}

func lanes8(l *[8]float64) float64 {
	for w := 4; w > 0; w /= 2 {
		for j := range w {
			l[j] += l[j+w]
		}
	}
	return l[0]
}

func sumSquaresPortable(x []float32) float32 {
	var l [16]float32
	for i, v := range x {
		l[i&15] = num.FMA32(v, v, l[i&15])
	}
	return lanes16(&l)
}

func scalePortable(dst, x, w []float32, inv float32) {
	for i, v := range x {
		dst[i] = float32(float32(v*inv) * w[i])
	}
}

func maximumPortable(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func softmaxPortable(x []float32, scale float32) float32 {
	// Rounding is monotonic: the largest product is the product of the largest.
	largest := float32(maximumPortable(x) * scale)
	var l [16]float32
	for i, v := range x {
		e := num.Exp32(float32(float32(v*scale) - largest))
		x[i] = e
		l[i&15] += e
	}
	return lanes16(&l)
}

func softmaxBF16Portable(dst []uint16, x []float32, scale float32) float32 {
	softmaxPortable(x, scale)
	roundBF16Portable(dst, x)
	var l [16]float32
	addHalves(&l, dst[:len(x)])
	return lanes16(&l)
}

// addHalves adds bfloat16 numbers to lanes.
func addHalves(l *[16]float32, x []uint16) {
	for i, h := range x {
		l[i&15] += num.BF16ToF32(h)
	}
}

func siluMulPortable(dst, gate, up []float32) {
	for i, g := range gate {
		s := float32(g / float32(1+num.Exp32(-g)))
		dst[i] = float32(s * up[i])
	}
}

const (
	geluB = 0x1.988454p+0 // 2 sqrt(2/pi)
	geluC = 0x1.2444f2p-4 // 0.044715 times as much
)

func geluMulPortable(dst, gate, up []float32) {
	for i, z := range gate {
		y := float32(z * num.FMA32(float32(z*z), geluC, geluB))
		s := float32(z / float32(1+num.Exp32(-y)))
		dst[i] = float32(s * up[i])
	}
}

func capPortable(x []float32, scale, limit float32) {
	for i, v := range x {
		x[i] = float32(limit * num.Tanh32(float32(float32(v*scale)/limit)))
	}
}

func addPortable(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

func dividePortable(dst, x []float32, by float32) {
	for i, v := range x {
		dst[i] = float32(v/by) + 0
	}
}

func rotatePortable(dst, src, cos, sin []float32) {
	for at := 0; at < len(src); at += 2 * len(cos) {
		rotatePairs(dst[at:], src[at:], cos, sin, 0)
	}
}

// rotatePairs rotates a vector's pairs from a number on: everything, or what vector code leaves over.
func rotatePairs(dst, src, cos, sin []float32, from int) {
	half := len(cos)
	for i := from; i < half; i++ {
		a, b, c, s := src[i], src[i+half], cos[i], sin[i]
		dst[i] = float32(a*c) - float32(b*s)
		dst[i+half] = float32(b*c) + float32(a*s)
	}
}

func sumExpPortable(x []float32, max float32) float64 {
	var l [8]float64
	m := float64(max)
	for i, v := range x {
		l[i&7] += num.Exp64(float64(float64(v) - m))
	}
	return lanes8(&l)
}

func allFinitePortable(x []float32) bool {
	for _, v := range x {
		if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
			return false
		}
	}
	return true
}

// peakTime is how long Peak runs.
const peakTime = 50 * time.Millisecond

// peakOf calls loop, which does flops operations a call, until peakTime has passed and returns the rate of the fastest
// call in GFLOP/s: another process can only make a call slower.
func peakOf(flops float64, loop func()) float64 {
	best := math.Inf(1)
	for start := time.Now(); time.Since(start) < peakTime; {
		t := time.Now()
		loop()
		best = min(best, time.Since(t).Seconds())
	}
	return flops / best / 1e9
}

func peakPortable() float64 {
	c, b := make([]float32, NR), make([]float32, NR)
	for j := range b {
		b[j] = 1 + float32(j)/NR
	}
	const rounds = 1000
	return peakOf(2*NR*rounds, func() {
		for range rounds {
			axpyPortable(c, 0.001, b)
		}
	})
}
