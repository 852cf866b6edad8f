package metrics

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// TER computes the translation edit rate as sacreBLEU 1.5.0 does: edits over the references' length, a fraction that
// may exceed 1; the zero value has its defaults. Snover et al., "A Study of Translation Edit Rate with Targeted Human
// Annotation", AMTA 2006; source: sacrebleu/metrics/ter.py and lib_ter.py and sacrebleu/tokenizers/tokenizer_ter.py of
// mjpost/sacrebleu at v1.5.0.
type TER struct {
	// Normalized splits punctuation off, AsianSupport also Chinese characters and Asian punctuation, NoPunct deletes
	// punctuation, CaseSensitive keeps case.
	Normalized, AsianSupport, NoPunct, CaseSensitive bool
}

// Metric returns TER as a metric: lower is better, and 0 is perfect. The statistic is {edits, mean reference length};
// of several references the one with the fewest edits counts. The harness gives no standard error; the one here is its
// bootstrap of the other translation metrics.
func (t TER) Metric() Metric {
	yes := func(b bool, on, off string) string {
		if b {
			return on
		}
		return off
	}
	corpus := func(sum Stat, _ int) float64 { return terScore(sum) }
	return Metric{
		Name: "ter",
		Signature: fmt.Sprintf("nrefs:1|case:%s|tok:tercom|norm:%s|punct:%s|asian:%s|version:1.5.0", yes(t.CaseSensitive, "mixed", "lc"),
			yes(t.Normalized, "yes", "no"), yes(t.NoPunct, "no", "yes"), yes(t.AsianSupport, "yes", "no")),
		Max:    1,
		Width:  2,
		Each:   t.stats,
		Corpus: corpus,
		StdErr: func(stats []Stat) float64 { return bootstrapStdErr(stats, 2, corpus) },
	}
}

// stats counts the edits of one segment.
func (t TER) stats(output string, targets []string) Stat {
	hypothesis := pytext.Fields(t.tokenize(output))
	fewest, lengths := -1, 0
	for _, target := range targets {
		reference := pytext.Fields(t.tokenize(target))
		edits := translationEdits(hypothesis, reference)
		if fewest < 0 || edits < fewest {
			fewest = edits
		}
		lengths += len(reference)
	}
	return Stat{float64(fewest), float64(lengths) / float64(len(targets))}
}

// terScore is 1 where there is no reference's length to compare with, even for no edits.
func terScore(sum Stat) float64 {
	if sum[1] > 0 {
		return sum[0] / sum[1]
	}
	return 1
}

// The classes of Tercom's tokenization. The upper end of asianEnclosed reads 3F22 in the reference, where 32FF was meant,
// so it overlaps the ideographs.
var (
	asianIdeographs  = regexp.MustCompile(`[\x{4e00}-\x{9fff}\x{3400}-\x{4dbf}\x{31c0}-\x{31ef}\x{2e80}-\x{2eff}\x{3300}-\x{33ff}\x{f900}-\x{faff}\x{fe30}-\x{fe4f}]`)
	asianEnclosed    = regexp.MustCompile(`[\x{3200}-\x{3f22}]`)
	asianPunctuation = regexp.MustCompile(`[\x{3001}\x{3002}\x{3008}-\x{3011}\x{3014}-\x{301f}\x{ff61}-\x{ff65}\x{30fb}]`)
	fullWidth        = regexp.MustCompile(`[\x{ff0e}\x{ff0c}\x{ff1f}\x{ff1a}\x{ff1b}\x{ff01}\x{ff02}\x{ff08}\x{ff09}]`)
	terPunctuation   = regexp.MustCompile(`[.,?:;!"()]`)
)

// tokenize rewrites one line as Tercom does.
func (t TER) tokenize(line string) string {
	if line == "" {
		return ""
	}
	if !t.CaseSensitive {
		line = pytext.Lower(line)
	}
	if t.Normalized {
		line = terNormalize(line)
		if t.AsianSupport {
			line = terSplitAsian(line)
		}
		line = pytext.CollapseSpace(line)
	}
	if t.NoPunct {
		line = terPunctuation.ReplaceAllString(line, "")
		if t.AsianSupport {
			line = fullWidth.ReplaceAllString(asianPunctuation.ReplaceAllString(line, ""), "")
		}
	}
	return line
}

// terNormalize is 13a with a rule for the possessive; spaces are cleaned up by the caller.
func terNormalize(line string) string {
	line = strings.ReplaceAll(line, "\n-", "")
	line = strings.ReplaceAll(line, "\n", " ")
	line = " " + decodeEntities(line) + " "
	line = string(surround([]rune(line), isMtevalPunctuation))
	line = strings.ReplaceAll(line, "'s ", " 's ")
	s := splitPairs([]rune(line), isNotDigit, isPointOrComma, after)
	s = splitPairs(s, isPointOrComma, isNotDigit, before)
	return string(splitPairs(s, isDigit, func(r rune) bool { return r == '-' }, after))
}

// terSplitAsian sets ideographs and Asian punctuation apart. The reference's rules for kana can only match a whole line,
// around which spaces make no difference, so kana stay together.
func terSplitAsian(line string) string {
	const apart = " $0 "
	line = asianIdeographs.ReplaceAllString(line, apart)
	line = asianEnclosed.ReplaceAllString(line, apart)
	line = asianPunctuation.ReplaceAllString(line, apart)
	return fullWidth.ReplaceAllString(line, apart)
}
