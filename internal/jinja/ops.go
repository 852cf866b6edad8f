package jinja

import (
	"math"
	"math/bits"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// whole is a number as Python counts with it: True is 1.
func whole(v any) any {
	if b, ok := v.(bool); ok {
		if b {
			return int64(1)
		}
		return int64(0)
	}
	return v
}

// present refuses an undefined operand, in either dialect.
func (s *state) present(v any, line int) {
	if u, ok := v.(undefined); ok {
		u.fail(line)
	}
}

func (e *binaryExpr) eval(s *state) any {
	l := s.eval(e.l, e.line)
	switch e.op {
	case "and":
		if !s.truth(l, e.line) {
			return l
		}
		return s.eval(e.r, e.line)
	case "or":
		if s.truth(l, e.line) {
			return l
		}
		return s.eval(e.r, e.line)
	}
	r := s.eval(e.r, e.line)
	s.present(l, e.line)
	s.present(r, e.line)
	return s.arithmetic(e.op, l, r, e.line)
}

func (s *state) arithmetic(op string, l, r any, line int) any {
	if text, ok := l.(string); ok && op == "%" {
		return s.format(text, r, line)
	}
	l, r = whole(l), whole(r)
	a, lInt := l.(int64)
	b, rInt := r.(int64)
	x, lNum := toFloat(l)
	y, rNum := toFloat(r)
	switch {
	case lInt && rInt:
		return s.integers(op, a, b, line)
	case lNum && rNum:
		return s.floats(op, x, y, line)
	case op == "*" && rInt:
		return s.repeat(l, b, line)
	case op == "*" && lInt:
		return s.repeat(r, a, line)
	case op == "+":
		if sum := s.join(l, r, line); sum != nil {
			return sum
		}
	}
	if _, big := l.(python.Number); big {
		fail(line, "%s is beyond 64 bits", Text(l))
	}
	fail(line, "unsupported operand type(s) for %s: '%s' and '%s'", op, typeName(l), typeName(r))
	return nil
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// join is the sum of two texts or lists, nil of others.
func (s *state) join(l, r any, line int) any {
	switch l := l.(type) {
	case string:
		if r, ok := r.(string); ok {
			s.made(line, len(l)+len(r))
			return l + r
		}
	case []any:
		if r, ok := r.([]any); ok {
			s.made(line, 16*(len(l)+len(r)))
			return append(append(make([]any, 0, len(l)+len(r)), l...), r...)
		}
	case tuple:
		if r, ok := r.(tuple); ok {
			s.made(line, 16*(len(l)+len(r)))
			return append(append(make(tuple, 0, len(l)+len(r)), l...), r...)
		}
	}
	return nil
}

func (s *state) repeat(v any, n int64, line int) any {
	n = max(n, 0)
	size := func(one int) int {
		hi, lo := bits.Mul64(uint64(one), uint64(n))
		if hi != 0 || lo > math.MaxInt32 {
			exceeded(line, "bytes", s.limits.Bytes)
		}
		return int(lo)
	}
	times := func(list []any) []any {
		s.made(line, size(16*len(list)))
		var out []any
		for range n {
			if len(list) == 0 {
				break
			}
			out = append(out, list...)
		}
		return out
	}
	switch v := v.(type) {
	case string:
		if v == "" {
			return ""
		}
		s.made(line, size(len(v)))
		return strings.Repeat(v, int(n))
	case []any:
		return times(v)
	case tuple:
		return tuple(times(v))
	}
	fail(line, "can't multiply sequence by non-int of type '%s'", typeName(v))
	return nil
}

func overflow(line int) { fail(line, "the result is a whole number beyond 64 bits") }

func (s *state) subtract(a, b int64, line int) int64 {
	if c := a - b; (b >= 0) == (c <= a) {
		return c
	}
	overflow(line)
	return 0
}

func (s *state) integers(op string, a, b int64, line int) any {
	if b == 0 && (op == "/" || op == "//" || op == "%") {
		fail(line, "division by zero")
	}
	switch op {
	case "+":
		c := a + b
		if (b >= 0) != (c >= a) {
			overflow(line)
		}
		return c
	case "-":
		return s.subtract(a, b, line)
	case "*":
		return multiply(a, b, line)
	case "/":
		return float64(a) / float64(b)
	case "//", "%":
		if a == math.MinInt64 && b == -1 {
			overflow(line)
		}
		q, m := a/b, a%b
		if m != 0 && (m < 0) != (b < 0) {
			q, m = q-1, m+b
		}
		if op == "%" {
			return m
		}
		return q
	}
	if b < 0 { // "**"
		return math.Pow(float64(a), float64(b))
	}
	p := int64(1)
	for range min(b, 64) {
		p = multiply(p, a, line)
	}
	if b > 64 && a != 0 && a != 1 {
		if a != -1 {
			overflow(line)
		}
		p = 1 - 2*(b%2)
	}
	return p
}

func multiply(a, b int64, line int) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	c := a * b
	if c/b != a || a == math.MinInt64 && b == -1 || b == math.MinInt64 && a == -1 {
		overflow(line)
	}
	return c
}

func (s *state) floats(op string, x, y float64, line int) any {
	if y == 0 && (op == "/" || op == "//" || op == "%") {
		fail(line, "float division by zero")
	}
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "//", "%":
		m := math.Mod(x, y)
		q := (x - m) / y
		if m != 0 && (m < 0) != (y < 0) {
			m += y
			q--
		}
		if op == "%" {
			return m
		}
		return math.Round(q)
	}
	return math.Pow(x, y)
}
