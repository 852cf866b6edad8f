package compare

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// Expected values: numpy 1.24.2, default_rng(seed) and its random_raw, choice and integers(2, dtype=bool).
func TestDrawsAreNumpys(t *testing.T) {
	for seed, want := range map[uint64][3]uint64{
		0:         {11749869230777074271, 4976686463289251617, 755828109848996024},
		12345:     {4193609425186963869, 5843160025838961886, 14708796524633321433},
		1<<40 + 7: {15307346044642009514, 4709548916763817589, 2836937976252648324},
	} {
		p := newPCG64(seed)
		assert.Equal(t, want, [3]uint64{p.uint64(), p.uint64(), p.uint64()}, "seed %d", seed)
	}
	p := newPCG64(12345)
	for _, want := range []uint32{2100, 682, 2369, 951, 613, 2395, 1930, 2031} {
		assert.Equal(t, want, p.below(3004))
	}
	for _, want := range []uint32{2518275128, 1794926260, 639429039, 560202556} {
		assert.Equal(t, want, p.below(3000000000), "a bound that rejects draws")
	}
	const tossed = "1011100110000011111111110100110110110001"
	single, grouped := coins{from: newPCG64(12345)}, coins{from: newPCG64(12345)}
	for i := range tossed {
		assert.Equal(t, tossed[i]-'0', single.take(1), "coin %d", i)
	}
	for i := 0; i+5 <= len(tossed); i += 5 {
		b := grouped.take(5)
		for k := range 5 {
			assert.Equal(t, tossed[i+k]-'0', b>>k&1)
		}
	}
}

// translation is a system of sacreBLEU's own test of its paired tests: test/wmt17_en_de_systems.pkl.bz2 of
// mjpost/sacrebleu, reduced to BLEU's statistics. The expected values are those sacreBLEU's paired tests give for the
// file, and those published in test/test_significance.py, which other programs found with other draws.
type translation struct {
	System        string  `json:"system"`
	Score         float64 `json:"score"`
	Mean          float64 `json:"mean"`
	Half          float64 `json:"half_interval"`
	Bootstrap     float64 `json:"bootstrap_p"`
	Bootstrap2000 float64 `json:"bootstrap_2000_p"`
	Randomisation float64 `json:"randomisation_p"`
	Moses         float64 `json:"published_bootstrap_p"`
	MultEval      float64 `json:"published_randomisation_p"`

	stats []metrics.Stat
}

func translations(t testing.TB) []translation {
	t.Helper()
	var systems []translation
	b, err := os.ReadFile("testdata/wmt17_en_de.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &systems))
	b, err = os.ReadFile("testdata/wmt17_en_de.stats.gz")
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(b))
	require.NoError(t, err)
	raw, err := io.ReadAll(z)
	require.NoError(t, err)
	n := len(raw) / (1 + 5*len(systems))
	require.Equal(t, 3004, n)
	column := func(c, i int) float64 { return float64(raw[c*n+i]) }
	for s := range systems {
		for i := range n {
			first := 1 + 5*s
			stat := metrics.Stat{column(first, i), column(0, i)}
			for k := range 4 {
				stat = append(stat, column(first+1+k, i))
			}
			for k := range 4 {
				stat = append(stat, max(stat[0]-float64(k), 0))
			}
			systems[s].stats = append(systems[s].stats, stat)
		}
	}
	return systems
}

func singly(n int) []int {
	units := make([]int, n)
	for i := range units {
		units[i] = i
	}
	return units
}

func TestPairedTestsAreSacreBLEUs(t *testing.T) {
	systems := translations(t)
	bleu := metrics.BLEU{}.Metric()
	base := systems[0]
	for _, s := range systems[1:] {
		t.Run(s.System, func(t *testing.T) {
			t.Parallel()
			c := newCorpusTest(bleu, base.stats, s.stats, singly(len(s.stats)))
			a, b := c.scores(c.total)
			assert.InDelta(t, base.Score, a, 1e-12)
			assert.InDelta(t, s.Score, b, 1e-12)
			boot := c.bootstrap(DefaultSeed, resamples)
			assert.Equal(t, s.Bootstrap, boot.P)
			assert.InDelta(t, base.Mean, boot.MeanA, 1e-10)
			assert.InDelta(t, base.Half, boot.HalfA, 1e-10)
			assert.InDelta(t, s.Mean, boot.MeanB, 1e-10)
			assert.InDelta(t, s.Half, boot.HalfB, 1e-10)
			boot = c.bootstrap(DefaultSeed, 2000)
			assert.Equal(t, s.Bootstrap2000, boot.P)
			assert.InDelta(t, s.Moses, boot.P, 0.01)
			shuffled := c.randomise(DefaultSeed, randomisations)
			assert.Equal(t, s.Randomisation, shuffled.Above)
			assert.InDelta(t, s.MultEval, shuffled.Above, 0.01)
			assert.Equal(t, shuffled.Above, shuffled.P, "ties among thousands of changed sentences")
		})
	}
}

// Statistics that are no whole numbers, or too large to share a word, take the plain way to the same sums.
func TestPackedSumsArePlainSums(t *testing.T) {
	random := newCounter(1, "sums", "test")
	rows := make([]metrics.Stat, 37)
	for i := range rows {
		for k := range 5 {
			rows[i] = append(rows[i], float64(random.word(i, k)%2001)-1000)
		}
	}
	fractions := make([]metrics.Stat, len(rows))
	for i, r := range rows {
		for _, v := range r {
			fractions[i] = append(fractions[i], v/1024)
		}
	}
	require.True(t, packingOf(rows, 5).possible)
	require.False(t, packingOf(fractions, 5).possible)
	require.False(t, packingOf([]metrics.Stat{{math.Inf(1)}}, 1).possible)
	require.False(t, packingOf([]metrics.Stat{{1 << 30}, {1 << 30}}, 1).possible)
	packed, plain := make(metrics.Stat, 5), make(metrics.Stat, 5)
	whole, parts := newPackedRows(rows, 5), newPackedRows(fractions, 5)
	one, two := newPCG64(3), newPCG64(3)
	for range 50 {
		whole.resample(one, packed)
		parts.resample(two, plain)
		for k := range plain {
			require.Equal(t, packed[k], plain[k]*1024)
		}
	}
	subsets, subparts := newSubsetSums(rows, 5), newSubsetSums(fractions, 5)
	heads, tails, naive := coins{from: newPCG64(3)}, coins{from: newPCG64(3)}, coins{from: newPCG64(3)}
	for range 50 {
		subsets.draw(&heads, packed)
		subparts.draw(&tails, plain)
		want := make(metrics.Stat, 5)
		for _, r := range rows {
			if naive.take(1) == 1 {
				want.Add(r)
			}
		}
		require.Equal(t, want, packed)
		for k := range plain {
			require.Equal(t, packed[k], plain[k]*1024)
		}
	}
}

// With one changed document every shuffle is as far apart as the runs; counting only those further apart would call
// that significant.
func TestOneChangedSentenceIsNoEvidence(t *testing.T) {
	s := translations(t)[0].stats[:200]
	changed := append([]metrics.Stat(nil), s...)
	changed[7] = metrics.Stat{changed[7][0], changed[7][1], 0, 0, 0, 0, changed[7][6], changed[7][7], changed[7][8], changed[7][9]}
	r := newCorpusTest(metrics.BLEU{}.Metric(), s, changed, singly(len(s))).randomise(DefaultSeed, randomisations)
	assert.Equal(t, 1.0, r.P)
	assert.Equal(t, 1.0/10001, r.Above)
}

func BenchmarkRandomise2000Documents(b *testing.B) {
	s := translations(b)
	c := newCorpusTest(metrics.BLEU{}.Metric(), s[0].stats[:2000], s[2].stats[:2000], singly(2000))
	for b.Loop() {
		c.randomise(DefaultSeed, 10000)
	}
}

func BenchmarkBootstrap2000Documents(b *testing.B) {
	s := translations(b)
	c := newCorpusTest(metrics.BLEU{}.Metric(), s[0].stats[:2000], s[2].stats[:2000], singly(2000))
	for b.Loop() {
		c.bootstrap(DefaultSeed, 10000)
	}
}
