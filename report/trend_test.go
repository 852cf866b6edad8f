package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
)

// line are runs of one model line: equal but for the last but one, which is much worse, and a last one that lacks a task.
func line(t testing.TB, documents int) []compare.RunData {
	t.Helper()
	var runs []compare.RunData
	for i, worse := range []float64{0, 0, 0, 0, 0, 0, 0.5, 0} {
		m := made{digest: "1a", documents: documents, worse: worse, tasks: []string{"jcommonsenseqa", "mgsm", "gsm8k", "hellaswag"}}
		if i == 7 {
			m.tasks = m.tasks[:3]
		}
		r := m.run(t, fmt.Sprintf("results/iter_%04d", 1000*(i+1)))
		r.Run.Model.Digest = fmt.Sprintf("sha256:%064d", i)
		runs = append(runs, r)
	}
	return runs
}

func trendOf(t testing.TB, runs []compare.RunData) *Trend {
	t.Helper()
	trend, err := NewTrend(len(runs), Options{Metric: findMetric})
	require.NoError(t, err)
	for _, r := range runs {
		require.NoError(t, trend.Add(r))
	}
	return trend
}

// Every run has its cell or a hole, the steps down and up are found at the steps' share of the error, and nothing else.
func TestTrend(t *testing.T) {
	runs := line(t, 300)
	f, err := trendOf(t, runs).finish()
	require.NoError(t, err)
	assert.InDelta(t, 0.05/7, f.Alpha, 1e-12)
	require.Len(t, f.Runs, 8)
	assert.Equal(t, "iter_3000", f.Runs[2].Name)
	byTask := map[string]trendTask{}
	for _, row := range f.Tasks {
		require.Len(t, row.Cells, 8)
		require.Len(t, row.Steps, 8)
		byTask[row.Task+row.Language] = row
	}
	steps := byTask["jcommonsenseqaja"].Steps
	assert.Equal(t, []string{"", "identical", "identical", "identical", "identical", "identical", "regressed", "improved"}, steps)
	hellaswag := byTask["hellaswagen"]
	assert.Nil(t, hellaswag.Cells[7], "the last run lacks the task")
	assert.NotNil(t, hellaswag.Cells[6])
	require.Contains(t, byTask, "ja", "every run has both Japanese tasks: there is a mean of them")
	assert.InDelta(t, (byTask["jcommonsenseqaja"].Cells[3].Score+byTask["mgsmja"].Cells[3].Score)/2, byTask["ja"].Cells[3].Score, 1e-12)
	assert.NotContains(t, byTask, "en")

	other := runs[1]
	other.Run.Profile = "swallow-2024"
	trend, err := NewTrend(2, Options{Metric: findMetric})
	require.NoError(t, err)
	require.NoError(t, trend.Add(runs[0]))
	var mismatch *compare.Mismatch
	assert.True(t, errors.As(trend.Add(other), &mismatch))
	_, err = trend.finish()
	assert.ErrorContains(t, err, "a trend of 2 runs has 1")
	_, err = NewTrend(1, Options{Metric: findMetric})
	assert.ErrorContains(t, err, "at least two runs")
}

// trendInThePage looks at a chart a task, the marked steps, and the table that needs no script.
func trendInThePage(t *testing.T, chromium context.Context) {
	runs := line(t, 300)
	o := madeOptions(2)
	o.Trend = trendOf(t, runs)
	var page bytes.Buffer
	require.NoError(t, Write(&page, []compare.RunData{runs[0], runs[7]}, o))
	assert.Contains(t, page.String(), "iter_7000")
	file := filepath.Join(t.TempDir(), "line.html")
	require.NoError(t, os.WriteFile(file, page.Bytes(), 0o644))
	b := open(t, chromium, file)
	assert.EqualValues(t, 5, b.eval(`document.querySelectorAll("#trend-charts svg").length`), "four tasks and a mean")
	assert.EqualValues(t, 5*8-1, b.eval(`document.querySelectorAll("#trend-charts svg [aria-label=dot] circle").length`), "a dot a run and row, but of the task that the last run lacks")
	assert.Contains(t, b.text("#trend table"), "8 iter_8000")
	assert.GreaterOrEqual(t, b.eval(`document.querySelectorAll("#trend table .verdict.regressed").length`), float64(1))
	assert.Equal(t, true, b.eval(`document.querySelector("#trend-charts").getBoundingClientRect().right <= window.innerWidth`))
	if dir := os.Getenv("SWALLOW_EVAL_SHOTS"); dir != "" {
		b.eval(`document.getElementById("trend").scrollIntoView()`)
		b.shot(dir, "trend")
	}
	b.quiet()
}
