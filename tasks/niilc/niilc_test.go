package niilc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "niilc")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"id":"a","text":"q","answers":["x",null,"y"]}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "test", good, map[string]string{
		good:                                     `id "a" is also that of record 1`,
		`{"id":"b","text":null,"answers":["x"]}`: "field text is null",
		`{"id":"b","text":"q"}`:                  "field answers is missing",
		`{"id":"b","text":"q","answers":[null]}`: "there is no answer",
		`{"id":"b","text":"q","answers":[]}`:     "there is no answer",
		`{"id":"b","text":"q","answers":[5]}`:    "field answers[0] is the number 5, want a string",
	})
	golden.MissingSplits(t, New(), "test", "dev", good)
}

func TestAnswers(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good, `{"id":"b","text":"q","answers":["-"]}`, `{"id":"c","text":"q","answers":["①"]}`}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 2, "a question without an answer is left out")
	require.Equal(t, "x,y", docs[0].Target)
	require.Equal(t, []string{"1"}, docs[1].Targets)
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "niilc")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New13(), dir, records, tasks.Unlimited{})
}
