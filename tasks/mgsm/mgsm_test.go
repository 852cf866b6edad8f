package mgsm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "mgsm")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

// TestReduction compares the loop that draws again with fewer examples, under a tokenizer of code points.
func TestReduction(t *testing.T) {
	records := golden.Records(t, "mgsm_reduced")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	byLength := map[int][]golden.Record{}
	for _, r := range records {
		byLength[r.MaxLength] = append(byLength[r.MaxLength], r)
	}
	for length, rs := range byLength {
		golden.Requests(t, New(), dir, rs, golden.CodePoints(length))
	}
}
