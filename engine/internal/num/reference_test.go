package num

import (
	"math"
	"math/big"
)

// The references work with 200 bits and series that converge quickly; they share nothing with the code under test.

const prec = 200

func bigOf(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }

func quo(a *big.Float, n int) *big.Float {
	return new(big.Float).SetPrec(prec).Quo(a, bigOf(float64(n)))
}

func mul(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Mul(a, b) }
func add(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Add(a, b) }

// bigExp halves its argument until Taylor's series converges fast, then squares as often.
func bigExp(x *big.Float) *big.Float {
	halvings := max(0, x.MantExp(nil)+8)
	r := new(big.Float).SetMantExp(x, -halvings)
	sum, term := bigOf(1), bigOf(1)
	for n := 1; n < 30; n++ {
		term = quo(mul(term, r), n)
		sum = add(sum, term)
	}
	for range halvings {
		sum = mul(sum, sum)
	}
	return sum
}

// bigLog is Newton's iteration on bigExp from a float64 start: each round doubles the correct bits.
func bigLog(x *big.Float) *big.Float {
	m := new(big.Float)
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := bigOf(math.Log(f) + float64(e)*math.Ln2)
	for range 3 {
		d := mul(x, bigExp(new(big.Float).Neg(y)))
		y = add(y, d.Sub(d, bigOf(1)))
	}
	return y
}

// bigPi is Machin's formula.
func bigPi() *big.Float {
	atanInv := func(n int) *big.Float {
		sum, term := bigOf(0), quo(bigOf(1), n)
		for k := range 160 {
			t := quo(term, 2*k+1)
			if k%2 == 1 {
				t.Neg(t)
			}
			sum = add(sum, t)
			term = quo(term, n*n)
		}
		return sum
	}
	a, b := mul(bigOf(16), atanInv(5)), mul(bigOf(4), atanInv(239))
	return a.Sub(a, b)
}

// bigSinCos reduces by multiples of pi/2 and sums Taylor's series.
func bigSinCos(x, pi *big.Float) (sin, cos *big.Float) {
	half := quo(pi, 2)
	q, _ := new(big.Float).SetPrec(prec).Quo(x, half).Float64()
	n := math.Round(q)
	r := new(big.Float).SetPrec(prec).Sub(x, mul(half, bigOf(n)))
	sin, cos = bigOf(0), bigOf(0)
	term := bigOf(1)
	for k := range 50 {
		t := new(big.Float).Copy(term)
		if k%4 >= 2 {
			t.Neg(t)
		}
		if k%2 == 0 {
			cos = add(cos, t)
		} else {
			sin = add(sin, t)
		}
		term = quo(mul(term, r), k+1)
	}
	switch int64(n) & 3 {
	case 1:
		sin, cos = cos, sin.Neg(sin)
	case 2:
		sin.Neg(sin)
		cos.Neg(cos)
	case 3:
		sin, cos = cos.Neg(cos), sin
	}
	return sin, cos
}

// ulps64 is |got - want| in units of the last place of a float64 near want.
func ulps64(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	d, _ := new(big.Float).SetPrec(prec).Sub(bigOf(got), want).Float64()
	return math.Abs(d) / ulp(w, 53)
}

// ulp is the spacing of numbers with the given bits of precision around w.
func ulp(w float64, bits int) float64 {
	_, e := math.Frexp(w)
	return math.Ldexp(1, e-bits)
}
