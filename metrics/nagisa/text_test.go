package nagisa

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What nagisa_utils.preprocess returned under CPython 3.11.
func TestPreprocess(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" \t\n", ""},
		{"  a b  ", "\u3000\u3000a\u3000b"},
		{"a\u001c\u001d\u001e\u001f", "a"},
		{"\u3000あ\u3000", "\u3000あ"},
		{"\u0130stanbul", "Istanbul"},
		{"I\u0307", "I"},
		{"…①½㈱㌔", "...11\u20442(株)キロ"},
		{"ｶﾞﾊﾟ", "ガパ"},
		{"´", "\u3000\u0301"},
		{"¯ω¯", "\u3000\u0304ω\u3000\u0304"},
		{"Ｐｙｔｈｏｎ　３", "Python\u30003"},
		{"x\u00a0y\u00a0", "x\u3000y"},
		{"ﬁ", "fi"},
		{"é e\u0301", "é\u3000é"},
		{"가 가", "가\u3000가"},
		{"\u200bz\u200b", "\u200bz\u200b"},
		{"\ufeff", "\ufeff"},
		{"A\r\n", "A"},
		{"ΑΣ", "ΑΣ"},
		{"\u0085", ""},
	} {
		assert.Equal(t, c.want, preprocess(c.text), "%q", c.text)
	}
	assert.Equal(t, "a\ufffdb", preprocess("a\xffb"), "bytes that are not UTF-8")
}

// What nagisa_utils.get_chartype returned.
func TestCharType(t *testing.T) {
	for _, c := range []struct {
		chars string
		want  int
	}{
		{"あゟ\u3099", typeHiragana},
		{"ァヷヺ", typeKatakana},
		{"一龥漢", typeKanji},
		{"aZａǆﬁ№㎏k", typeLatin},
		{"１1²½", typeDigit},
		{"ー・ヿ龦々〇é%♡😀", typeOther},
	} {
		for _, r := range c.chars {
			assert.Equal(t, c.want, charType(string(r)), "%q", r)
		}
	}
}

func TestJoin(t *testing.T) {
	const b, m, e, s, start, stop = tagBegin, tagMiddle, tagEnd, tagSingle, tagStart, tagStop
	for _, c := range []struct {
		rule string
		tags []int
		want []string
	}{
		{"nothing", nil, []string{}},
		{"well formed", []int{b, e, s, b, m, e}, []string{"あい", "う", "えおか"}},
		{"an unfinished word is lost", []int{s, b, m}, []string{"あ"}},
		{"an unfinished word waits beyond a single character", []int{b, s, e}, []string{"い", "あう"}},
		{"an end alone is a word", []int{e, e}, []string{"あ", "い"}},
		{"a second beginning goes on with the word", []int{b, b, e}, []string{"あいう"}},
		{"start and stop are like middles", []int{start, stop, e, stop}, []string{"あいう"}},
	} {
		chars := characters("あいうえおか")[:len(c.tags)]
		assert.Equal(t, c.want, join(chars, c.tags), c.rule)
	}
}
