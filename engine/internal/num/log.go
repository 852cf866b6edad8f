package num

import "math"

const (
	ln2High = 0x1.62e42fefa38p-1 // the first 42 bits of ln 2: its product with any exponent is exact
	ln2Low  = 0x1.ef35793c7673p-45
	sqrt2   = math.Sqrt2
)

// Log64 returns the natural logarithm of x with an error below 1 ulp. Log64(0) is -Inf, negative arguments and NaN
// give NaN.
func Log64(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x < 0 || x != x:
		return math.NaN()
	case x > math.MaxFloat64:
		return x
	}
	hi, lo := logParts(x)
	return hi + lo
}

// Pow64 returns base^exp for a base above zero with an error below 2 ulp. Other bases give NaN. Results below 2^-1022
// are +0.
func Pow64(base, exp float64) float64 {
	switch {
	case exp == 0 || base == 1:
		return 1
	case !(base > 0) || exp != exp:
		return math.NaN()
	case base > math.MaxFloat64:
		if exp > 0 {
			return base
		}
		return 0
	}
	hi, lo := logParts(base)
	h := float64(exp * hi)
	e := Exp64(h)
	if e == 0 || e > math.MaxFloat64 {
		return e
	}
	// e^(h+l) = e^h (1 + l) for the tiny rest l of the product.
	l := math.FMA(exp, lo, math.FMA(exp, hi, -h))
	return math.FMA(e, l, e)
}

// logParts returns the logarithm of a finite x above zero as an unevaluated sum of two numbers, good to about 2^-63 of
// its value: Pow64 multiplies the error by its exponent.
//
// With x = 2^e m and s = (m-1)/(m+1), ln x = e ln 2 + 2s + 2 s^3 (1/3 + s^2/5 + s^4/7 + ...). The quotient, the cube
// and the leading coefficient are carried in two parts each.
func logParts(x float64) (hi, lo float64) {
	e := 0
	if x < 0x1p-1022 {
		x = float64(x * 0x1p54)
		e = -54
	}
	u := math.Float64bits(x)
	e += int(u>>52) - 1023
	m := math.Float64frombits(u&(1<<52-1) | 1023<<52)
	if m > sqrt2 {
		m = float64(m * 0.5)
		e++
	}

	f := float64(m - 1)
	d := float64(m + 1)
	dLow := float64(m - float64(d-1))
	s := float64(f / d)
	sLow := float64(math.FMA(-s, dLow, math.FMA(-s, d, f)) / d)

	q := float64(s * s)
	qLow := math.FMA(2*s, sLow, math.FMA(s, s, -q))

	t := 1.0 / 23
	for _, c := range [...]float64{1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5} {
		t = math.FMA(t, q, c)
	}
	t = float64(t * q)

	const third = 0x1.5555555555555p-2
	c := float64(third + t)
	cLow := float64(float64(third-c)+t) + 0x1.5555555555555p-56

	cube := float64(s * q)
	cubeLow := math.FMA(s, qLow, math.FMA(sLow, q, math.FMA(s, q, -cube)))
	p := float64(cube * c)
	pLow := math.FMA(cube, cLow, math.FMA(cubeLow, c, math.FMA(cube, c, -p)))

	a, aLow := quickSum(2*s, 2*p)
	aLow = float64(aLow + float64(2*sLow+2*pLow)) // doubling is exact, so fusing it changes nothing
	b := float64(float64(e) * ln2High)
	bLow := float64(float64(e) * ln2Low)
	if e == 0 {
		return quickSum(a, aLow)
	}
	h, hLow := quickSum(b, a)
	return quickSum(h, float64(float64(hLow+bLow)+aLow))
}

// quickSum returns a+b and its rounding error for |a| >= |b| (Dekker).
func quickSum(a, b float64) (sum, err float64) {
	sum = float64(a + b)
	return sum, float64(b - float64(sum-a))
}
