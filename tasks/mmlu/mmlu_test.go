package mmlu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Later(t, "mmlu")
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	golden.SubjectRequests(t, New(), dir, records)
}

const good = `{"question":" q ","subject":"anatomy","choices":["a","b","c","d"],"answer":2}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "test", good, map[string]string{
		`{"question":"q","subject":"anatomy","choices":["a","b","c"],"answer":2}`:     "field choices has 3 elements, want 4",
		`{"question":"q","subject":"anatomy","choices":["a","b","c","d"],"answer":4}`: "the answer is choice 5 of 4",
		`{"question":"q","subject":"alchemy","choices":["a","b","c","d"],"answer":0}`: `there is no subject "alchemy"`,
		`{"subject":"anatomy","choices":["a","b","c","d"],"answer":0}`:                "field question is missing",
		`{"question":"q","subject":"anatomy","choices":["a","b",7,"d"],"answer":0}`:   "field choices[2] is the number 7, want a string",
	})
	golden.MissingSplits(t, New(), "test", "dev", good)
	_, err := New().Docs(golden.Source{"test": {good}, "dev": {good}}, 6, tasks.Unlimited{})
	require.ErrorContains(t, err, "the reference has 0 to 5")
}

// TestGroups: the four groups are the harness's by their sizes in the data set's published counts, and a document counts in its own.
func TestGroups(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	docs, err := New().Docs(dir, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 14042)
	sizes := map[string]int{}
	for _, d := range docs {
		sizes[groupOf(d.Subject)]++
	}
	require.Equal(t, map[string]int{"stem": 3153, "other": 3107, "social_sciences": 3077, "humanities": 4705}, sizes)
}

func TestOutputs(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	responses := []tasks.Response{{LogProb: -2}, {LogProb: -1}, {LogProb: -1}, {LogProb: -3}}
	require.Equal(t, []string{"1", "", "", "", "1"}, New().Outputs(docs[0], responses), "the first of equals")
	stem := New().Spec().Metrics[4]
	require.Equal(t, "acc_stem", stem.Name)
	require.InDelta(t, 0.5, stem.Score([]metrics.Stat{stem.Each("2", docs[0].Targets), stem.Each("", docs[0].Targets), stem.Each("1", docs[0].Targets)}), 0)
}
