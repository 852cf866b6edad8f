package metrics

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// lmEval04 ends the signatures of lm-eval 0.4.2's metrics.
const lmEval04 = "version:lm-eval-0.4.2"

// Accuracy04 is Accuracy as lm-eval 0.4.2 reports it (lm_eval/api/metrics.py of EleutherAI/lm-evaluation-harness at 4600d6b):
// the same number and the same standard error.
func Accuracy04(name string) Metric {
	return share(name, "nrefs:1|case:mixed|"+lmEval04, slices.Contains[[]string])
}

// Accuracy04Of is Accuracy04 over the documents whose output is not "", for which "" stands where a document does not
// belong to the group: Stat{right, 1} inside and Stat{0, 0} outside.
func Accuracy04Of(name string) Metric {
	m := Accuracy04(name)
	inner := m.Each
	m.Width, m.Subset = 2, true
	m.Each = func(output string, targets []string) Stat {
		if output == "" {
			return Stat{0, 0}
		}
		return Stat{inner(output, targets)[0], 1}
	}
	m.Corpus = func(sum Stat, _ int) float64 {
		if sum[1] == 0 {
			return 0
		}
		return sum[0] / sum[1]
	}
	m.StdErr = func(stats []Stat) float64 {
		return meanStdErr(column(slices.DeleteFunc(slices.Clone(stats), func(s Stat) bool { return s[1] == 0 }), 0))
	}
	return m
}

// TriviaQA04 is TriviaQA's exact_match of lm-eval 0.4.2, of answers without their one leading space: in lower case and freed of
// ASCII punctuation the answer is an alias, in lower case and freed of ASCII punctuation. Nothing else is stripped: a space at the end, or a
// second one at the beginning, is wrong. Sources: lm_eval/tasks/triviaqa/default.yaml and lm_eval/filters at 4600d6b,
// metrics/exact_match of huggingface/evaluate at a7dd338.
func TriviaQA04() Metric {
	return share("exact_match", "nrefs:var|case:lc|punct:no|strip:one-space|"+lmEval04, func(aliases []string, output string) bool {
		answer := triviaText(output)
		return slices.ContainsFunc(aliases, func(alias string) bool { return triviaText(alias) == answer })
	})
}

// TriviaQA04Answer is the harness's filter remove_whitespace, which removes one space.
func TriviaQA04Answer(output string) string { return strings.TrimPrefix(output, " ") }

// GSM8KStrict04 finds the answer of a completion by lm-eval 0.4.2's filter strict-match: what follows the first "#### ", a run of ASCII
// digits, points and commas with a hyphen before it or not; Invalid where there is none. Source:
// lm_eval/tasks/gsm8k/gsm8k.yaml at 4600d6b.
func GSM8KStrict04(completion string) string {
	m := gsm8kAnswer.FindStringSubmatch(completion)
	if m == nil {
		return Invalid
	}
	return m[1]
}

// gsm8kFlexible is the pattern of the filter flexible-extract.
var gsm8kFlexible = regexp.MustCompile(`-?[$0-9.,]{2,}|-?[0-9]+`)

// GSM8KFlexible04 finds the answer of a completion by lm-eval 0.4.2's filter flexible-extract: the last thing that looks like a
// number. It enters no published table.
func GSM8KFlexible04(completion string) string {
	all := gsm8kFlexible.FindAllString(completion, -1)
	if len(all) == 0 {
		return Invalid
	}
	return all[len(all)-1]
}

// gsm8kPoint is Python's \.$: a point at the end, or before a line feed at the end.
var gsm8kPoint = regexp.MustCompile(`\.(\n?)\z`)

// gsm8kText deletes what lm-eval 0.4.2 ignores on both sides: commas, dollar signs, all up to the last "#### " and a final
// point; and folds case.
func gsm8kText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, ",", ""), "$", "")
	if i := strings.LastIndex(s, "#### "); i >= 0 {
		s = s[i+len("#### "):]
	}
	return pytext.Lower(gsm8kPoint.ReplaceAllString(s, "$1"))
}

// GSM8KMatch04 compares an extracted answer with whole solutions as lm-eval 0.4.2 does for GSM8K: as texts, so that 18.0 is not 18, but
// "1,218." is 1218. name is "strict_match" or "flexible_match".
func GSM8KMatch04(name string) Metric {
	return share(name, "nrefs:1|case:lc|ignore:comma,dollar,marks,final-point|"+lmEval04, func(targets []string, output string) bool {
		answer := gsm8kText(output)
		return slices.ContainsFunc(targets, func(t string) bool { return gsm8kText(t) == answer })
	})
}

// BBHAnswer finds the answer of a chain of thought as lm-eval 0.4.2 does for BIG-Bench Hard: the rest of the line after the first "the
// answer is ", without its last character, which is meant to be a full stop, stripped. Where the line has nothing after the
// words the next occurrence counts; Invalid where there is none. So an answer without a full stop loses a letter, and two
// sentences on the line are both the answer. Source: (?<=the answer is )(.*)(?=.) in lm_eval/tasks/bbh/cot_fewshot at 4600d6b.
func BBHAnswer(completion string) string {
	const words = "the answer is "
	for rest := completion; ; {
		_, after, found := strings.Cut(rest, words)
		if !found {
			return Invalid
		}
		line, _, _ := strings.Cut(after, "\n")
		if line != "" {
			_, n := utf8.DecodeLastRuneInString(line)
			return pytext.Strip(line[:len(line)-n])
		}
		rest = after
	}
}

// BBH is the exact_match of BIG-Bench Hard in lm-eval 0.4.2 for answers that BBHAnswer found.
func BBH() Metric {
	return share("exact_match", "nrefs:1|case:mixed|extract:bbh|"+lmEval04, slices.Contains[[]string])
}

// OfCompletions is a metric of extracted answers for completions as the model gave them.
func OfCompletions(m Metric, extract func(string) string) Metric {
	each := m.Each
	m.Each = func(output string, targets []string) Stat { return each(extract(output), targets) }
	return m
}
