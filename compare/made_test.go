package compare

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// find knows the metrics of the made-up tasks.
func find(_, name string) (metrics.Metric, bool) {
	for _, m := range made() {
		if m.Name == name {
			return m, true
		}
	}
	return metrics.Metric{}, false
}

func made() []metrics.Metric {
	return []metrics.Metric{
		metrics.Accuracy("acc"), metrics.CharF1(), metrics.BLEU{}.Metric(), metrics.Rouge2("char", metrics.CodePoints), metrics.SQuAD2()[2],
	}
}

// task adds a task whose documents have the outputs, scored by the metric against "the cat sat on the mat k".
func task(d *RunData, name, language string, m metrics.Metric, outputs []string, clustered bool) {
	var stats []metrics.Stat
	for i, output := range outputs {
		target := fmt.Sprintf("the cat sat on the mat %d", i)
		stat := m.Each(output, []string{target})
		stats = append(stats, stat)
		s := results.Sample{
			Task: name, Position: i, DocID: json.RawMessage(strconv.Itoa(i)), DocHash: fmt.Sprintf("%s/%x", name, (i*7919+13)%10007),
			Target: target, Targets: []string{target}, Exchanges: []results.Exchange{{Kind: "generate", Prompt: name + strconv.Itoa(i), MaxGenToks: 8, Text: &output}},
			Marks: []results.Mark{{Metric: m.Name, Output: output, Stat: stat}},
		}
		if clustered {
			s.Cluster = strconv.Itoa(i / 4)
		}
		d.Samples[name] = append(d.Samples[name], s)
	}
	score := results.Score{
		Task: name, Title: name, Language: language, Shots: 4, N: len(outputs), Total: len(outputs), Version: "1", Protocol: "p",
		Data: []results.DataFile{{Dataset: name, Split: "test", SHA256: "digest of " + name}},
	}
	if len(stats) > 0 {
		score.Values = []results.Value{{Metric: m.Name, Signature: m.Signature, Value: m.Score(stats), Max: m.Max}}
	}
	d.Run.Scores = append(d.Run.Scores, score)
}

// madeRun is a run of five tasks; its model answers the share wrong, somewhat. fresh draws differ by the seed.
func madeRun(model string, n int, wrong float64, seed uint64) RunData {
	d := RunData{Name: model, Samples: map[string][]results.Sample{}}
	d.Run = results.Run{
		SchemaVersion: 1, Profile: "swallow-2023",
		Model: results.Model{Name: model, Digest: "sha256:" + model, TokenizerDigest: "t", DType: "float32", StoredDType: "bfloat16", Numerics: "1"},
	}
	for k, m := range made() {
		random := newCounter(seed, m.Name, "outputs")
		outputs := make([]string, n)
		for i := range outputs {
			outputs[i] = fmt.Sprintf("the cat sat on the mat %d", i)
			if random.uniform(0, i) < wrong {
				outputs[i] = []string{"the cat", "", "a dog sat on the mat", "the cat sat on the rug 1 2 3"}[random.word(1, i)%4]
			}
		}
		task(&d, m.Name, []string{"ja", "en"}[k%2], m, outputs, k == 1 || k == 4)
	}
	return d
}

func compared(t testing.TB, a, b RunData, change func(*Options)) Comparison {
	t.Helper()
	p, err := Pair(a, b)
	require.NoError(t, err)
	o := Defaults(find)
	if change != nil {
		change(&o)
	}
	c, err := Compare(p, o)
	require.NoError(t, err)
	sane(t, c)
	return c
}

// sane holds what every comparison promises: p-values above 0, intervals in order that hold the difference, numbers that
// JSON can hold.
func sane(t testing.TB, c Comparison) {
	t.Helper()
	b, err := json.Marshal(c)
	require.NoError(t, err)
	var back Comparison
	require.NoError(t, json.Unmarshal(b, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(b), string(again))
	for _, r := range c.Tasks {
		if r.Verdict == Incomparable {
			require.Error(t, r.Mismatch)
			continue
		}
		require.Greater(t, r.P, 0.0, r.Task)
		require.LessOrEqual(t, r.P, r.PAdjusted, r.Task)
		require.LessOrEqual(t, r.PAdjusted, 1.0, r.Task)
		require.LessOrEqual(t, r.Interval.Low, r.Interval.High, r.Task)
		require.GreaterOrEqual(t, r.Interval.Low, -1.0)
		require.LessOrEqual(t, r.Interval.High, 1.0)
		if r.Unchanged {
			require.Zero(t, r.Interval, r.Task)
			require.Zero(t, r.DetectableDrop, r.Task)
			continue
		}
		require.Greater(t, r.Interval.High, r.Interval.Low, "%s: no interval is a point", r.Task)
		if c.Tier == TierDifferent {
			agrees(t, r, c.Alpha)
		}
		if c.Tier == TierDifferent && r.Margin == 0 && (r.Verdict == Regressed || r.Verdict == Improved) {
			require.LessOrEqual(t, r.PAdjusted, c.Alpha)
		}
	}
	for _, a := range c.Averages {
		require.Greater(t, a.P, 0.0)
		require.LessOrEqual(t, a.Interval.Low, a.Interval.High)
	}
}

// agrees holds a row's interval to its verdict and p.
func agrees(t testing.TB, r TaskComparison, alpha float64) {
	t.Helper()
	i, m := r.Interval, r.Margin
	if r.LowerIsBetter {
		i.Low, i.High = -i.High, -i.Low
	}
	require.Equal(t, r.Verdict == Regressed, i.High < -m, "%s %s: %v", r.Task, r.Verdict, i)
	require.Equal(t, r.Verdict == Improved, i.Low > m, "%s %s: %v", r.Task, r.Verdict, i)
	require.Equal(t, r.Verdict == Regressed || r.Verdict == Improved, r.PAdjusted <= alpha, r.Task)
	if r.Verdict == OK {
		require.GreaterOrEqual(t, i.Low, -m, r.Task)
	}
	if r.Verdict == NoEvidence && m > 0 {
		require.LessOrEqual(t, i.Low, -m, r.Task)
	}
	require.True(t, r.DetectableDrop == 0 || r.DetectableDrop > m, r.Task)
}

func verdicts(c Comparison) map[string]Verdict {
	m := map[string]Verdict{}
	for _, r := range c.Tasks {
		m[r.Task] = r.Verdict
	}
	return m
}
