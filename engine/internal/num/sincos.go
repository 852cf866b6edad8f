package num

import "math"

const (
	twoOverPi = 0x1.45f306dc9c883p-1
	piHalf1   = 0x1.921fb54442d18p+0
	piHalf2   = 0x1.1a62633145c07p-54
	piHalf3   = -0x1.f1976b7ed8fbcp-110

	// MaxAngle is the largest magnitude, in radians, that SinCos64 reduces exactly.
	MaxAngle = 1 << 22
)

// SinCos64 returns the sine and the cosine of x radians, each with an absolute error below 2^-52. Arguments beyond
// MaxAngle in magnitude, infinities and NaN give NaN.
func SinCos64(x float64) (sin, cos float64) {
	if !(x >= -MaxAngle && x <= MaxAngle) {
		return math.NaN(), math.NaN()
	}
	// r + low = x - n pi/2; the first step is exact, because n pi/2 and x share a grid of 2^-53 or coarser.
	z := math.FMA(x, twoOverPi, magic64)
	n := float64(z - magic64)
	first := math.FMA(-n, piHalf1, x)
	r := math.FMA(-n, piHalf2, first)
	low := math.FMA(-n, piHalf3, math.FMA(-n, piHalf2, float64(first-r)))

	q := float64(r * r)
	s := sinSeries(r, q, low)
	c := cosSeries(r, q, low)
	switch math.Float64bits(z) & 3 { // n modulo 4: the constant added is a multiple of 4
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	}
	return -c, s
}

// Sin64 is the first result of SinCos64.
func Sin64(x float64) float64 {
	s, _ := SinCos64(x)
	return s
}

// Cos64 is the second result of SinCos64.
func Cos64(x float64) float64 {
	_, c := SinCos64(x)
	return c
}

// sinSeries is sin(r+low) for |r| <= pi/4 and q = r^2: r plus Taylor's terms up to r^17, plus low cos r.
func sinSeries(r, q, low float64) float64 {
	p := 1.0 / 355687428096000
	p = math.FMA(p, q, -1.0/1307674368000)
	p = math.FMA(p, q, 1.0/6227020800)
	p = math.FMA(p, q, -1.0/39916800)
	p = math.FMA(p, q, 1.0/362880)
	p = math.FMA(p, q, -1.0/5040)
	p = math.FMA(p, q, 1.0/120)
	p = math.FMA(p, q, -1.0/6)
	rest := math.FMA(low, math.FMA(-0.5, q, 1), float64(float64(r*q)*p))
	return r + rest
}

// cosSeries is cos(r+low) for |r| <= pi/4 and q = r^2: Taylor's terms up to r^16, less low sin r.
func cosSeries(r, q, low float64) float64 {
	p := 1.0 / 20922789888000
	p = math.FMA(p, q, -1.0/87178291200)
	p = math.FMA(p, q, 1.0/479001600)
	p = math.FMA(p, q, -1.0/3628800)
	p = math.FMA(p, q, 1.0/40320)
	p = math.FMA(p, q, -1.0/720)
	p = math.FMA(p, q, 1.0/24)
	// 1 - q/2 loses up to half an ulp, which the last sum gives back.
	half := float64(0.5 * q)
	top := float64(1 - half)
	rest := math.FMA(float64(q*q), p, float64(float64(1-top)-half))
	return top + math.FMA(-low, r, rest)
}
