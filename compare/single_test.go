package compare

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// singleSamples are documents with one statistic each; every size documents in turn are a cluster where size is not 0.
func singleSamples(metric string, size int, stats ...metrics.Stat) []results.Sample {
	out := make([]results.Sample, len(stats))
	for i, s := range stats {
		out[i] = results.Sample{Task: "t", Position: i, DocID: json.RawMessage(strconv.Itoa(i)), DocHash: "h" + strconv.Itoa(i), Marks: []results.Mark{{Metric: metric, Stat: s}}}
		if size > 0 {
			out[i].Cluster = "c" + strconv.Itoa(i/size)
		}
	}
	return out
}

// rights are n right answers and m wrong ones.
func rights(n, m int) []metrics.Stat {
	var out []metrics.Stat
	for range n {
		out = append(out, metrics.Stat{1})
	}
	for range m {
		out = append(out, metrics.Stat{0})
	}
	return out
}

func TestScoreInterval(t *testing.T) {
	acc := metrics.Accuracy("acc")
	t.Run("Wilson", func(t *testing.T) {
		// Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
		for _, c := range []struct {
			right, n  int
			low, high float64
		}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
			s, err := ScoreInterval(acc, singleSamples("acc", 0, rights(c.right, c.n-c.right)...), 0.95)
			require.NoError(t, err)
			assert.Equal(t, MethodWilson, s.Method)
			assert.InDelta(t, c.low, s.Interval.Low, 5e-5, "%d of %d", c.right, c.n)
			assert.InDelta(t, c.high, s.Interval.High, 5e-5, "%d of %d", c.right, c.n)
		}
	})
	t.Run("clusters of equal answers count as one", func(t *testing.T) {
		s, err := ScoreInterval(acc, singleSamples("acc", 4, rights(40, 40)...), 0.95)
		require.NoError(t, err)
		assert.Equal(t, MethodClusters, s.Method)
		assert.Equal(t, 20, s.Clusters)
		// 20 clusters, 10 of ones: standard error sqrt(0.25/19), Student's t(19, 0.975) = 2.0930.
		assert.InDelta(t, 0.5-2.0930*0.114708, s.Interval.Low, 1e-4)
		plain, err := ScoreInterval(acc, singleSamples("acc", 0, rights(40, 40)...), 0.95)
		require.NoError(t, err)
		assert.Greater(t, s.Interval.High-s.Interval.Low, plain.Interval.High-plain.Interval.Low)
	})
	t.Run("corpus metric", func(t *testing.T) {
		bleu := metrics.BLEU{}.Metric()
		var stats []metrics.Stat
		for i := range 12 {
			stats = append(stats, bleu.Each("the cat sat on the mat "+strconv.Itoa(i%3), []string{"the cat sat on the mat 0"}))
		}
		s, err := ScoreInterval(bleu, singleSamples(bleu.Name, 0, stats...), 0.95)
		require.NoError(t, err)
		assert.Equal(t, MethodBootstrap, s.Method)
		assert.Less(t, s.Interval.Low, s.Score)
		assert.Greater(t, s.Interval.High, s.Score)
	})
	t.Run("nothing varies", func(t *testing.T) {
		f1 := metrics.CharF1()
		s, err := ScoreInterval(f1, singleSamples(f1.Name, 0, make([]metrics.Stat, 0)...), 0.95)
		require.Error(t, err, "no documents: %v", s)
		same := []metrics.Stat{f1.Each("あい", []string{"あう"}), f1.Each("あい", []string{"あう"}), f1.Each("あい", []string{"あう"})}
		s, err = ScoreInterval(f1, singleSamples(f1.Name, 0, same...), 0.95)
		require.NoError(t, err)
		assert.Equal(t, Interval{0, 1, 0.95}, s.Interval, "the rule of three leaves everything open")
	})
	t.Run("bad input", func(t *testing.T) {
		_, err := ScoreInterval(acc, singleSamples("acc", 0, rights(1, 1)...), 1)
		require.Error(t, err)
		_, err = ScoreInterval(acc, singleSamples("em", 0, rights(1, 1)...), 0.95)
		require.ErrorIs(t, err, ErrIncomparable)
		_, err = ScoreInterval(acc, singleSamples("acc", 0, metrics.Stat{1, 2}), 0.95)
		require.ErrorIs(t, err, ErrIncomparable)
	})
}
