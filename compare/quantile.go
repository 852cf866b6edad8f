package compare

import "math"

// Interval is a confidence interval of a difference of shares, within [-1, 1].
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// normalQuantile is the standard normal quantile.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// studentQuantile is the quantile, for p above 1/2, of Student's distribution, found by bisection of its tail.
func studentQuantile(p float64, freedom int) float64 {
	tail := 2 * (1 - p)
	low, high := 0.0, 1.0
	for studentTail(high, freedom) > tail {
		low, high = high, 2*high
	}
	for range 200 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if studentTail(middle, freedom) > tail {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// studentTail is P(|T| > t).
func studentTail(t float64, freedom int) float64 {
	v := float64(freedom)
	return incompleteBeta(v/(v+t*t), v/2, 0.5)
}

// incompleteBeta is the regularised incomplete beta function by Lentz's continued fraction (DLMF 8.17.22).
func incompleteBeta(x, a, b float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - incompleteBeta(1-x, b, a)
	}
	logs := func(v float64) float64 { l, _ := math.Lgamma(v); return l }
	front := math.Exp(logs(a+b)-logs(a)-logs(b)+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	guard := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	f, c, d := 1.0, 1.0, 0.0
	for i := range 500 {
		m := float64(i / 2)
		var numerator float64
		switch {
		case i == 0:
			numerator = 1
		case i%2 == 0:
			numerator = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			numerator = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		d = 1 / guard(1+numerator*d)
		c = guard(1 + numerator/c)
		f *= c * d
		if math.Abs(1-c*d) < 1e-15 {
			break
		}
	}
	return front * (f - 1)
}
