package metrics

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// MathAborts is the answer on which the reference raises AssertionError, which ends its run: \fbox, or \boxed without its brace.
const MathAborts = "[aborts]"

// MathAnswer finds the answer of a solution as lm-eval 0.4.2's minerva_math does and normalises it (lm_eval/tasks/math_500/utils.py of
// swallow-llm/swallow-evaluation at 635f5a8): what the last \boxed holds, or else what follows "Final Answer: The final answer is". It is
// Invalid where there is neither, and MathAborts where the reference's run ends.
func MathAnswer(solution string) string {
	box, found := lastBox(solution)
	if !found {
		m := mathFinal.FindStringSubmatch(solution + "I hope it is correct.")
		if m == nil {
			return Invalid
		}
		return NormalizeMath(pytext.Strip(m[1]))
	}
	if after, ok := strings.CutPrefix(box, `\boxed `); ok {
		return NormalizeMath(after)
	}
	inside, ok := strings.CutPrefix(box, `\boxed{`)
	if !ok || strings.Contains(box, `\boxed `) {
		return MathAborts
	}
	return NormalizeMath(strings.TrimSuffix(inside, "}"))
}

// mathFinal is the reference's pattern, whose points stand for any character.
var mathFinal = regexp.MustCompile(`Final Answer: The final answer is(.*?). I hope it is correct.`)

// lastBox is the last \boxed or, where there is none, \fbox with balanced braces.
func lastBox(s string) (box string, found bool) {
	if i := strings.LastIndex(s, `\boxed `); i >= 0 {
		after, _, _ := strings.Cut(s[i+len(`\boxed `):], "$")
		return `\boxed ` + after, true
	}
	at := strings.LastIndex(s, `\boxed`)
	if at < 0 {
		if at = strings.LastIndex(s, `\fbox`); at < 0 {
			return "", false
		}
	}
	open := 0
	for i := at; i < len(s); i++ {
		switch s[i] {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return s[at : i+1], true
			}
		}
	}
	return "", false
}

// The steps of NormalizeMath, in order.
var (
	mathDollars  = regexp.MustCompile(`(.*?)(\$)(.*?)(\$)(.*)`)
	mathText     = regexp.MustCompile(`(\\text\{)(.*?)(\})`)
	mathBold     = regexp.MustCompile(`(\\textbf\{)(.*?)(\})`)
	mathOverline = regexp.MustCompile(`(\\overline\{)(.*?)(\})`)
	mathBoxed    = regexp.MustCompile(`(\\boxed\{)(.*)(\})`)
	mathFrac     = regexp.MustCompile(`(frac)([^{])(.)`)
	mathSqrt     = regexp.MustCompile(`(sqrt)([^{])`)
)

// mathReplaced are the pairs of texts that are replaced one after another.
func mathReplaced() [][2]string {
	pairs := [][2]string{
		{"an ", ""}, {"a ", ""}, {".$", "$"}, {`\$`, ""}, {`\ `, ""}, {" ", ""}, {"mbox", "text"}, {`,\text{and}`, ","}, {`\text{and}`, ","}, {`\text{m}`, `\text{}`},
	}
	for _, word := range []string{
		"square", "ways", "integers", "dollars", "mph", "inches", "ft", "hours", "km", "units", `\ldots`, "sue", "points", "feet", "minutes", "digits", "cents",
		"degrees", "cm", "gm", "pounds", "meters", "meals", "edges", "students", "childrentickets", "multiples", `\text{s}`, `\text{.}`, "\\text{\ns}", `\text{}^2`,
		`\text{}^3`, "\\text{\n}", `\text{}`, `\mathrm{th}`, `^\circ`, `^{\circ}`, `\;`, `,\!`, "{,}", `"`, `\dots`,
	} {
		pairs = append(pairs, [2]string{word, ""})
	}
	return pairs
}

// NormalizeMath is normalize_final_answer of Lewkowycz et al. 2022 (Minerva), appendix D, as the harness has it: "ft" goes wherever it stands, so
// that \left( becomes \le(.
func NormalizeMath(answer string) string {
	answer = answer[strings.LastIndex(answer, "=")+1:]
	for _, p := range mathReplaced() {
		answer = strings.ReplaceAll(answer, p[0], p[1])
	}
	answer = mathDollars.ReplaceAllString(answer, "$$${3}$$")
	for _, wrapped := range []*regexp.Regexp{mathText, mathBold, mathOverline, mathBoxed} {
		answer = wrapped.ReplaceAllString(answer, "${2}")
	}
	answer = mathFrac.ReplaceAllString(answer, "frac{${2}}{${3}}")
	answer = mathSqrt.ReplaceAllString(answer, "sqrt{${2}}")
	answer = strings.ReplaceAll(answer, "$", "")
	if digits := strings.ReplaceAll(answer, ",", ""); digits != "" && strings.IndexFunc(digits, notDigit) < 0 {
		answer = digits
	}
	return answer
}

// notDigit is the opposite of Python's str.isdigit for the characters that answers have: decimal digits of every script, and those that are
// written high, low or in circles.
func notDigit(r rune) bool {
	switch {
	case unicode.Is(unicode.Nd, r), r == '²' || r == '³' || r == '¹' || r == '⁰', '⁴' <= r && r <= '⁹', '₀' <= r && r <= '₉', '①' <= r && r <= '⑨':
		return false
	}
	return true
}

// mathRational reads whole numbers, decimals, a/b and \frac{a}{b}, with a sign or not.
func mathRational(s string) *big.Rat {
	m := mathNumber.FindStringSubmatch(s)
	if m == nil || len(s) > 40 {
		return nil
	}
	text := m[2]
	if m[3] != "" {
		text = m[3] + "/" + m[4]
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	if m[1] == "-" {
		r.Neg(r)
	}
	return r
}

var mathNumber = regexp.MustCompile(`^(-?)(?:([0-9]+(?:\.[0-9]+)?|[0-9]+/[0-9]+)|\\[dt]?frac\{([0-9]+)\}\{([0-9]+)\})$`)

// mathEqual says whether two normalised answers are equal, and whether that is decided: as texts, as numbers, or as what mathVerdict knows of
// expressions, tuples and intervals.
func mathEqual(answer, gold string) (equal, decided bool) {
	switch {
	case answer == Invalid || answer == MathAborts:
		return false, true
	case answer == gold:
		return true, true
	}
	if a, b := mathRational(answer), mathRational(gold); a != nil && b != nil {
		return a.Cmp(b) == 0, true
	}
	return mathVerdict(answer, gold)
}

// Math are the numbers of MATH-500. exact_match counts what is equal as text, as number or as simple expression: a lower bound of the reference's, which
// asks sympy about all that differs as text. undecided is the share that nothing here decides, decided the share of those that differ as text and were
// decided by value, string_match what is equal as text, aborted what would end the reference's run.
func Math() []Metric {
	const signature = "nrefs:1|norm:minerva|"
	of := func(name, how string, count func(answer, gold string) bool) Metric {
		return share(name, signature+how+"|"+lmEval04, func(targets []string, output string) bool {
			return slices.ContainsFunc(targets, func(gold string) bool { return count(output, gold) })
		})
	}
	undecided := of("undecided", "count:undecided", func(answer, gold string) bool { _, decided := mathEqual(answer, gold); return !decided })
	aborted := of("aborted", "count:aborted", func(answer, _ string) bool { return answer == MathAborts })
	undecided.LowerIsBetter, aborted.LowerIsBetter = true, true
	return []Metric{
		of("exact_match", "eq:text,value", func(answer, gold string) bool { equal, _ := mathEqual(answer, gold); return equal }),
		undecided,
		of("decided", "count:decided", func(answer, gold string) bool {
			_, decided := mathEqual(answer, gold)
			return decided && answer != gold && answer != Invalid && answer != MathAborts
		}),
		of("string_match", "eq:text", func(answer, gold string) bool { return answer == gold && answer != Invalid && answer != MathAborts }),
		aborted,
	}
}
