package jemhopqa

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "jemhopqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"qid":"a","question":"q","answer":"YES"}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "dev", good, map[string]string{
		good:                                     `id "a" is also that of record 1`,
		`{"qid":"b","question":"q"}`:             "field answer is missing",
		`{"qid":"b","question":"q","answer":""}`: "field answer is empty",
		`{"qid":"b","question":"q","answer":40466}`: "field answer is the number 40466, want a string",
	})
	golden.MissingSplits(t, New(), "dev", "train", good)
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "jemhopqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New13(), dir, records, tasks.Unlimited{})
}
