package metrics

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Invalid is the answer that the extractions below give where a text holds none. It equals no gold answer.
const Invalid = "[invalid]"

// lastNumber returns the last match of -?[0-9.,]+ in s; a regular expression would have to find all the others first.
func lastNumber(s string) (string, bool) {
	end := strings.LastIndexAny(s, "0123456789.,")
	if end < 0 {
		return "", false
	}
	start := end
	for start > 0 && strings.IndexByte("0123456789.,", s[start-1]) >= 0 {
		start--
	}
	if start > 0 && s[start-1] == '-' {
		start--
	}
	return s[start : end+1], true
}

// MGSMAnswer extracts the answer of a completion as the JP harness does for MGSM: the last run of ASCII digits, points
// and commas with a hyphen before it or not, points stripped from its ends, commas deleted, read as a double. The result
// is that double's integer as Python prints it, of any size, or Invalid where there is no number, a malformed, a
// fractional or an infinite one. Source: lm_eval/tasks/ja/mgsm.py of Stability AI's fork at 9b42d41.
//
// So any later number (a unit, a date, a repeated question) replaces the answer, and a stray final point makes it
// invalid.
func MGSMAnswer(completion string) string {
	text, ok := lastNumber(completion)
	if !ok {
		return Invalid
	}
	text = strings.ReplaceAll(strings.Trim(text, "."), ",", "")
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v != math.Trunc(v) { // an overflow is an error too
		return Invalid
	}
	i, _ := new(big.Float).SetFloat64(v).Int(nil)
	return i.String()
}

// gsm8kAnswer is the pattern of EleutherAI's harness: exactly one space after the marks.
var gsm8kAnswer = regexp.MustCompile(`#### (-?[0-9.,]+)`)

// GSM8KAnswer extracts the answer of a completion or of a gold solution as EleutherAI's harness does for GSM8K: what
// follows the first "#### ", a run of ASCII digits, points and commas with a hyphen before it or not, commas deleted.
// It is compared as a string, so "18." and "18.0" are not "18". Without a match the answer is Invalid. Source:
// lm_eval/tasks/gsm8k.py at 3ccea2b.
func GSM8KAnswer(completion string) string {
	m := gsm8kAnswer.FindStringSubmatch(completion)
	if m == nil {
		return Invalid
	}
	return strings.ReplaceAll(m[1], ",", "")
}

// MGSM is Accuracy for completions as the model gave them: MGSMAnswer of the output equals a target, an integer as
// Python prints it.
func MGSM() Metric { return extracted("mgsm", MGSMAnswer) }

// GSM8K is Accuracy for completions as the model gave them: GSM8KAnswer of the output equals a target, which is either
// an extracted answer or a whole solution with its "#### ".
func GSM8K() Metric {
	m := extracted("gsm8k", GSM8KAnswer)
	each := m.Each
	m.Each = func(output string, targets []string) Stat {
		golds := make([]string, len(targets))
		for i, t := range targets {
			if golds[i] = GSM8KAnswer(t); golds[i] == Invalid {
				golds[i] = t
			}
		}
		return each(output, golds)
	}
	return m
}

// extracted is Accuracy of what extract finds in an output; Invalid is never right.
func extracted(name string, extract func(string) string) Metric {
	return share("acc", "nrefs:1|case:mixed|extract:"+name+"|version:lm-eval-0.3.0", func(targets []string, output string) bool {
		answer := extract(output)
		return answer != Invalid && slices.Contains(targets, answer)
	})
}
