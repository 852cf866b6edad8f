package metrics

import (
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
