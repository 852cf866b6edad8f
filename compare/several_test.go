package compare

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

func accuracy(string, string) (metrics.Metric, bool) { return metrics.Accuracy("acc"), true }

func each(t *testing.T, runs ...RunData) Several {
	t.Helper()
	var pairings []Pairing
	var refused []error
	for _, b := range runs[1:] {
		p, err := Pair(runs[0], b)
		pairings, refused = append(pairings, p), append(refused, err)
	}
	s, err := CompareEach(pairings, refused, Defaults(accuracy))
	require.NoError(t, err)
	return s
}

// Several runs beside one are one family: five answers lost are significant alone and not among two.
func TestSeveralRunsAreOneFamily(t *testing.T) {
	right := flipped(make([]bool, 250), false, 125)
	a, five, ten := fakeRun("A", right), fakeRun("B", flipped(right, true, 5)), fakeRun("C", flipped(right, true, 10))
	s := each(t, a, five)
	assert.Equal(t, Regressed, s.Comparisons[0].Tasks[0].Verdict)
	s = each(t, a, five, fakeRun("D", flipped(right, true, 6)))
	assert.Equal(t, MidP(6, 0), s.Comparisons[1].Tasks[0].PAdjusted, "five changed documents cannot have so small a p")
	assert.Equal(t, MidP(5, 0), s.Comparisons[0].Tasks[0].PAdjusted, "the other is rejected first")
	even := flipped(right, true, 20)
	for i := range 20 {
		even[len(even)-1-i] = true
	}
	s = each(t, a, five, fakeRun("D", even))
	assert.Equal(t, 2*MidP(5, 0), s.Comparisons[0].Tasks[0].PAdjusted)
	assert.Equal(t, NoEvidence, s.Comparisons[0].Tasks[0].Verdict)
	assert.Equal(t, 2, s.Comparisons[0].Family)
	other := fakeRun("E", right)
	other.Run.Profile = "another"
	s = each(t, a, ten, other)
	code, cause := s.ExitCode(true, false)
	assert.Equal(t, exitcode.Incomplete, code)
	assert.Contains(t, cause, "C: not comparable: profile")
	s = each(t, a, ten, five)
	code, cause = s.ExitCode(true, false)
	assert.Equal(t, exitcode.Gate, code)
	assert.Equal(t, "B: gate: fake regressed; C: gate: fake regressed", cause)
	path := filepath.Join(t.TempDir(), "several.json")
	b, err := json.Marshal(s)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	back, err := ReadSeveral(path)
	require.NoError(t, err)
	for _, format := range cireport.Formats() {
		var x, y strings.Builder
		require.NoError(t, s.Report(3).Write(&x, format))
		require.NoError(t, back.Report(3).Write(&y, format))
		assert.Equal(t, x.String(), y.String(), format)
		assert.Contains(t, x.String(), "C", format)
	}
	_, err = ReadSeveral(t.TempDir())
	assert.Error(t, err)
}

// Common documents are compared and the others counted; that the scores are of all is no contradiction.
func TestCommonDocuments(t *testing.T) {
	right := flipped(make([]bool, 100), false, 50)
	a, b := fakeRun("A", right), fakeRun("B", flipped(right, true, 8)[:90])
	b.Run.Limit = "90"
	_, err := Pair(a, b)
	require.Error(t, err)
	p, err := PairCommon(a, b)
	require.NoError(t, err)
	c, err := Compare(p, Defaults(accuracy))
	require.NoError(t, err)
	r := c.Tasks[0]
	assert.Equal(t, 90, r.N)
	assert.Equal(t, &Common{OnlyA: 10}, r.Common)
	assert.Equal(t, 50.0/90, r.A)
	assert.Equal(t, Regressed, r.Verdict)
	assert.Contains(t, strings.Join(c.Report(0).Notes, "\n"), "only the 90 documents of both runs are compared: A has 10 more, B 0 more")
	b.Samples["fake"] = nil
	p, _ = PairCommon(a, b)
	assert.Error(t, p.First())
}

// An interrupted run is not compared silently.
func TestInterruptedRuns(t *testing.T) {
	right := flipped(make([]bool, 40), false, 20)
	a, b := fakeRun("A", right), fakeRun("B", right)
	b.Run.Status = "interrupted"
	c := compared(t, a, b, func(o *Options) { o.Metric = accuracy })
	code, cause := c.ExitCode(false, false)
	assert.Equal(t, exitcode.Incomplete, code)
	assert.Contains(t, cause, "B is a run that is interrupted")
	assert.Contains(t, c.Warnings()[0], "B is a run that is interrupted")
	c = compared(t, a, b, func(o *Options) { o.Metric, o.Tasks = accuracy, []string{"fake"} })
	code, _ = c.ExitCode(true, false)
	assert.Equal(t, exitcode.OK, code, "the gate set is there")
}

// A statistic that the metric cannot give is no evidence.
func TestScoresOutsideTheRange(t *testing.T) {
	right := flipped(make([]bool, 40), false, 20)
	for _, v := range []float64{7, -1} {
		a, b := fakeRun("A", right), fakeRun("B", right)
		for _, d := range []RunData{a, b} {
			d.Samples["fake"][3].Marks[0].Stat = metrics.Stat{v}
			d.Run.Scores[0].Values = []results.Value{}
		}
		c := compared(t, a, b, func(o *Options) { o.Metric = accuracy })
		require.Equal(t, Incomparable, c.Tasks[0].Verdict)
		assert.Contains(t, c.Tasks[0].Mismatch.Error(), "score of document 3 (acc is from 0 to 1)")
	}
}

// By hand: at 5 % discordance, two-sided 0.05, Connor's n of a loss of 2 points is 977; ruling out takes 773.
func TestPlan(t *testing.T) {
	p, err := NewPlan(0.02, 0.05, 1, []float64{0.05})
	require.NoError(t, err)
	assert.InEpsilon(t, 977, p.Rows[0].Find, 0.03)
	assert.InEpsilon(t, 773, p.Rows[0].Show, 0.01)
	assert.GreaterOrEqual(t, newPairedPower(p.Rows[0].Find, 0.025, 0, false, newFactorials(p.Rows[0].Find)).found(0.035, 0.015), power)
	more, err := NewPlan(0.02, 0.05, 14, []float64{0.05})
	require.NoError(t, err)
	assert.Greater(t, more.Rows[0].Find, p.Rows[0].Find)
	assert.Equal(t, p.Rows[0].Show, more.Rows[0].Show, "every task alone")
	for _, bad := range [][2]float64{{0, 0.1}, {0.01, 0}, {0.01, 1.5}} {
		_, err := NewPlan(bad[0], 0.05, 1, []float64{bad[1]})
		assert.Error(t, err)
	}
}
