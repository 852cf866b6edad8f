package mecab

import "strings"

// spellings lists the characters whose EUC-JP code kagome-dict converted to another Unicode character than iconv does,
// which MeCab dictionaries in UTF-8 are built with: kagome-dict's character first, MeCab's second. Twenty dictionary
// words hold one of them. The two have the same length in UTF-8. Read only.
var spellings = [...][2]string{
	{"\uff5e", "\u301c"}, // 0xA1C1: full-width tilde, wave dash
	{"\uff0d", "\u2212"}, // 0xA1DD: full-width hyphen-minus, minus sign
	{"\u2225", "\u2016"}, // 0xA1C2: parallel to, double vertical line
}

// The pound sign (0xA1F2) is another such character, but of two lengths. It is a dictionary word by itself and in no
// other, so it is looked up apart.
const (
	poundInDict  = "\uffe1"
	poundInMeCab = "\u00a3"
	// notInDict has the length of poundInDict and begins no word.
	notInDict = "\ue000"
)

// respelled returns text as it is to be looked up in kagome-dict: every character of spellings is exchanged for its
// partner, so that what MeCab finds is found and what it does not find is not. Byte positions stay what they are.
func respelled(text string) string {
	if !strings.ContainsAny(text, "\uff5e\u301c\uff0d\u2212\u2225\u2016\uffe1") {
		return text
	}
	pairs := []string{poundInDict, notInDict}
	for _, s := range spellings {
		pairs = append(pairs, s[0], s[1], s[1], s[0])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
