package bbh

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Later(t, "bbh")
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	golden.SubjectRequests(t, New(), dir, records)
}

const (
	good   = `{"subject":"snarks","input":"i","target":"(A)"}`
	prompt = `{"subject":"snarks","text":"canary\n-----\nAbout.\n\nQ: a\nA: b\n\nQ: c\nA: d\n"}`
)

func TestRecords(t *testing.T) {
	docs, err := New().Docs(golden.Source{"test": {good}, "prompts": {prompt}}, 3, tasks.Unlimited{})
	require.NoError(t, err)
	require.Equal(t, "About.\nQ: a\nA: b\n\nQ: c\nA: d\n\nQ: i\nA: Let's think step by step.", New().Requests(docs[0], nil)[0].Prompt)
	for want, src := range map[string]golden.Source{
		"field target is empty":            {"test": {`{"subject":"snarks","input":"i","target":""}`}, "prompts": {prompt}},
		"there is no text of examples for": {"test": {`{"subject":"snakes","input":"i","target":"x"}`}, "prompts": {prompt}},
		"the text of snarks has no line":   {"test": {good}, "prompts": {`{"subject":"snarks","text":"x"}`}},
		"no such split":                    {"test": {good}},
	} {
		_, err := New().Docs(src, 3, tasks.Unlimited{})
		require.ErrorContains(t, err, want)
	}
	_, err = New().Docs(golden.Source{"test": {good}, "prompts": {prompt}}, 0, tasks.Unlimited{})
	require.ErrorContains(t, err, "0 shots: the reference's 3 examples are part of its text")
}
