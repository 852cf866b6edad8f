package metrics

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mathValue is what a normalised answer says, as far as it can be compared exactly: one expression, or several between
// brackets or commas.
type mathValue struct {
	open, close string // brackets, "" for none
	parts       []mathSum
}

// mathSum is a sum of products with exact coefficients, by the product's atoms. Its atoms are letters, π and roots, of which
// nothing is known but that equal ones are equal.
type mathSum struct {
	terms map[string]mathTerm
	// loose: the letter d is among the atoms, which the reference's parser may take for a differential. decimal: a
	// coefficient is written with a point.
	loose, decimal bool
}

type mathTerm struct {
	atoms []string // sorted, with repetitions
	by    *big.Rat
}

// mathThousands is a comma that the reference's parser may take for a mark of thousands.
var mathThousands = regexp.MustCompile(`[0-9],[0-9]{3}([^0-9]|$)`)

// mathVerdict says whether two answers are equal, and whether it is certain that the reference finds the same. Its parser (sympy's LaTeX grammar) takes
// letters, e, i and π among them, for mere symbols; reads no tuple, so that an error counts as unequal; takes x(y) for a function's value; and
// ignores what follows an expression, so that of a bare list the first member alone counts. Equality is therefore claimed of single expressions
// alone, and of lists nothing where the first members may be equal.
func mathVerdict(answer, gold string) (equal, certain bool) {
	a, ok := readMath(answer)
	if !ok {
		return false, false
	}
	b, ok := readMath(gold)
	if !ok {
		return false, false
	}
	if a.open == "" && b.open == "" {
		equal, certain = a.parts[0].same(b.parts[0])
		// What \left( has become is no bracket to its parser but \le, and an error.
		broken := strings.Contains(answer+gold, `\le`)
		certain = certain && (!equal || len(a.parts)+len(b.parts) == 2 && !broken)
		return equal && certain, certain
	}
	if len(a.parts) != len(b.parts) {
		return false, true
	}
	for i := range a.parts {
		if equal, certain := a.parts[i].same(b.parts[i]); certain && !equal {
			return false, true
		}
	}
	return false, false
}

// readMath reads an answer; ok is false where it says something else than this knows.
func readMath(s string) (v mathValue, ok bool) {
	if len(s) > 200 || mathThousands.MatchString(s) {
		return v, false
	}
	s = strings.NewReplacer(`\le(`, "(", `\le[`, "[", `\left`, "", `\right`, "", `\!`, "", `\,`, "", `\cdot`, "*", `\times`, "*", `\dfrac`, `\frac`, `\tfrac`, `\frac`).Replace(s)
	if n := len(s); n > 2 && strings.ContainsRune("([", rune(s[0])) && strings.ContainsRune(")]", rune(s[n-1])) && strings.Contains(s, ",") {
		v.open, v.close, s = s[:1], s[n-1:], s[1:n-1]
	}
	for _, part := range splitMath(s) {
		p := mathParser{text: part}
		sum, ok := p.sum(0)
		if !ok || p.at != len(p.text) {
			return v, false
		}
		v.parts = append(v.parts, sum)
	}
	return v, true
}

// splitMath cuts at commas outside brackets.
func splitMath(s string) (parts []string) {
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				parts, from = append(parts, s[from:i]), i+1
			}
		}
	}
	return append(parts, s[from:])
}

// mathParser reads sums of products of numbers, letters, \pi, \sqrt{}, \frac{}{} and brackets, with whole exponents up to 8.
type mathParser struct {
	text string
	at   int
}

const mostMathDepth = 8

func (p *mathParser) take(s string) bool {
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *mathParser) sum(depth int) (mathSum, bool) {
	if depth > mostMathDepth {
		return mathSum{}, false
	}
	total := mathSum{terms: map[string]mathTerm{}}
	for first := true; ; first = false {
		sign := int64(1)
		switch {
		case p.take("-"):
			sign = -1
		case p.take("+"), first:
		default:
			return total, true
		}
		product, ok := p.product(depth)
		if !ok {
			return total, false
		}
		total = total.plus(product, big.NewRat(sign, 1))
	}
}

// product reads factors one after another, with * or nothing between. Two numbers side by side are no product that anybody means, and
// a/b among other factors is read in several ways.
func (p *mathParser) product(depth int) (mathSum, bool) {
	from := p.at
	result, ok := p.power(depth)
	for ok && !p.ends() {
		if strings.Contains(p.text[from:p.at], "/") {
			return result, false
		}
		if star := p.take("*"); !star && p.digit() {
			return result, false
		}
		from = p.at
		var factor mathSum
		if factor, ok = p.power(depth); !ok || strings.Contains(p.text[from:p.at], "/") {
			return result, false
		}
		result, ok = result.times(factor)
	}
	return result, ok
}

func (p *mathParser) power(depth int) (mathSum, bool) {
	base, ok := p.atom(depth)
	if !ok || !p.take("^") {
		return base, ok
	}
	digits := p.match(mathExponent)
	n, err := strconv.Atoi(strings.Trim(digits, "{}"))
	if err != nil || n > 8 || p.digit() || p.at < len(p.text) && p.text[p.at] == '^' {
		return base, false
	}
	result := mathConstant(big.NewRat(1, 1))
	for range n {
		if result, ok = result.times(base); !ok {
			return result, false
		}
	}
	return result, true
}

var (
	mathExponent = regexp.MustCompile(`^(?:[0-9]|\{[0-9]{1,2}\})`)
	mathPlain    = regexp.MustCompile(`^[0-9]{1,30}(?:\.[0-9]{1,30}|/[0-9]{1,30})?`)
)

// digit says whether a digit or a point comes next.
func (p *mathParser) digit() bool {
	return p.at < len(p.text) && (p.text[p.at] >= '0' && p.text[p.at] <= '9' || p.text[p.at] == '.')
}

// ends says whether a product ends here.
func (p *mathParser) ends() bool {
	return p.at == len(p.text) || strings.ContainsRune("+-)}]", rune(p.text[p.at]))
}

// match takes what a pattern finds, "" for nothing.
func (p *mathParser) match(pattern *regexp.Regexp) string {
	found := pattern.FindString(p.text[p.at:])
	p.at += len(found)
	return found
}

func (p *mathParser) atom(depth int) (mathSum, bool) {
	if text := p.match(mathPlain); text != "" {
		r, ok := new(big.Rat).SetString(text)
		if !ok || strings.HasPrefix(p.text[p.at:], "/") {
			return mathSum{}, false
		}
		sum := mathConstant(r)
		sum.decimal = strings.Contains(text, ".")
		return sum, true
	}
	switch {
	case p.take(`\pi`):
		return mathAtom("π"), !strings.HasPrefix(p.text[p.at:], "(")
	case p.take(`\sqrt{`):
		inside, ok := p.sum(depth + 1)
		if !ok || !p.take("}") {
			return inside, false
		}
		root := mathAtom("√(" + inside.text() + ")")
		root.loose, root.decimal = inside.loose, inside.decimal
		return root, true
	case p.take(`\frac{`):
		return p.fraction(depth)
	case p.take("("):
		inside, ok := p.sum(depth + 1)
		return inside, ok && p.take(")")
	}
	if p.at < len(p.text) {
		if c := p.text[p.at]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			p.at++
			letter := mathAtom(string(c))
			letter.loose = c == 'd'
			return letter, !p.digit() && !strings.HasPrefix(p.text[p.at:], "(")
		}
	}
	return mathSum{}, false
}

// fraction reads what follows \frac{; what is below the line is a number.
func (p *mathParser) fraction(depth int) (mathSum, bool) {
	above, ok := p.sum(depth + 1)
	if !ok || !p.take("}{") {
		return above, false
	}
	below, ok := p.sum(depth + 1)
	if !ok || !p.take("}") {
		return above, false
	}
	by, constant := below.constant()
	if !constant || by.Sign() == 0 {
		return above, false
	}
	result := mathSum{terms: map[string]mathTerm{}}.plus(above, new(big.Rat).Inv(by))
	result.decimal = above.decimal || below.decimal
	return result, true
}

func mathConstant(r *big.Rat) mathSum {
	s := mathSum{terms: map[string]mathTerm{}}
	if r.Sign() != 0 {
		s.terms[""] = mathTerm{by: r}
	}
	return s
}

func mathAtom(name string) mathSum {
	return mathSum{terms: map[string]mathTerm{name: {[]string{name}, big.NewRat(1, 1)}}}
}

// constant is the value of a sum without atoms.
func (s mathSum) constant() (*big.Rat, bool) {
	switch t, ok := s.terms[""]; {
	case len(s.terms) == 0:
		return new(big.Rat), true
	case len(s.terms) == 1 && ok:
		return t.by, true
	}
	return nil, false
}

// plus is s and by times t.
func (s mathSum) plus(t mathSum, by *big.Rat) mathSum {
	for key, term := range t.terms {
		r := new(big.Rat).Mul(term.by, by)
		if had, ok := s.terms[key]; ok {
			r.Add(r, had.by)
		}
		if r.Sign() == 0 {
			delete(s.terms, key)
		} else {
			s.terms[key] = mathTerm{term.atoms, r}
		}
	}
	s.loose, s.decimal = s.loose || t.loose, s.decimal || t.decimal
	return s
}

// times multiplies; ok is false where that has more terms than an answer.
func (s mathSum) times(t mathSum) (mathSum, bool) {
	result := mathSum{terms: map[string]mathTerm{}, loose: s.loose || t.loose, decimal: s.decimal || t.decimal}
	for _, a := range s.terms {
		for _, b := range t.terms {
			atoms := slices.Concat(a.atoms, b.atoms)
			slices.Sort(atoms)
			product := mathSum{terms: map[string]mathTerm{strings.Join(atoms, "·"): {atoms, new(big.Rat).Mul(a.by, b.by)}}}
			if result = result.plus(product, big.NewRat(1, 1)); len(result.terms) > 64 || large(product.terms) {
				return result, false
			}
		}
	}
	return result, true
}

// large says whether a coefficient has more digits than an answer: powers of powers would have millions.
func large(terms map[string]mathTerm) bool {
	for _, t := range terms {
		if len(t.atoms) > 32 || t.by.Num().BitLen() > 512 || t.by.Denom().BitLen() > 512 {
			return true
		}
	}
	return false
}

// text is the same for equal sums.
func (s mathSum) text() string {
	var list []string
	for key, term := range s.terms {
		list = append(list, term.by.RatString()+key)
	}
	slices.Sort(list)
	return strings.Join(list, "+")
}

// same compares two sums. Sums of the same terms are equal, whatever roots are. Others differ for certain where there are no roots, since π is
// transcendental and a letter anything; and where they are numbers further apart than rounding explains.
func (s mathSum) same(t mathSum) (equal, certain bool) {
	switch {
	case s.text() == t.text():
		// What the reference computes of decimals is rounded: to it -26-8.4+0 is not -26-8.4. Plain numbers are compared before.
		return true, !s.decimal && !t.decimal
	case s.loose || t.loose:
		return false, false
	case !s.rooted() && !t.rooted():
		return false, true
	}
	x, okx := s.float()
	y, oky := t.float()
	return false, okx && oky && math.Abs(x-y) > 1e-9*(1+math.Abs(x)+math.Abs(y))
}

func (s mathSum) rooted() bool {
	for _, term := range s.terms {
		if slices.ContainsFunc(term.atoms, func(a string) bool { return strings.HasPrefix(a, "√") }) {
			return true
		}
	}
	return false
}

// float is a sum's value to fifteen digits, where its atoms are π and roots of whole numbers.
func (s mathSum) float() (value float64, ok bool) {
	for _, term := range s.terms {
		v, _ := term.by.Float64()
		for _, atom := range term.atoms {
			inside, rooted := strings.CutPrefix(atom, "√(")
			n, err := strconv.ParseFloat(strings.TrimSuffix(inside, ")"), 64)
			switch {
			case atom == "π":
				v *= math.Pi
			case rooted && err == nil && n >= 0:
				v *= math.Sqrt(n)
			default:
				return 0, false
			}
		}
		value += v
	}
	return value, !math.IsInf(value, 0) && !math.IsNaN(value)
}
