package verify

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestBenchmarks looks at data, at requests, or at both; invented data prove nothing, and an empty folder fails.
func TestBenchmarks(t *testing.T) {
	p := suite.Default()
	chosen, err := suite.Select(p, []string{"gsm8k"})
	require.NoError(t, err)
	invented, err := smokedata.Open()
	require.NoError(t, err)
	counts := map[string]int{}
	for _, what := range []string{"data", "tasks", "all"} {
		list, err := Benchmarks(t.Context(), what, p, chosen, invented, "")
		require.NoError(t, err)
		require.NotEmpty(t, list)
		counts[what] = len(list)
		assert.NoError(t, Problem(list, false))
		assert.Error(t, Problem(list, true))
	}
	assert.Equal(t, counts["data"]+counts["tasks"], counts["all"])

	dir := t.TempDir()
	empty, err := datasets.OpenAs(datasets.Manifest(), dir, true)
	require.NoError(t, err)
	list, err := Benchmarks(t.Context(), "data", p, chosen, empty, dir)
	require.NoError(t, err)
	assert.ErrorContains(t, Problem(list, false), "checks did not hold: gsm8k")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Benchmarks(ctx, "tasks", p, chosen, empty, dir)
	assert.ErrorIs(t, err, context.Canceled)
}

// TestWrite: a verdict is a row, advice stands below, and neither breaks a line.
func TestWrite(t *testing.T) {
	var b strings.Builder
	require.NoError(t, Write(&b, []Verdict{{Subject: "s", Result: Different, Check: "c", Detail: "first\nsecond", Advice: "do\nthat"}, {Subject: "t", Result: Identical, Check: "d"}}))
	assert.Contains(t, b.String(), "c: first; second")
	assert.Contains(t, b.String(), "\n* s: do; that\n")
	assert.NotContains(t, b.String(), "* t")
}

// TestProblem counts all, and names the first few.
func TestProblem(t *testing.T) {
	var list []Verdict
	for _, s := range strings.Split("aabcdefg", "") {
		list = append(list, Verdict{Subject: s, Result: Different, Failed: true})
	}
	list = append(list, Verdict{Subject: "x", Unproven: true, Result: NotCheckable})
	assert.EqualError(t, Problem(list, false), "8 of 9 checks did not hold: a (different), b (different), c (different), d (different), e (different) and 2 more")
	assert.EqualError(t, Problem(list[8:], true), "1 of 1 checks did not hold: x (not checkable)")
	assert.NoError(t, Problem(list[8:], false))
}
