package triviaqa

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "triviaqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"question":"q","question_id":"i","answer":{"value":"v","aliases":["v","w"]}}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "validation", good, map[string]string{
		`{"question":"q","question_id":"i","answer":{"value":"v","aliases":[]}}`:      "field answer.aliases is empty",
		`{"question":"q","question_id":"i","answer":{"value":"","aliases":["v"]}}`:    "field answer.value is empty",
		`{"question":"q","question_id":"i","answer":{"value":"v"}}`:                   "field answer.aliases is missing",
		`{"question":"q","question_id":"i","answer":null}`:                            "field answer is null",
		`{"question":"q","question_id":"i","answer":{"value":"v","aliases":["v",1]}}`: "field answer.aliases[1] is the number 1, want a string",
		`{"question":"q","answer":{"value":"v","aliases":["v"]}}`:                     "field question_id is missing",
	})
	golden.MissingSplits(t, New(), "validation", "train", good)
}

func TestAQuestionOfBothHalvesIsOneCluster(t *testing.T) {
	docs, err := New().Docs(golden.Source{"validation": {good, good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Equal(t, "i", docs[0].Cluster)
	require.Equal(t, "i", docs[1].Cluster)
	require.NotEqual(t, docs[0].ID, docs[1].ID)
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "triviaqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New04(), dir, records, tasks.Unlimited{})
}
