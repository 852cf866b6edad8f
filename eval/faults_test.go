package eval

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestFaultD6ClockGoesBackwards: no result depends on the clock, only the two dates of the manifest show it.
func TestFaultD6ClockGoesBackwards(t *testing.T) {
	var want string
	for _, step := range []time.Duration{time.Second, -time.Hour, 0} {
		m, o := setup(sums{name: "sums", n: 9})
		now := time.Unix(1e9, 0)
		o.Now = func() time.Time { now = now.Add(step); return now }
		run, err := Run(context.Background(), newOracle(1), o)
		require.NoError(t, err)
		assert.Equal(t, step < 0, run.Finished.Before(run.Started))
		if want == "" {
			want = m.files["sums"].String()
		}
		assert.Equal(t, want, m.files["sums"].String())
		assert.Equal(t, "complete", run.Status)
	}
}

// unsound answers with log-probabilities that are no numbers.
type unsound struct {
	*oracle
	value float64
}

func (u unsound) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	return u.oracle.Do(ctx, qs, func(i int, r tasks.Response) error {
		r.LogProb = u.value
		return done(i, r)
	})
}

// TestFaultD9NotANumber: a value that JSON has no word for ends the task with an error that names it; it is in no file.
func TestFaultD9NotANumber(t *testing.T) {
	for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		m, o := setup(sums{name: "sums", n: 3})
		run, err := Run(context.Background(), unsound{newOracle(1), value}, o)
		require.ErrorContains(t, err, "sums: ")
		require.ErrorContains(t, err, "unsupported value")
		assert.Equal(t, "incomplete", run.Status)
		assert.NotEmpty(t, run.Scores[0].Hole)
		assert.Empty(t, run.Scores[0].Values)
		assert.Empty(t, m.files["sums"].String())
		require.NoError(t, folder.WriteRun(t.TempDir(), run))
	}
	dir := t.TempDir()
	run := results.Run{SchemaVersion: 1, Scores: []results.Score{{Task: "x", Values: []results.Value{{Metric: "acc", Value: math.NaN(), Max: 1}}}}}
	require.ErrorContains(t, folder.WriteRun(dir, run), "unsupported value: NaN")
	_, err := results.ReadRun(dir)
	require.Error(t, err, "nothing was written")
}
