package gsm8k

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "gsm8k")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"question":"q","answer":"2+3=<<2+3=5>>1,005\n#### 1,005"}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "test", good, map[string]string{
		`{"question":"q"}`:                     "field answer is missing",
		`{"question":"q","answer":""}`:         "field answer is empty",
		`{"question":"","answer":"#### 1"}`:    "field question is empty",
		`{"question":"q","answer":"####1"}`:    `field answer holds no "#### " with a number`,
		`{"question":["q"],"answer":"#### 1"}`: "field question is an array, want a string",
		`[]`:                                   "not a JSON object",
	})
	golden.MissingSplits(t, New(), "test", "train", good)
}

func TestOutputs(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Equal(t, []string{"1005"}, docs[0].Targets)
	for text, want := range map[string]string{" so\n#### 1,005\n#### 7": "1005", "1005": "[invalid]", "#### 18.": "18."} {
		require.Equal(t, []string{want}, New().Outputs(docs[0], []tasks.Response{{Text: text}}))
	}
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "gsm8k")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New04(), dir, records, tasks.Unlimited{})
}
