package file

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/internal/python"
)

// TestMajority is the first of the most frequent texts, as Counter.most_common(1) gives it.
func TestMajority(t *testing.T) {
	assert.Equal(t, "b", majority([]string{"b", "a", "a", "b"}))
	assert.Equal(t, "a", majority([]string{"b", "a", "a"}))
	assert.Equal(t, "c", majority([]string{"c", "b", "a"}))
}

// TestAnEmptyGroupIsAMatch: an expression with one group that matched nothing has found the empty text, one with several takes
// the first group that is not empty.
func TestAnEmptyGroupIsAMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text, found string
		ok                   bool
	}{{`answer: (\d*)`, "answer: none", "", true}, {`(a)?(b)`, "b", "b", true}, {`x(\d)`, "y", "", false}} {
		m, err := newMatcher(python.Object{{Name: "regex_pattern", Value: c.pattern}})
		require.NoError(t, err)
		found, ok, err := m.find(m.re, c.text)
		require.NoError(t, err)
		assert.Equal(t, c.found, found, c.pattern)
		assert.Equal(t, c.ok, ok, c.pattern)
	}
}

// TestSameRecords as Python compares dictionaries: 1 is 1.0 is True, the order of members is none of it, that of lists is.
func TestSameRecords(t *testing.T) {
	o := func(v any) row { return newRow(python.Object{{Name: "x", Value: v}}) }
	assert.True(t, sameRow(o(1), o(1.0)))
	assert.True(t, sameRow(o(1), o(true)))
	assert.False(t, sameRow(o(1), o(1.5)))
	assert.False(t, sameRow(o(1), o("1")))
	assert.False(t, sameRow(o([]any{1, 2}), o([]any{2, 1})))
	assert.True(t, sameRow(newRow(python.Object{{Name: "a", Value: 1}, {Name: "b", Value: 2}}), newRow(python.Object{{Name: "b", Value: 2}, {Name: "a", Value: 1}})))
}

// TestDrawsOfAnotherSplitAreAsMany: one more example is drawn only where the document may be among them, and every draw moves
// the stream.
func TestDrawsOfAnotherSplitAreAsMany(t *testing.T) {
	pool := make([]row, 9)
	for i := range pool {
		pool[i] = newRow(python.Object{{Name: "x", Value: i}})
	}
	for _, exclude := range []bool{false, true} {
		s := &sampler{builder: &builder{Task: &Task{Config: &Config{}}}, n: 3, pool: pool, random: fewshot.New(1234), exclude: exclude}
		got, err := s.places(newRow(python.Object{{Name: "x", Value: 100}}))
		require.NoError(t, err)
		want, err := fewshot.New(1234).Sample(len(pool), 3+btoi(exclude))
		require.NoError(t, err)
		assert.Equal(t, want, got, "%v", exclude)
	}
}

// TestDeviationIsTheSamples: n-1 in the denominator, as lm-eval's sample_stddev.
func TestDeviationIsTheSamples(t *testing.T) {
	assert.InDelta(t, math.Sqrt(2.5), deviation([]float64{1, 2, 3, 4, 5}), 1e-15)
}
