package squad2

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "squad2")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const (
	good       = `{"id":"1","title":"T","context":" c ","question":" q ","answers":{"text":["x","y"],"answer_start":[0,1]}}`
	unanswered = `{"id":"2","title":"T","context":"c","question":"q","answers":{"text":[],"answer_start":[]}}`
)

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "validation", good, map[string]string{
		good: `id "1" is also that of record 1`,
		`{"id":"2","context":"c","question":"q","answers":{"text":[]}}`:              "field title is missing",
		`{"id":"2","title":"T","context":"","question":"q","answers":{"text":[]}}`:   "field context is empty",
		`{"id":"2","title":"T","context":"c","question":"q","answers":{}}`:           "field answers.text is missing",
		`{"id":"2","title":"T","context":"c","question":"q","answers":[]}`:           "field answers is an array, want an object",
		`{"id":"2","title":"T","context":"c","question":"q","answers":{"text":"x"}}`: "field answers.text is a string, want an array",
	})
	golden.MissingSplits(t, New(), "validation", "train", good)
}

func TestAnsweredAndNot(t *testing.T) {
	docs, err := New().Docs(golden.Source{"validation": {good, unanswered}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 2)
	for _, d := range docs {
		if d.ID == tasks.RowID(0) {
			require.Equal(t, " x", d.Target)
			require.Equal(t, []string{"x", "y"}, d.Targets)
			require.Equal(t, "Title: T\n\nBackground:  c \n\nQuestion:  q \n\nAnswer:", New().Requests(d, nil)[0].Prompt)
		} else {
			require.Equal(t, " unanswerable", d.Target)
			require.Equal(t, []string{""}, d.Targets)
		}
	}
}

// TestScores runs outputs through the task's metrics: the text that the examples teach earns nothing.
func TestScores(t *testing.T) {
	spec := New().Spec()
	answered, not := tasks.Doc{Targets: []string{"The Cat", "dog"}}, tasks.Doc{Targets: []string{""}}
	for _, c := range []struct {
		doc   tasks.Doc
		text  string
		exact float64
	}{{answered, "cat.", 100}, {answered, "a cow", 0}, {not, "unanswerable", 0}, {not, "", 100}, {not, "the", 100}} {
		outputs := New().Outputs(c.doc, []tasks.Response{{Text: c.text}, {LogProb: math.Inf(-1)}})
		require.Len(t, outputs, len(spec.Metrics))
		m := spec.Metrics[0]
		require.Equal(t, "exact", m.Name)
		require.Equal(t, c.exact, m.Corpus(m.Each(outputs[0], c.doc.Targets), 1), "%q", c.text)
	}
}

func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "squad2")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New04(), dir, records, tasks.Unlimited{})
}
