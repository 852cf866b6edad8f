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

const good = `{"question":"問題：q","answer":"ステップごとの答え：a","answer_number":5}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "test", good, map[string]string{
		`{"question":"q","answer_number":null}`: "field answer_number is null",
		`{"question":"q","answer_number":1.5}`:  "field answer_number is the number 1.5, want a whole number",
		`{"question":"q","answer_number":"5"}`:  "field answer_number is a string, want a whole number",
		`{"answer_number":5}`:                   "field question is missing",
	})
	golden.MissingSplits(t, New(), "test", "train", good)
	_, err := New().Docs(golden.Source{"test": {good}, "train": {`{"question":"q","answer":null,"answer_number":5}`}}, 1, tasks.Unlimited{})
	require.EqualError(t, err, "mgsm/train: record 1: field answer is null")
}

func TestPromptsTooLongEvenAlone(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good}, "train": {good}}, 1, golden.CodePoints(256+10))
	require.NoError(t, err)
	require.Contains(t, docs[0].Fault, "ValueError: 0-shot prompt is too long for max length 10:")
	require.Empty(t, docs[0].Shots)
	require.Equal(t, "問題：q\nステップごとの答え：", New().Requests(docs[0], golden.CodePoints(1))[0].Prompt)
}

func TestOutputs(t *testing.T) {
	for text, want := range map[string]string{"5+6=11。答えは11です。": "11", "ありません": "[invalid]", "約3.5": "[invalid]"} {
		require.Equal(t, []string{want}, New().Outputs(tasks.Doc{}, []tasks.Response{{Text: text}}))
	}
}

func TestEndOfSequenceIsTheModels(t *testing.T) {
	require.Equal(t, []string{"</s>", "\n"}, New().Requests(tasks.Doc{}, nil)[0].Stop)
}
