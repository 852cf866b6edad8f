package tokenizer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nfc returns normalization form C as tokenizers 0.23.2 does. There golang.org/x/text differs twice, and such texts take
// the way of the definition: it writes U+034F into runs of more than 30 marks (Unicode's "stream-safe" form), and it knows
// marks that are younger than Unicode 9, the version of tokenizers' tables.
func nfc(text string) string {
	if norm.NFC.IsNormalString(text) { // then it is by older tables, too: these know fewer compositions
		return text
	}
	const joiner = "\u034f"
	out := norm.NFC.String(text)
	if strings.Count(out, joiner) != strings.Count(text, joiner) || strings.ContainsFunc(text, young) || strings.ContainsFunc(out, young) {
		return plainNFC(text)
	}
	return out
}

// plainNFC decomposes every character, orders marks and composes pairs (Unicode, chapter 3.11).
func plainNFC(text string) string {
	type char struct {
		r   rune
		ccc uint8 // canonical combining class
	}
	var list []char
	for _, r := range text {
		if young(r) {
			list = append(list, char{r, 0})
			continue
		}
		unit := string(r)
		if d := norm.NFD.PropertiesString(unit).Decomposition(); d != nil {
			unit = string(d)
		} else if norm.NFD.QuickSpanString(unit) == 0 {
			unit = norm.NFD.String(unit) // a Hangul syllable: no table has its parts
		}
		for _, x := range unit {
			list = append(list, char{x, norm.NFD.PropertiesString(string(x)).CCC()})
		}
	}
	for i := 0; i < len(list); i++ {
		if list[i].ccc == 0 {
			continue
		}
		end := i
		for end < len(list) && list[end].ccc != 0 {
			end++
		}
		slices.SortStableFunc(list[i:end], func(a, b char) int { return int(a.ccc) - int(b.ccc) })
		i = end
	}
	out := list[:0]
	starter := -1 // in out
	for _, c := range list {
		if starter >= 0 {
			last := out[len(out)-1]
			blocked := len(out)-1 > starter && (last.ccc == 0 || last.ccc >= c.ccc)
			pair := string(out[starter].r) + string(c.r)
			if joined := norm.NFC.String(pair); !blocked && utf8.RuneCountInString(joined) == 1 && !strings.ContainsFunc(pair+joined, young) {
				out[starter].r, _ = utf8.DecodeRuneInString(joined)
				continue
			}
		}
		out = append(out, c)
		if c.ccc == 0 {
			starter = len(out) - 1
		}
	}
	var b strings.Builder
	for _, c := range out {
		b.WriteRune(c.r)
	}
	return b.String()
}

// young tells whether a character that takes part in normalization is younger than Unicode 9.
func young(r rune) bool {
	if r < 0x7FD {
		return false
	}
	ranges := [...][2]rune{
		{0x7FD, 0x7FD}, {0x897, 0x89F}, {0x8CA, 0x8D3}, {0x9FE, 0x9FE}, {0xC3C, 0xC3C}, {0xD3B, 0xD3C},
		{0xEBA, 0xEBA}, {0x1715, 0x1715}, {0x1ABF, 0x1ADD}, {0x1AE0, 0x1AEB}, {0x1DF6, 0x1DFA}, {0xA82C, 0xA82C},
		{0x105C9, 0x105C9}, {0x105E4, 0x105E4}, {0x10D24, 0x10D27}, {0x10D69, 0x10D6D}, {0x10EAB, 0x10EAC}, {0x10EFA, 0x10EFB},
		{0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x11383, 0x11383},
		{0x11385, 0x11385}, {0x1138E, 0x1138E}, {0x11391, 0x11391}, {0x113C5, 0x113C5}, {0x113C7, 0x113C8}, {0x113CE, 0x113D0},
		{0x1145E, 0x1145E}, {0x11839, 0x1183A}, {0x11938, 0x11938}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
		{0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45}, {0x11D97, 0x11D97},
		{0x11F41, 0x11F42}, {0x16121, 0x16128}, {0x1612F, 0x1612F}, {0x16D68, 0x16D6A}, {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F},
		{0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}, {0x1E5EE, 0x1E5EF}, {0x1E6E3, 0x1E6E3},
		{0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5},
	}
	for _, x := range ranges {
		if x[0] <= r && r <= x[1] {
			return true
		}
	}
	return false
}
