package file

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
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

// TestDraws: what is drawn is asked for as often as there are repeats, each with a seed of its own; what nothing here does is
// said and asked of no model.
func TestDraws(t *testing.T) {
	task := func(generation, more string) *Task {
		configs, err := Parse("t.yaml", []byte(small+"generation_kwargs: {"+generation+"}\n"+more))
		require.NoError(t, err, generation)
		made, err := New(configs[0])
		require.NoError(t, err)
		return made
	}
	src := memory{"test": {[]byte(`{"q":"x","a":"y"}`), []byte(`{"q":"z","a":"y"}`)}}
	drawn := task("do_sample: true, temperature: 0.7, top_p: 0.9", "repeats: 3\n")
	docs, err := drawn.Docs(src, 0, nil)
	require.NoError(t, err)
	requests := drawn.Requests(docs[1], nil)
	require.Len(t, requests, 3)
	for k, r := range requests {
		assert.Equal(t, tasks.Drawn("a", docs[1].ID, k, 0.7, 0.9), r.Sampling)
	}
	greedy := task("temperature: 0", "repeats: 3\n")
	require.Len(t, greedy.Requests(docs[1], nil), 1)
	assert.Zero(t, greedy.Requests(docs[1], nil)[0].Sampling)

	for generation, want := range map[string]struct {
		on         bool
		unanswered string
	}{
		"temperature: 0.5": {true, ""},
		"temperature: 1":   {true, ""},
		"temperature: 0, do_sample: false, top_p: 0.95": {false, ""},
		"do_sample: true":                              {true, "do_sample: true needs a temperature above 0"},
		"do_sample: true, temperature: 0":              {true, "do_sample: true needs a temperature above 0"},
		"do_sample: false, temperature: 0.5":           {false, "do_sample: false and temperature: 0.5 contradict each other"},
		"temperature: 0.5, top_p: 0":                   {true, "top_p: 0 is not above 0 and at most 1"},
		"temperature: 0.5, top_p: 1.5":                 {true, "top_p: 1.5 is not above 0 and at most 1"},
		"temperature: 0.5, top_k: 50":                  {true, "top_k: 50 is not done here, and answers would be others"},
		"temperature: 0.5, top_k: -1, min_p: 0":        {true, ""},
		"temperature: 0, top_k: 50, typical_p: 0.5":    {false, ""},
		"num_beams: 5":                                 {false, "num_beams: 5 is not done here, and answers would be others"},
		"num_beams: 1, repetition_penalty: 1.0":        {false, ""},
		"repetition_penalty: 1.2":                      {false, "repetition_penalty: 1.2 is not done here, and answers would be others"},
		"no_repeat_ngram_size: 0, bad_words_ids: null": {false, ""},
		"bad_words_ids: [[1]]":                         {false, "bad_words_ids: [[1]] is not done here, and answers would be others"},
		"some_key_of_a_server: 3, return_dict: true":   {false, ""},
	} {
		d := task(generation, "").Drawing
		assert.Equal(t, want.on, d.On, generation)
		assert.Equal(t, want.unanswered, d.Unanswered, generation)
	}
}

// TestWholeTexts are asked for under the protocol that scores what is longer than the window in windows; nothing else is.
func TestWholeTexts(t *testing.T) {
	for kind, want := range map[string]tasks.Protocol{"loglikelihood_rolling": tasks.LMEval04Rolling, "loglikelihood": tasks.LMEval04} {
		configs, err := Parse("t.yaml", []byte(small+"output_type: "+kind+"\n"))
		require.NoError(t, err)
		task, err := New(configs[0])
		require.NoError(t, err)
		docs, err := task.Docs(memory{"test": {[]byte(`{"q":"x","a":"y"}`)}}, 0, nil)
		require.NoError(t, err)
		assert.Equal(t, want, task.Requests(docs[0], nil)[0].Protocol)
	}
}
