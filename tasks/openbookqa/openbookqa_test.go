package openbookqa

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "openbookqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"id":"1","question":{"stem":"s","choices":[{"text":"a","label":"A"},{"text":"bb","label":"B"}]},"answerKey":" B "}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "test", good, map[string]string{
		good: `id "1" is also that of record 1`,
		`{"id":"2","question":{"stem":"s","choices":[{"text":"a"},{"text":"b"}]},"answerKey":"C"}`:  `the answer "C" is none of the 2 choices`,
		`{"id":"2","question":{"stem":"s","choices":[{"text":"a"},{"text":"b"}]},"answerKey":"AB"}`: `the answer "AB" is none of the 2 choices`,
		`{"id":"2","question":{"stem":"s","choices":[]},"answerKey":"A"}`:                           `the answer "A" is none of the 0 choices`,
		`{"id":"2","question":{"stem":"s","choices":[{"text":"a"},{"label":"B"}]},"answerKey":"A"}`: "field question.choices[1].text is missing",
		`{"id":"2","question":"s","answerKey":"A"}`:                                                 "field question is a string, want an object",
		`{"id":"2","question":{"stem":"s","choices":[{"text":"a"}]}}`:                               "field answerKey is missing",
	})
	golden.MissingSplits(t, New(), "test", "train", good)
}

func TestOutputs(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, docs[0].Targets)
	require.Equal(t, []string{"0", "1"}, New().Outputs(docs[0], []tasks.Response{{LogProb: -1}, {LogProb: -1.5}}))
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "openbookqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New04(), dir, records, tasks.Unlimited{})
}
