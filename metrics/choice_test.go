package metrics

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// looseFloat is a number, or one of the strings that stand for what JSON cannot write.
type looseFloat float64

func (f *looseFloat) UnmarshalJSON(b []byte) error {
	s := string(b)
	var quoted string
	if json.Unmarshal(b, &quoted) == nil {
		s = quoted
	}
	v, err := strconv.ParseFloat(s, 64)
	*f = looseFloat(v)
	return err
}

func floats(loose []looseFloat) []float64 {
	out := make([]float64, len(loose))
	for i, v := range loose {
		out[i] = float64(v)
	}
	return out
}

func TestMultipleChoice(t *testing.T) {
	type input struct {
		LogLikelihoods []looseFloat
		Choices        []string
		Gold           int
	}
	type output struct {
		Acc        float64
		AccNorm    float64 `json:"acc_norm"`
		ArgMax     int
		ArgMaxNorm int `json:"argmax_norm"`
	}
	harnessCases(t, "mc_acc", func(n int, in input, want output) {
		lls := floats(in.LogLikelihoods)
		best, normed := ArgMax(lls), ArgMax(PerCodePoint(lls, in.Choices))
		require.Equal(t, want.ArgMax, best, "case %d", n)
		require.Equal(t, want.ArgMaxNorm, normed, "case %d", n)
		gold := []string{strconv.Itoa(in.Gold)}
		require.Equal(t, Stat{want.Acc}, Accuracy("acc").Each(strconv.Itoa(best), gold), "case %d", n)
		require.Equal(t, Stat{want.AccNorm}, Accuracy("acc_norm").Each(strconv.Itoa(normed), gold), "case %d", n)
	})
}

func TestXWinogradChoice(t *testing.T) {
	type input struct {
		LogLikelihoods []looseFloat
		Answer         string
	}
	harnessCases(t, "xwinograd_acc", func(n int, in input, want struct{ Acc bool }) {
		require.Equal(t, want.Acc, strconv.Itoa(ArgMax(floats(in.LogLikelihoods))+1) == in.Answer, "case %d", n)
	})
}

func TestArgMax(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		values []float64
		want   int
	}{
		{[]float64{1}, 0},
		{[]float64{-2, -1, -1}, 1},
		{[]float64{-inf, -inf}, 0},
		{[]float64{-inf, -5}, 1},
		{[]float64{3, nan, inf, nan}, 1},
		{[]float64{nan, 1}, 0},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, ArgMax(test.values), "%v", test.values)
	}
	assert.True(t, math.IsNaN(PerCodePoint([]float64{0}, []string{""})[0]))
}

func TestCutAtStops(t *testing.T) {
	type input struct {
		Decoded string `json:"decoded_generation"`
		Until   []string
	}
	harnessCases(t, "stop_cut", func(n int, in input, want struct{ Response string }) {
		stops := append(in.Until, "</s>") // the wrapper adds the text of the model's end token
		require.Equal(t, want.Response, CutAtStops(in.Decoded, stops), "case %d", n)
	})
	assert.Equal(t, "ab", CutAtStops("ab", []string{""}))
}
