package metrics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestLatin1EndsAtFF: what char_f1 deletes are U+0080 to U+00FF, both ends included, and nothing beside them.
func TestLatin1EndsAtFF(t *testing.T) {
	assert.Equal(t, "ab", sortedTokens("a\u00ffb"), "the last of Latin-1 is deleted")
	assert.Equal(t, "a\u0101b", sortedTokens("a\u0100b"), "the first beyond it is kept, in lower case")
	assert.Equal(t, "ab", sortedTokens("a\u0080b"), "the first is deleted, and not blanked")
	assert.Equal(t, "a b", sortedTokens("a\u007fb"), "the last of ASCII is blanked")
}

// TestGoldsThatNormaliseToNothing: such golds are left out while there are others, and stand for no text where there are
// none.
func TestGoldsThatNormaliseToNothing(t *testing.T) {
	score := func(text string, golds ...string) SQuADScore {
		return ScoreSQuAD(SQuADPrediction{Text: text}, golds, 1)
	}
	assert.Equal(t, SQuADScore{}, score("", "the", "cat"), "\"the\" is no gold beside another")
	assert.Equal(t, SQuADScore{1, 1}, score("a cat", "the", "cat"))
	assert.Equal(t, SQuADScore{1, 1}, score("!", "the", "..."), "alone, they say that nothing is right")
	assert.Equal(t, SQuADScore{}, score("cat", "the"))
}

// TestPercentileFromTheNearerSide: numpy interpolates from the nearer neighbour, which rounds otherwise than from the
// lower one.
func TestPercentileFromTheNearerSide(t *testing.T) {
	a, b, q := 0.2, 0.7, 90.0
	from := b - float64((b-a)*(1-q/100))
	assert.NotEqual(t, a+float64((b-a)*(q/100)), from, "the two differ here")
	assert.Equal(t, from, percentile([]float64{b, a}, q))
	assert.Equal(t, b, percentile([]float64{a, b}, 100), "exact at the end")
	assert.Equal(t, a, percentile([]float64{a, b}, 0))
}

// TestChineseRanges holds both ends of every range of sacreBLEU's zh tokenizer (tokenizer_zh.py), two of which its source
// writes in a way that Python reads otherwise.
func TestChineseRanges(t *testing.T) {
	for _, r := range [][2]rune{
		{0x2001, 0x2a6d}, {0x2e80, 0x2fdf}, {0x2ff0, 0x303f}, {0x3100, 0x312f}, {0x31a0, 0x31ef}, {0x3200, 0x4db5}, {0x4e00, 0x9fbb},
		{0xf900, 0xfa2d}, {0xfa30, 0xfa6a}, {0xfa70, 0xfad9}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0xff00, 0xffef},
	} {
		assert.True(t, isChinese(r[0]) && isChinese(r[1]), "%x", r)
		assert.False(t, isChinese(r[0]-1) || isChinese(r[1]+1), "beside %x", r)
	}
}

// TestBootstrapOfTwo: two documents are enough to resample.
func TestBootstrapOfTwo(t *testing.T) {
	m := BLEU{}.Metric()
	stats := []Stat{m.Each("a b c d e", []string{"a b c d e"}), m.Each("x", []string{"a b c d e f"})}
	assert.Greater(t, m.StdErr(stats), 0.0)
	assert.True(t, math.IsNaN(m.StdErr(stats[:1])))
}
