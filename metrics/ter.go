package metrics

import (
	"fmt"
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
// of several references the one with the fewest edits counts. There is no standard error: the harness bootstraps BLEU and
// chrF, and Swallow took TER off that list.
func (t TER) Metric() Metric {
	yes := func(b bool, on, off string) string {
		if b {
			return on
		}
		return off
	}
	return Metric{
		Name: "ter",
		Signature: fmt.Sprintf("nrefs:1|case:%s|tok:tercom|norm:%s|punct:%s|asian:%s|version:1.5.0", yes(t.CaseSensitive, "mixed", "lc"),
			yes(t.Normalized, "yes", "no"), yes(t.NoPunct, "no", "yes"), yes(t.AsianSupport, "yes", "no")),
		Max:           1,
		LowerIsBetter: true,
		Width:         2,
		Each:          t.stats,
		Corpus:        func(sum Stat, _ int) float64 { return terScore(sum) },
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

// isAsianIdeograph covers CJK ideographs, strokes, radicals and compatibility forms. The reference wrote 3F22 for the
// upper end of a block that ends at 32FF, inside the ideographs, so nothing depends on it.
func isAsianIdeograph(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x31c0 <= r && r <= 0x31ef || 0x2e80 <= r && r <= 0x2eff ||
		0x3200 <= r && r <= 0x4dbf || 0xf900 <= r && r <= 0xfaff || 0xfe30 <= r && r <= 0xfe4f
}

// isAsianPunctuation covers ideographic marks, brackets and the middle dot, with their half-width forms, and the
// full-width forms of the common Western marks.
func isAsianPunctuation(r rune) bool {
	return 0x3001 <= r && r <= 0x3002 || 0x3008 <= r && r <= 0x3011 || 0x3014 <= r && r <= 0x301f ||
		0xff61 <= r && r <= 0xff65 || r == 0x30fb || strings.ContainsRune("．，？：；！＂（）", r)
}

func isWesternPunctuation(r rune) bool { return strings.ContainsRune(`.,?:;!"()`, r) }

// without deletes the code points that is holds for.
func without(s string, is func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if is(r) {
			return -1
		}
		return r
	}, s)
}

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
			// The reference's rules for kana can only match a whole line, so kana stay together.
			line = string(surround(surround([]rune(line), isAsianIdeograph), isAsianPunctuation))
		}
		line = pytext.CollapseSpace(line)
	}
	if t.NoPunct {
		line = without(line, isWesternPunctuation)
		if t.AsianSupport {
			line = without(line, isAsianPunctuation)
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
