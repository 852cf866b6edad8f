package metrics

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// terOpts are the keyword arguments of sacreBLEU's TER.
type terOpts struct {
	Normalized    bool
	NoPunct       bool `json:"no_punct"`
	AsianSupport  bool `json:"asian_support"`
	CaseSensitive bool `json:"case_sensitive"`
}

func (o terOpts) ter() TER {
	return TER{Normalized: o.Normalized, NoPunct: o.NoPunct, AsianSupport: o.AsianSupport, CaseSensitive: o.CaseSensitive}
}

func TestTERCorpora(t *testing.T) {
	results := 0
	for _, c := range corpora(t, "ter.jsonl.gz") {
		for _, raw := range c.Results {
			var r struct {
				Opts terOpts
				Out  struct {
					Score  float64
					Edits  float64 `json:"num_edits"`
					Length float64 `json:"ref_length"`
				}
			}
			require.NoError(t, json.Unmarshal(raw, &r))
			results++
			m := r.Opts.ter().Metric()
			got, stats := score(m, c.Hyps, c.targets())
			sum := m.Sum(stats)
			require.Equal(t, r.Out.Edits, sum[0], "%s %+v", c.Name, r.Opts)
			closeTo(t, r.Out.Length, sum[1], c.Name, r.Opts)
			closeTo(t, r.Out.Score, got, c.Name, r.Opts)
		}
	}
	require.Positive(t, results)
	t.Logf("%d results", results)
}

func TestTERTokenizer(t *testing.T) {
	lines := shared.Lines(t, "goldens/metrics/ter_tokenizer.jsonl.gz")
	for _, line := range lines {
		var c struct {
			Input, Output string
			Opts          terOpts
		}
		require.NoError(t, json.Unmarshal(line, &c))
		require.Equal(t, c.Output, c.Opts.ter().tokenize(c.Input), "%q %+v", c.Input, c.Opts)
	}
	t.Logf("%d lines", len(lines))
}

func TestTERWords(t *testing.T) {
	lines := shared.Lines(t, "goldens/metrics/ter_words.jsonl.gz")
	for _, line := range lines {
		var c struct {
			Hyp, Ref []string
			Edits    int
			Distance *int `json:"beam_distance"` // absent where the reference is empty
			Trace    string
		}
		require.NoError(t, json.Unmarshal(line, &c))
		require.Equal(t, c.Edits, translationEdits(c.Hyp, c.Ref), "%s", line)
		if c.Distance == nil {
			require.Empty(t, c.Ref)
			continue
		}
		ids := make(map[string]int)
		s := newShiftSearch(numbered(c.Hyp, ids), numbered(c.Ref, ids))
		require.Equal(t, *c.Distance, s.distance, "%s", line)
		var trace []byte
		for _, e := range s.trace() {
			trace = append(trace, byte(e))
		}
		require.Equal(t, c.Trace, string(trace), "%s", line)
	}
	t.Logf("%d pairs", len(lines))
}

// TestShiftReuse checks that reusing rows of the matrix changes no distance.
func TestShiftReuse(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		words := make([]int, 1+random.IntN(30))
		reference := make([]int, 1+random.IntN(80))
		for i := range words {
			words[i] = random.IntN(5)
		}
		for i := range reference {
			reference[i] = random.IntN(5)
		}
		s := newShiftSearch(words, reference)
		length := 1 + random.IntN(len(words))
		start := random.IntN(len(words) - length + 1)
		target := random.IntN(len(words) + 1)
		order := moved(words, start, length, target)
		require.Equal(t, newShiftSearch(order, reference).distance, s.distanceAfter(start, length, target))
		require.ElementsMatch(t, words, order)
		require.True(t, slices.Equal(words, s.words))
	}
}

func TestTER(t *testing.T) {
	m := TER{}.Metric()
	one := func(output string, targets ...string) float64 { return m.Corpus(m.Each(output, targets), 1) }
	assert.Equal(t, 0.0, one("The cat", "the CAT"))
	assert.Equal(t, 1.0, one("x y", ""), "edits without a reference's length")
	assert.Equal(t, 1.0, one("", ""), "not even for no edits")
	assert.Equal(t, 1.0, one("", "a b"))
	assert.Equal(t, 0.25, one("c d a b", "a b c d"), "one block moves")
	assert.Equal(t, 2.0, one("a b", "x"))
	assert.Equal(t, Stat{0, 1.5}, m.Each("a b", []string{"a", "a b"}), "fewest edits, mean length")
}

func BenchmarkTER(b *testing.B) {
	m := TER{}.Metric()
	hyp := strings.Repeat("in the end we all went home and slept ", 4) + "too late"
	ref := strings.Repeat("we went home in the end and all slept ", 4) + "late"
	for b.Loop() {
		m.Each(hyp, []string{ref})
	}
}
