package jcommonsenseqa

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "jcommonsenseqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"q_id":1,"question":"q","choice0":"a","choice1":"b","choice2":"c","choice3":"d","choice4":"e","label":2}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "validation", good, map[string]string{
		good: `id "1" is also that of record 1`,
		`{"q_id":2,"question":"q","choice0":"a","choice1":"b","choice2":"c","choice3":"d","label":2}`:               "field choice4 is missing",
		`{"q_id":2,"question":"q","choice0":"a","choice1":"b","choice2":"c","choice3":"d","choice4":"","label":2}`:  "field choice4 is empty",
		`{"q_id":2,"question":"q","choice0":"a","choice1":"b","choice2":"c","choice3":"d","choice4":"e","label":5}`: "the answer is choice 6 of 5",
		`{"q_id":"2","question":null}`: "field q_id is a string, want a whole number",
		`{"q_id":2,"question":null}`:   "field question is null",
	})
	golden.MissingSplits(t, New(), "validation", "train", good)
}

func TestPrompt(t *testing.T) {
	docs, err := New().Docs(golden.Source{"validation": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Contains(t, New().Requests(docs[0], nil)[0].Prompt, "\n質問：q\n選択肢：0.a,1.b,2.c,3.d,4.e\n")
	require.Equal(t, []string{"2"}, docs[0].Targets)
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "jcommonsenseqa")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New13(), dir, records, tasks.Unlimited{})
}
