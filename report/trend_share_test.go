package report

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
)

// TestStepsShareTheError: a step that one comparison alone would call worse, and that the first of two steps may not, is not
// called worse in a trend of three runs.
func TestStepsShareTheError(t *testing.T) {
	run := func(worse float64, digest int) compare.RunData {
		r := made{digest: "1a", documents: 300, worse: worse, tasks: []string{"gsm8k"}}.run(t, "r")
		r.Run.Model.Digest = fmt.Sprintf("sha256:%064d", digest)
		return r
	}
	verdict := func(a, b compare.RunData, alpha float64) compare.Verdict {
		p, err := compare.Pair(a, b)
		require.NoError(t, err)
		o := compare.Defaults(findMetric)
		o.Alpha = alpha
		c, err := compare.Compare(p, o)
		require.NoError(t, err)
		return c.Tasks[0].Verdict
	}
	before := run(0, 0)
	for worse := 0.002; worse < 0.6; worse += 0.002 {
		after := run(worse, 2)
		alone, shared := verdict(before, after, 0.05), verdict(before, after, 0.025)
		if alone == shared {
			continue
		}
		require.Equal(t, compare.Regressed, alone)
		f, err := trendOf(t, []compare.RunData{run(0, 1), before, after}).finish()
		require.NoError(t, err)
		assert.Equal(t, string(shared), f.Tasks[0].Steps[2])
		return
	}
	t.Fatal("no loss lies between the two levels")
}
