package jmmlu

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Later(t, "jmmlu")
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

// TestDataStep: half of the questions, in the order that the generator gives over all subjects.
func TestDataStep(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	docs, err := New().Docs(dir, 5, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 3541)
	var shots []string
	for _, s := range docs[0].Shots {
		shots = append(shots, s.ID.String())
	}
	require.Equal(t, []string{"high_school_geography-110", "professional_psychology-51", "anatomy-96", "philosophy-24", "jurisprudence-96"}, shots)
	_, err = New().Docs(dir, 33, tasks.Unlimited{})
	require.ErrorContains(t, err, "the reference has 0 to 32")
}

func row(subject, answer string, n int) string {
	return fmt.Sprintf(`{"subject":%q,"row":%d,"question":"q","choices":["a","b","c","d"],"answer":%q}`, subject, n, answer)
}

func TestBadRecords(t *testing.T) {
	var rows []string
	for i := range 40 {
		rows = append(rows, row("anatomy", "B", i))
	}
	docs, err := New().Docs(golden.Source{"test": rows}, 5, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 4)
	for want, bad := range map[string]string{
		`the answer "E" is none of A to D`: row("anatomy", "E", 1),
		`there is no subject "alchemy"`:    row("alchemy", "A", 1),
		"field row is missing":             `{"subject":"anatomy","question":"q","choices":["a","b","c","d"],"answer":"A"}`,
		"field choices has 1 elements":     `{"subject":"anatomy","row":1,"question":"q","choices":["a"],"answer":"A"}`,
	} {
		_, err := New().Docs(golden.Source{"test": append(rows[:39:39], bad)}, 5, tasks.Unlimited{})
		require.ErrorContains(t, err, want)
	}
	_, err = New().Docs(golden.Source{"test": rows[:30]}, 5, tasks.Unlimited{})
	require.ErrorContains(t, err, "too few for the examples")
}
