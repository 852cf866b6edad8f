package math

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Later(t, "math")
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	docs, err := New().Docs(dir, 4, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 500)
	for _, rec := range records {
		d := docs[rec.Position]
		got := New().Requests(d, tasks.Unlimited{})
		require.Len(t, got, 1)
		require.Equal(t, *rec.Requests[0].Context, got[0].Prompt)
		require.Equal(t, rec.Requests[0].Until, got[0].Stop)
		require.Equal(t, rec.Requests[0].MaxGenToks, got[0].MaxTokens)
		require.Contains(t, string(rec.Target), `"answer"`)
		require.Equal(t, golden.Field(t, rec.Target, "answer"), d.Targets[0])
	}
}

const good = `{"problem":"p","solution":"so \\boxed{\\frac12}","answer":"x","subject":"Algebra"}`

func TestRecords(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good}}, 4, nil)
	require.NoError(t, err)
	require.Equal(t, []string{`\frac{1}{2}`}, docs[0].Targets, "of the solution, not of the field answer")
	for want, row := range map[string]string{
		"field solution has no answer": `{"problem":"p","solution":"none","subject":"x"}`,
		"field problem is empty":       `{"problem":"","solution":"\\boxed{1}","subject":"x"}`,
		"field subject is missing":     `{"problem":"p","solution":"\\boxed{1}"}`,
	} {
		_, err := New().Docs(golden.Source{"test": {row}}, 4, nil)
		require.ErrorContains(t, err, want)
	}
	_, err = New().Docs(golden.Source{"test": {good}}, 0, nil)
	require.ErrorContains(t, err, "0 shots: the reference's 4 examples are part of its text")
}
