package texts

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics/named"
)

func texts(t *testing.T, lines ...string) (list []Text) {
	t.Helper()
	for _, line := range lines {
		var text Text
		require.NoError(t, json.Unmarshal([]byte(line), &text))
		list = append(list, text)
	}
	return list
}

func metric(t *testing.T, name string) named.Metric {
	t.Helper()
	m, ok := named.Find(name)
	require.True(t, ok, name)
	return m
}

// TestCheck refuses a text of which it is not known what is compared with what.
func TestCheck(t *testing.T) {
	for line, want := range map[string]string{
		`{"output":"a","targets":["a"]}`:                  "",
		`{"prediction":"a","reference":"a"}`:              "",
		`{"output":"a","targets":["a"],"prediction":"a"}`: "give either output and targets or prediction and reference, not both",
		`{"output":"a"}`:                                  "targets is missing or empty",
		`{"prediction":"a","targets":["a"]}`:              "reference is missing",
		`{"targets":["a"],"reference":"a"}`:               "neither output nor prediction",
	} {
		err := texts(t, line)[0].Check()
		if want == "" {
			assert.NoError(t, err, line)
		} else {
			assert.EqualError(t, err, want, line)
		}
	}
}

// TestScore: an output is prepared as its task does, a prediction is compared as it stands; the last number is over all.
func TestScore(t *testing.T) {
	var got []Scored
	keep := func(s Scored) error { got = append(got, s); return nil }
	c, err := Score(metric(t, "char_f1"), texts(t,
		`{"output":"東京\nそして","targets":["東京"]}`, `{"prediction":"東京\nそして","reference":"東京"}`), keep)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, "東京", got[0].Output)
	assert.Equal(t, "東京\nそして", got[1].Output)
	assert.Equal(t, 1.0, *got[0].Value)
	assert.Less(t, *got[1].Value, 1.0)
	assert.InDelta(t, (*got[0].Value+*got[1].Value)/2, c.Value.Value, 1e-12)
	assert.Equal(t, 2, c.N)
}

// TestBareNumbers: a prediction of arithmetic is an answer, but where it holds the reference's mark it is a whole solution.
func TestBareNumbers(t *testing.T) {
	for _, c := range []struct {
		name, prediction string
		want             float64
	}{{"gsm8k", "5", 1}, {"gsm8k", "2 and 3\\n#### 5", 1}, {"mgsm", "答えは5です。", 1}, {"gsm8k", "6", 0}} {
		got, err := Score(metric(t, c.name), texts(t, `{"prediction":"`+c.prediction+`","reference":"5"}`), func(Scored) error { return nil })
		require.NoError(t, err)
		assert.Equal(t, c.want, got.Value.Value, "%s %s", c.name, c.prediction)
	}
}

// TestNothingToScore is an error, as is a failure to show.
func TestNothingToScore(t *testing.T) {
	_, err := Score(metric(t, "char_f1"), nil, nil)
	assert.EqualError(t, err, "no records to score")
	full := errors.New("full")
	_, err = Score(metric(t, "char_f1"), texts(t, `{"prediction":"a","reference":"a"}`), func(Scored) error { return full })
	assert.Equal(t, full, err)
}
