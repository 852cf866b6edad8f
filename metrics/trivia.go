package metrics

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// TriviaQA is the exact match of TriviaQA in EleutherAI's harness: the output, stripped, lower-cased and freed of ASCII
// punctuation, is one of the aliases, lower-cased and freed of ASCII punctuation. Nothing else is normalised: articles,
// curly quotes and spaces that a deleted mark leaves behind all count. Source: lm_eval/tasks/triviaqa.py at 3ccea2b.
func TriviaQA() Metric {
	return share("em", "nrefs:var|case:lc|punct:no|version:lm-eval-0.3.0+triviaqa-3", func(aliases []string, output string) bool {
		answer := triviaText(pytext.Strip(output))
		return slices.ContainsFunc(aliases, func(alias string) bool { return triviaText(alias) == answer })
	})
}

func triviaText(s string) string { return pytext.DeleteASCIIPunctuation(pytext.Lower(s)) }
